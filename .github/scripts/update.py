"""Take in the newest version of the bot, and keep what is yours.

    python .github/scripts/update.py merge    a merge commit on the branch that is checked out
    python .github/scripts/update.py push     put it on that branch of origin

config.json, README.md, archive/ and site/ stay as they are, and so does every file in templates/ that you
changed; the rest is merged as git does it. Where you and the newest version changed the same lines of the
same file, nothing is done and the files are named. GitHub lets no workflow change the files in
.github/workflows/: in Actions they stay as they are, and the job summary says how to change them by hand.
update.yml runs both commands with a check of your config and templates in between; on your own computer
`git push` replaces the second.

Reads from the environment: GITHUB_REF_NAME (the branch), and what github.py reads.
Exit: 0 done, or nothing new; 1 nothing changed, and why.
"""

import argparse
import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from github import (
    BranchMoved,
    GitError,
    Refused,
    Unreachable,
    fail,
    fetch,
    git,
    push,
    repository_url,
    say,
    set_output,
    summarise,
    with_retries,
)
from output import scratch_index, tree_of
from refusals import RUN_AGAIN

UPSTREAM = "https://github.com/arxiv-papers-bot/arxiv-papers-bot"
ALWAYS_YOURS = ("config.json", "README.md", "archive", "site")
YOURS_IF_CHANGED = "templates"
WORKFLOWS = ".github/workflows"
MERGED_VERSION = "Bot-Version"
"""A trailer: the version that a commit took in, when GitHub refused the merge commit itself."""


class NotUpdated(Exception):
    """The text says why, and what to do."""


def merge(folder: Path) -> str | None:
    """Make the merge commit; a sentence on what came in, or None when there is nothing new."""
    if git(folder, "status", "--porcelain", "--untracked-files=no"):
        raise NotUpdated("There are changes that are not committed. Commit them first.")
    newest = with_retries(lambda: fetch(folder, UPSTREAM, "HEAD"), (Unreachable,))
    replaced = _connect_squashed_updates(folder)
    try:
        if git(folder, "rev-list", "--count", f"HEAD..{newest}").strip() == "0":
            return None
        replaced += _connect_template_copy(folder, newest)
        return _merge_keeping_yours(folder, newest)
    finally:
        for commit in replaced:
            git(folder, "replace", "--delete", commit)


def _connect_squashed_updates(folder: Path) -> list[str]:
    """Tell git, here only, which versions earlier updates took in; returns the commits to be put back."""
    form = f"--format=%H %P %(trailers:key={MERGED_VERSION},valueonly,separator=%x20)"
    log = git(folder, "log", "--first-parent", f"--grep=^{MERGED_VERSION}:", form).splitlines()
    replaced = []
    for commit, parent, version in (line.split() for line in log if len(line.split()) == 3):
        git(folder, "replace", "--graft", commit, parent, version)
        replaced.append(commit)
    return replaced


def _connect_template_copy(folder: Path, newest: str) -> list[str]:
    """Find the version that a copy without common history began with, and say so to git, here only.

    "Use this template" makes one commit that holds a version's files exactly. Returns the commits to be put
    back after the merge.
    """
    if _has_common_history(folder, newest):
        return []
    root = git(folder, "rev-list", "--max-parents=0", "HEAD").split()[-1]
    tree = git(folder, "rev-parse", f"{root}^{{tree}}").strip()
    for line in git(folder, "log", "--format=%H %T", newest).splitlines():
        version, its_tree = line.split()
        if its_tree == tree:
            git(folder, "replace", "--graft", root, version)
            return [root]
    raise NotUpdated(
        f"This repository shares no history with {UPSTREAM} and did not begin as an exact copy of it, so "
        "what is yours and what is the bot's can't be told apart. Fork the newest version at "
        f"{UPSTREAM}/fork, and copy into the fork what is yours: config.json, picks/, the templates that you "
        "changed, and archive/ without repository.txt."
    )


def _has_common_history(folder: Path, newest: str) -> bool:
    try:
        return bool(git(folder, "merge-base", "HEAD", newest))
    except GitError:
        return False


def _merge_keeping_yours(folder: Path, newest: str) -> str:
    """Make the merge commit; sentences on what came in, and what was left out."""
    base = git(folder, "merge-base", "HEAD", newest).strip()
    yours = _changed_since(folder, base, "HEAD", YOURS_IF_CHANGED)
    both = sorted(set(yours) & set(_changed_since(folder, base, newest, YOURS_IF_CHANGED)))
    try:
        git(folder, "merge", "--no-commit", "--no-ff", newest)
    except GitError as error:
        if "CONFLICT" not in str(error):
            raise
    workflows = _changed_since(folder, base, newest, WORKFLOWS) if _in_actions() else []
    for path in (*ALWAYS_YOURS, *yours, *workflows):
        _restore(folder, path)
    conflicts = _names(git(folder, "diff", "--name-only", "-z", "--diff-filter=U"))
    if conflicts:
        git(folder, "merge", "--abort")
        raise NotUpdated(_both_changed(folder, newest, conflicts))
    git(folder, "commit", "--quiet", "-m", f"Take in version {newest[:10]} of the bot")
    said = f"Version {newest[:10]} of {UPSTREAM} is merged."
    if both:
        said += f" The newest version changed these too, and yours are kept: {', '.join(both)}."
    return said + _left_out(folder, newest, "HEAD", workflows)


