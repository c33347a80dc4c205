"""Take in the newest version of the bot, and keep what is yours.

    python .github/scripts/update.py merge    a merge commit on the branch that is checked out
    python .github/scripts/update.py push     put it on that branch of origin

config.json, README.md, archive/ and site/ stay as they are, and so does every file in templates/ that you
changed; the rest is merged as git does it. Where you and the newest version changed the same lines of the
same file, nothing is done and the files are named. update.yml runs both commands with a check of your
config and templates in between; on your own computer `git push` does instead of the second.

Reads from the environment: GITHUB_REF_NAME (the branch), and what github.py reads.
Exit: 0 done, or nothing new; 1 nothing changed, and why.
"""

import argparse
import os
from pathlib import Path

from github import (
    BranchMoved,
    GitError,
    PushRefused,
    annotate,
    explain_refusal,
    git,
    push,
    say,
    set_output,
    summarise,
)

UPSTREAM = "https://github.com/arxiv-papers-bot/arxiv-papers-bot"
ALWAYS_YOURS = ("config.json", "README.md", "archive", "site")
YOURS_IF_CHANGED = "templates"


class NotUpdated(Exception):
    """The text says why, and what to do."""


def merge(folder: Path) -> str | None:
    """Make the merge commit; a sentence on what came in, or None when there is nothing new."""
    if git(folder, "status", "--porcelain", "--untracked-files=no"):
        raise NotUpdated("There are changes that are not committed. Commit them first.")
    git(folder, "fetch", "--no-tags", UPSTREAM, "HEAD")
    newest = git(folder, "rev-parse", "FETCH_HEAD").strip()
    if git(folder, "rev-list", "--count", f"HEAD..{newest}").strip() == "0":
        return None
    root = _connect_template_copy(folder, newest)
    try:
        kept = _merge_keeping_yours(folder, newest)
    finally:
        if root:
            git(folder, "replace", "--delete", root)
    return f"Version {newest[:10]} of {UPSTREAM} is merged." + (
        f" The newest version changed these too, and yours are kept: {', '.join(kept)}." if kept else ""
    )


def _connect_template_copy(folder: Path, newest: str) -> str | None:
    """Find the version that a copy without common history began with, and say so to git, here only.

    "Use this template" makes one commit that holds a version's files exactly. Returns the commit whose
    replacement must be deleted after the merge.
    """
    if _has_common_history(folder, newest):
        return None
    root = git(folder, "rev-list", "--max-parents=0", "HEAD").split()[-1]
    tree = git(folder, "rev-parse", f"{root}^{{tree}}").strip()
    for line in git(folder, "log", "--format=%H %T", newest).splitlines():
        version, its_tree = line.split()
        if its_tree == tree:
            git(folder, "replace", "--graft", root, version)
            return root
    raise NotUpdated(
        f"This repository shares no history with {UPSTREAM} and did not begin as an exact copy of it, so "
        "what is yours and what is the bot's can't be told apart. Copy the files you want by hand."
    )


def _has_common_history(folder: Path, newest: str) -> bool:
    try:
        return bool(git(folder, "merge-base", "HEAD", newest))
    except GitError:
        return False


def _merge_keeping_yours(folder: Path, newest: str) -> list[str]:
    """The merge commit; returns the files that both sides changed and that stay yours."""
    base = git(folder, "merge-base", "HEAD", newest).strip()
    yours = _changed_since(folder, base, "HEAD", YOURS_IF_CHANGED)
    both = sorted(set(yours) & set(_changed_since(folder, base, newest, YOURS_IF_CHANGED)))
    try:
        git(folder, "merge", "--no-commit", "--no-ff", newest)
    except GitError as error:
        if "CONFLICT" not in str(error):
            raise
    for path in (*ALWAYS_YOURS, *yours):
        _restore(folder, path)
    conflicts = _names(git(folder, "diff", "--name-only", "-z", "--diff-filter=U"))
    if conflicts:
        git(folder, "merge", "--abort")
        raise NotUpdated(
            f"You and the newest version changed the same lines of {', '.join(conflicts)}. Undo your "
            f"changes to them, or merge by hand: git pull {UPSTREAM}"
        )
    git(folder, "commit", "--quiet", "-m", f"Take in version {newest[:10]} of the bot")
    return both


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


def push_merge(folder: Path) -> None:
    """Put the merge commit on the branch of origin that is checked out."""
    branch = os.environ.get("GITHUB_REF_NAME") or git(folder, "branch", "--show-current").strip()
    try:
        push(folder, "HEAD", branch)
    except BranchMoved as error:
        raise NotUpdated(f"{branch} has changed in the meantime. Run this workflow again.") from error
    except PushRefused as error:
        say(str(error))
        if "create or update workflow" not in str(error):
            raise NotUpdated(explain_refusal(str(error), branch)) from error
        raise NotUpdated(
            "The newest version brings new workflow files, and GitHub lets no workflow change those. In a "
            'fork: on the front page of your repository click "Sync fork", then "Update branch"; should it '
            "offer only to discard your commits, don't. In that case, and in a copy that is no fork: clone "
            "your repository on your own computer, run `python .github/scripts/update.py merge` in it, then "
            "`git push`."
        ) from error


def main(argv: list[str] | None = None) -> int:
    """Exit code as the file's docstring says."""
    parser = argparse.ArgumentParser(description="Take in the newest version of the bot.")
    parser.add_argument("command", choices=("merge", "push"))
    command = parser.parse_args(argv).command
    try:
        if command == "push":
            push_merge(Path())
            said = "The bot is up to date."
        else:
            came_in = merge(Path())
            set_output("new", "true" if came_in else "false")
            said = came_in or "There is nothing new."
    except (NotUpdated, GitError) as error:
        annotate("error", "The bot was not updated, and nothing was changed", str(error))
        summarise(f"The bot was not updated, and nothing was changed. {error}")
        return 1
    say(said)
    summarise(said)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
