"""What a run left below the root: its list of written files, and how they become lines of a git index."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from github import Refused, git
from refusals import RUN_AGAIN

OWNER_FILE = "archive/repository.txt"
"""Whose archive it is: written before the run, by start_archive.py."""
MANIFEST = "archive/.run.json"
ON_MAIN = ("README.md", "archive")
SITE = "site"


@dataclass(frozen=True, slots=True)
class Output:
    """Paths from the root."""

    archive: tuple[str, ...]
    """README.md and files in archive/."""
    site: tuple[str, ...]
    site_branch: str | None
    """Where the site goes; None for the branch of the archive."""


def read_output(root: Path) -> Output:
    """What the run's list names, without anything outside of README.md, archive/ and site/."""
    try:
        manifest = json.loads((root / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        return Output((), (), None)
    paths = [path for path in manifest["written"] if _is_published(PurePosixPath(path))]
    site = tuple(path for path in paths if path.startswith(SITE + "/"))
    archive = {OWNER_FILE, *paths}.difference(site)
    return Output(tuple(sorted(archive)), site, manifest["site_branch"])


def _is_published(path: PurePosixPath) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)  # and `..`
    return not hidden and (str(path) == "README.md" or path.parts[0] in ("archive", SITE))


def refuse_outside(root: Path, paths: Iterable[str]) -> None:
    """Raise Refused where a file would be read or written outside of the repository, as through a link."""
    top = Path(git(Path(), "rev-parse", "--show-toplevel").strip())
    folder = Path(os.path.relpath(root.absolute(), top))
    if folder.parts[:1] == ("..",):
        raise Refused(
            f"The folder {root} is outside of the repository. In the workflow file name one inside of it as "
            "the input `root`."
        )
    for path in (*ON_MAIN, SITE, *paths):
        for place in reversed([folder / path, *(folder / path).parents]):
            if (top / place).is_symlink():
                raise Refused(
                    f"{place.as_posix()} is a symbolic link. The bot writes only into the repository itself: "
                    f"delete the link (on its page on GitHub: ... > Delete file), then {RUN_AGAIN}."
                )


@contextlib.contextmanager
def scratch_index(root: Path, tree: str = "") -> Iterator[dict[str, str]]:
    """A git index of its own that holds `tree`, or nothing: the variables that select it."""
    with tempfile.TemporaryDirectory() as scratch:
        index = {"GIT_INDEX_FILE": f"{scratch}/index"}
        git(root, "read-tree", tree or "--empty", **index)
        yield index


@dataclass(frozen=True, slots=True)
class Changes:
    """What a run changes on the branch of the archive."""

    lines: dict[str, str]
    """Path from the top of the repository -> its line for `git update-index`."""
    archive: str
    """The hash of archive/ with the changes."""


def read_changes(root: Path, written: Iterable[str], removed: Iterable[str] = ()) -> Changes:
    """What these files change in HEAD.

    Reads them from disk, ignored by git or not, and leaves the index of the checkout alone.
    """
    with scratch_index(root, "HEAD") as index:
        git(root, "update-index", "--add", "--remove", "-z", "--stdin", feed=_separated(written), **index)
        git(root, "update-index", "--force-remove", "-z", "--stdin", feed=_separated(removed), **index)
        raw = git(root, "diff-index", "--cached", "-z", "--no-renames", "HEAD", **index)
        top = git(root, "write-tree", **index).strip()
    fields = raw.split("\0")[:-1]
    lines = {path: _index_line(change, path) for change, path in zip(fields[::2], fields[1::2], strict=True)}
    return Changes(lines, tree_of(root, top, "archive"))


def _index_line(change: str, path: str) -> str:
    """`:100644 100644 OLD NEW M` becomes `100644 NEW<tab>path`; mode 0 takes the path out."""
    _, mode, _, blob, _ = change.split()
    return f"{mode.lstrip('0') or '0'} {blob}\t{path}\0"


def _separated(paths: Iterable[str]) -> str:
    return "".join(f"{path}\0" for path in paths)


def tracked(root: Path, commit: str, folder: str) -> list[str]:
    """The files of a folder in a commit, by their paths from the root."""
    return git(root, "ls-tree", "-r", "-z", "--name-only", commit, "--", f"{folder}/").split("\0")[:-1]


def text_at(root: Path, commit: str, path: str) -> str:
    """A file of a commit, by its path from the root; "" when there is none."""
    found = git(root, "ls-tree", commit, "--", path).split()
    return git(root, "cat-file", "blob", found[2]) if found and found[1] == "blob" else ""


def tree_of(root: Path, commit: str, folder: str) -> str:
    """The hash of a folder in a commit or tree; "" when there is none."""
    found = git(root, "ls-tree", commit, "--", folder).split()
    return found[2] if found else ""


def missing(root: Path, paths: Iterable[str]) -> list[str]:
    """Those that are not on disk."""
    return [path for path in paths if not (root / path).exists()]