def _in_actions() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _both_changed(folder: Path, newest: str, conflicts: list[str]) -> str:
    said = f"You and the newest version changed the same lines of {', '.join(conflicts)}. "
    if not _in_actions():
        return f"{said}Undo your changes to them, or merge by hand: git pull {UPSTREAM}"
    steps = _clicks(folder, newest, "HEAD", conflicts)
    return (
        f"{said}To give your changes up and take the newest version, click each link, then "
        f'"Commit changes"; then {RUN_AGAIN}:\n\n{steps}\n\n'
        f"To keep both, merge on your own computer: git pull {UPSTREAM}"
    )


def _left_out(folder: Path, newest: str, own: str, workflows: Iterable[str]) -> str:
    """What the owner can click for each workflow file that the newest version changed."""
    steps = _clicks(folder, newest, own, workflows, ", but keep your times")
    if not steps:
        return ""
    return (
        "\n\nGitHub lets no workflow change files in .github/workflows/, so these are as before. The bot "
        f'runs with them as well; to have the newest, click each link, then "Commit changes":\n\n{steps}'
    )


def _clicks(folder: Path, newest: str, own: str, paths: Iterable[str], but: str = "") -> str:
    """For each file that differs, the link with which its owner makes it that of the newest version."""
    home, branch = repository_url(), quote(_branch(folder))
    steps = []
    for path in paths:
        theirs, yours = (git(folder, "ls-tree", commit, "--", path) for commit in (newest, own))
        place = quote(path)
        text = f"[the new text]({UPSTREAM}/blob/{newest}/{place}?plain=1)"
        if theirs == yours:
            continue
        if not theirs:
            steps.append(f"- [Delete {path}]({home}/delete/{branch}/{place}): the bot no longer needs it.")
        elif yours:
            steps.append(f"- [Edit {path}]({home}/edit/{branch}/{place}): replace all by {text}{but}.")
        else:
            steps.append(f"- [Create {path}]({home}/new/{branch}?filename={place}) with {text}.")
    return "\n".join(steps)


def _changed_since(folder: Path, base: str, commit: str, path: str) -> list[str]:
    return _names(git(folder, "diff", "--name-only", "-z", "--no-renames", base, commit, "--", path))


def _names(separated: str) -> list[str]:
    return separated.split("\0")[:-1]


def _restore(folder: Path, path: str) -> None:
    """Make `path` what it was before the merge: file, folder or nothing at all."""
    if git(folder, "ls-tree", "HEAD", "--", path):
        git(folder, "restore", "--source=HEAD", "--staged", "--worktree", "--", path)
    elif git(folder, "ls-files", "--", path):
        git(folder, "rm", "-r", "--force", "--quiet", "--", path)


def _branch(folder: Path) -> str:
    return os.environ.get("GITHUB_REF_NAME") or git(folder, "branch", "--show-current").strip()


def push_merge(folder: Path) -> str:
    """Put the merge commit on the branch of origin that is checked out; a sentence for the owner."""
    branch = _branch(folder)
    try:
        left_out = with_retries(lambda: _push_or_squash(folder, branch), (Unreachable,))
    except BranchMoved as error:
        raise NotUpdated(f"{branch} has changed in the meantime. Please {RUN_AGAIN}.") from error
    return "The bot is up to date." + left_out


def _push_or_squash(folder: Path, branch: str) -> str:
    """Push; what was left out, or "".

    The merge commit brings the newest version's history, in which workflow files change; one that an older
    version of this script made changes them itself. Where GitHub refuses it for that, one commit with the
    other files goes instead, and names the version.
    """
    try:
        push(folder, "HEAD", branch)
        return ""
    except Refused as error:
        parents = git(folder, "rev-list", "--parents", "-1", "HEAD").split()[1:]
        if "create or update workflow" not in str(error.__cause__) or len(parents) < 2:
            raise
    say("GitHub refuses the history of the newest version. Its files are put into one commit.")
    with scratch_index(folder, "HEAD") as index:
        git(folder, "rm", "-r", "--cached", "--quiet", "--ignore-unmatch", "--", WORKFLOWS, **index)
        if workflows := tree_of(folder, parents[0], WORKFLOWS):
            git(folder, "read-tree", f"--prefix={WORKFLOWS}/", workflows, **index)
        tree = git(folder, "write-tree", **index).strip()
    title = git(folder, "log", "-1", "--format=%s").strip()
    message = f"{title}\n\n{MERGED_VERSION}: {parents[1]}"
    push(folder, git(folder, "commit-tree", tree, "-p", parents[0], "-m", message).strip(), branch)
    changed = _changed_since(folder, parents[0], "HEAD", WORKFLOWS)
    return _left_out(folder, parents[1], parents[0], changed)


def main(argv: list[str] | None = None) -> int:
    """Exit code as the file's docstring says."""
    parser = argparse.ArgumentParser(description="Take in the newest version of the bot.")
    parser.add_argument("command", choices=("merge", "push"))
    command = parser.parse_args(argv).command
    try:
        if command == "push":
            said = push_merge(Path())
        else:
            came_in = merge(Path())
            set_output("new", "true" if came_in else "false")
            said = came_in or "There is nothing new."
    except (NotUpdated, Refused, GitError) as error:
        return fail("The bot was not updated, and nothing was changed", error)
    say(said)
    summarise(said)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
