"""After a run: commit what it wrote, and publish its site.

    python .github/scripts/publish.py [--root .]

Only the files that the run's list names are committed (archive/.run.json): README.md and archive/ on the
branch that it runs on, the site on the branch that site.branch in the config names. The files are put, whole,
on top of the branch as it is now: a branch that moved while the bot was reading papers is no conflict, and no
two pages are ever mixed. The working tree and its index stay as they are. Works in a checkout of depth 1.

Reads from the environment: GITHUB_REF_NAME (the branch), PAPERBOT_SHOWN and PAPERBOT_SUMMARISED (the
run's figures, for the commit message), GITHUB_SERVER_URL and GITHUB_REPOSITORY (for links), and what
github.py reads.
Exit: 0 published, or nothing to publish; 1 something was not published, and why.
"""

import argparse
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from github import (
    BranchMoved,
    GitError,
    Refused,
    Unreachable,
    annotate,
    fail,
    fetch,
    git,
    push,
    repository_url,
    say,
    summarise,
    with_retries,
)
from output import (
    OWNER_FILE,
    SITE,
    Changes,
    Output,
    missing,
    read_changes,
    read_output,
    refuse_outside,
    scratch_index,
    text_at,
    tracked,
)
from site_branch import default_branch, is_moved, move_site, own_site_files, publish_site

MOVED_NOTE = """\
## The site has moved to the branch `{branch}`

So that your main branch stays small, the site and the feeds are now on a branch of their own.

- **Feed readers**: the new addresses begin with `{url}/raw/refs/heads/{branch}/`, \
such as <{url}/raw/refs/heads/{branch}/rss.xml>. The old ones hold one entry that says so.
- **GitHub Pages**, if you use it: Settings > Pages > Source "Deploy from a branch", branch `{branch}`, \
folder `/ (root)`. The addresses of your page and its feeds stay the same.
- **Vercel**, if you use it: in your project Settings > Environments > Production > Branch Tracking, \
enter `{branch}`. Its addresses stay the same.
"""
DAY_PAGE = re.compile(r"archive/[0-9]{4}/([0-9]{4}-[0-9]{2}-[0-9]{2})\.md$")


def read_main_changes(root: Path, output: Output) -> Changes:
    """What goes to the branch of the archive: the site as well, if it has no branch of its own."""
    written, removed = list(output.archive), _others_archive(root)
    moved: dict[str, str] = {}
    if output.site_branch:
        moved = move_site(root, output.site_branch)
    else:
        own = own_site_files(root)
        removed += missing(root, own) if (root / SITE).exists() else []
        foreign = set(output.site).intersection(tracked(root, "HEAD", SITE)).difference(own)
        written += sorted(set(output.site) - foreign)
        if foreign:
            annotate(
                "warning",
                "Files of yours in site/",
                f"The bot did not make {', '.join(sorted(foreign))}, and leaves them as they are. Give the "
                'site a branch of its own in the config file: "site": {"branch": "papers-site"}.',
            )
    changes = read_changes(root, written, removed)
    return replace(changes, lines=changes.lines | moved)


def _others_archive(root: Path) -> list[str]:
    """The files of an archive that start_archive.py took away, since another repository made it."""
    owner, own = text_at(root, "HEAD", OWNER_FILE).split(), (root / OWNER_FILE)
    if not owner or not own.exists() or owner[0] == own.read_text("utf-8").split()[0]:
        return []
    return missing(root, tracked(root, "HEAD", "archive"))


def commit_on_top(root: Path, tip: str, lines: Iterable[str], message: str) -> str | None:
    """A commit of the changed files on top of `tip`; None when `tip` has them already."""
    with scratch_index(root, tip) as index:
        git(root, "update-index", "-z", "--index-info", feed="".join(lines), **index)
        tree = git(root, "write-tree", **index).strip()
    if tree == git(root, "rev-parse", f"{tip}^{{tree}}").strip():
        return None
    return git(root, "commit-tree", tree, "-p", tip, "-m", message).strip()


def publish(
    root: Path,
    branch: str,
    lines: Mapping[str, str],
    message: str,
    sleep: Callable[[float], None] = time.sleep,
) -> str | None:
    """Commit and push; the commit's hash, or None when the branch has it all already.

    Raises Refused; BranchMoved or Unreachable when the last try failed.
    """

    def attempt() -> str | None:
        tip = fetch(root, "origin", f"refs/heads/{branch}")
        commit = commit_on_top(root, tip, lines.values(), message)
        if commit:
            push(root, commit, branch)
        return commit

    return with_retries(attempt, (BranchMoved, Unreachable), sleep) if lines else None


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


def _commit_digest(root: Path, output: Output) -> Changes:
    """Put the digest on the branch, and say so."""
    branch = os.environ["GITHUB_REF_NAME"]
    changes = read_main_changes(root, output)
    message = commit_message(changes.lines, os.environ)
    if commit := publish(root, branch, changes.lines, message):
        link = f"{repository_url()}/commit/{commit}"
        say(f"Committed {commit[:10]} to {branch}: {message}")
        summarise(f"Committed to `{branch}`: [{message}]({link})")
    else:
        say("Nothing to commit.")
        summarise("Nothing to commit.")
    return changes


def _publish_site(root: Path, output: Output, changes: Changes) -> None:
    """Put the site on its branch, and say what changes when it moves there."""
    branch = output.site_branch
    if not branch or not output.site:
        return
    default = with_retries(lambda: default_branch(root), (Unreachable,))
    if default not in ("", os.environ["GITHUB_REF_NAME"]):
        say(f"The site is published by runs on {default} alone.")
        return
    if commit := publish_site(root, output, changes.archive, time.sleep):
        say(f"The site is on the branch {branch}, commit {commit[:10]}.")
    if own_site_files(root) and not is_moved(root):
        summarise(MOVED_NOTE.format(branch=branch, url=repository_url()))


def main(argv: list[str] | None = None) -> int:
    """Exit code as the file's docstring says."""
    parser = argparse.ArgumentParser(description="Commit what the run wrote.")
    parser.add_argument("--root", type=Path, default=Path())
    root = parser.parse_args(argv).root
    try:
        output = read_output(root)
        refuse_outside(root, (*output.archive, *output.site))
        changes = _commit_digest(root, output)
    except (Refused, BranchMoved, GitError) as error:
        page = root / "README.md"
        code = fail("The digest was not committed", error)
        summarise("It is kept as the artifact `digest`, at the bottom of this run's page, and here:\n")
        summarise(page.read_text("utf-8") if page.is_file() and not page.is_symlink() else "(no page)")
        return code
    try:
        _publish_site(root, output, changes)
    except (Refused, BranchMoved, GitError) as error:
        return fail("The digest is committed, but not its site", error)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
