"""After a run: commit what it wrote to the branch that it runs on.

    python .github/scripts/publish.py [--root .]

Only README.md, archive/ and site/ below the root are committed, and of these only the files that the run
changed. They are put, whole, on top of the branch as it is now: a branch that moved while the bot was
reading papers is no conflict, and no two pages are ever mixed. The working tree and its index stay as
they are. Works in a checkout of depth 1.

Reads from the environment: GITHUB_REF_NAME (the branch), PAPERBOT_SHOWN and PAPERBOT_SUMMARISED (the
run's figures, for the commit message), GITHUB_SERVER_URL and GITHUB_REPOSITORY (for a link), and what
github.py reads.
Exit: 0 committed, or nothing to commit; 1 not committed, and why.
"""

import argparse
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
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
    summarise,
)

PUBLISHED = ("README.md", "archive", "site")
HIDDEN = ":(exclude,glob)**/.*"
"""Locks, temporary files and the journal of a run that was killed."""
PAUSES_SECONDS = (1, 4, 10, 20)
"""Between tries; one more try than there are pauses."""

DAY_PAGE = re.compile(r"archive/[0-9]{4}/([0-9]{4}-[0-9]{2}-[0-9]{2})\.md$")


class NotPublished(Exception):
    """The text says why, and what the owner of the repository can do."""


def changed_files(root: Path) -> dict[str, str]:
    """What the run changed: path from the top of the repository -> its line for `git update-index`."""
    with tempfile.TemporaryDirectory() as scratch:
        index = {"GIT_INDEX_FILE": f"{scratch}/index"}
        git(root, "read-tree", "HEAD", **index)
        known = [path for path in PUBLISHED if (root / path).exists() or git(root, "ls-files", path, **index)]
        if known:
            # By force: the .gitignore of a repository that is no fork may well name a folder site/.
            git(root, "add", "--all", "--force", "--", *known, HIDDEN, **index)
        raw = git(root, "diff-index", "--cached", "-z", "--no-renames", "HEAD", **index)
    fields = raw.split("\0")[:-1]
    return {path: _index_line(change, path) for change, path in zip(fields[::2], fields[1::2], strict=True)}


def _index_line(change: str, path: str) -> str:
    """`:100644 100644 OLD NEW M` becomes `100644 NEW<tab>path`; mode 0 takes the path out."""
    _, mode, _, blob, _ = change.split()
    return f"{mode.lstrip('0') or '0'} {blob}\t{path}\0"


def commit_on_top(root: Path, tip: str, lines: Iterable[str], message: str) -> str | None:
    """A commit of the changed files on top of `tip`; None when `tip` has them already."""
    with tempfile.TemporaryDirectory() as scratch:
        index = {"GIT_INDEX_FILE": f"{scratch}/index"}
        git(root, "read-tree", tip, **index)
        git(root, "update-index", "-z", "--index-info", feed="".join(lines), **index)
        tree = git(root, "write-tree", **index).strip()
    if tree == git(root, "rev-parse", f"{tip}^{{tree}}").strip():
        return None
    return git(root, "commit-tree", tree, "-p", tip, "-m", message).strip()


def publish(
    root: Path,
    branch: str,
    changes: Mapping[str, str],
    message: str,
    sleep: Callable[[float], None] = time.sleep,
) -> str | None:
    """Commit and push; the commit's hash, or None when the branch has it all already."""
    for pause_seconds in (*PAUSES_SECONDS, None):
        try:
            git(root, "fetch", "--depth=1", "origin", f"refs/heads/{branch}")
            tip = git(root, "rev-parse", "FETCH_HEAD").strip()
            commit = commit_on_top(root, tip, changes.values(), message)
            if commit:
                push(root, commit, branch)
            return commit
        except PushRefused as refused:
            say(str(refused))
            raise NotPublished(explain_refusal(str(refused), branch)) from refused
        except (BranchMoved, GitError) as error:
            say(str(error))
            if pause_seconds is None:
                tries = len(PAUSES_SECONDS) + 1
                raise NotPublished(f"It was tried {tries} times. The last answer: {error}") from error
            sleep(pause_seconds)
    raise AssertionError("the last try returns or raises")


def commit_message(paths: Iterable[str], environ: Mapping[str, str]) -> str:
    """From file names and figures alone: nothing that a paper or a model wrote."""
    days = sorted(found[1] for path in paths if (found := DAY_PAGE.search(path)))
    if not days:
        return "Update the page: no new papers"
    figures = [
        f"{count} {what}"
        for variable, what in (("PAPERBOT_SHOWN", "shown"), ("PAPERBOT_SUMMARISED", "summarised"))
        if (count := environ.get(variable, "")).isascii() and count.isdigit()
    ]
    return f"Digest of {days[-1]}" + (": " + ", ".join(figures) if figures else "")


def _keep_in_summary(root: Path, reason: str) -> None:
    page = root / "README.md"
    summarise(f"## The digest was not committed\n\n{reason}\n\nIt is kept with this run, and here:\n")
    summarise(page.read_text("utf-8") if page.exists() else "(no page)")


def main(argv: list[str] | None = None) -> int:
    """Exit code as the file's docstring says."""
    parser = argparse.ArgumentParser(description="Commit README.md, archive/ and site/.")
    parser.add_argument("--root", type=Path, default=Path())
    root = parser.parse_args(argv).root
    branch = os.environ["GITHUB_REF_NAME"]
    try:
        changes = changed_files(root)
        message = commit_message(changes, os.environ)
        commit = publish(root, branch, changes, message) if changes else None
    except (NotPublished, GitError) as error:
        annotate("error", "The digest was not committed", str(error))
        _keep_in_summary(root, str(error))
        return 1
    if commit:
        link = f"{os.environ['GITHUB_SERVER_URL']}/{os.environ['GITHUB_REPOSITORY']}/commit/{commit}"
        say(f"Committed {commit[:10]} to {branch}: {message}")
        summarise(f"Committed to `{branch}`: [{message}]({link})")
    else:
        say("Nothing to commit.")
        summarise("Nothing to commit.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
