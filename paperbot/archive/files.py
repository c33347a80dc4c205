"""Files that are all in place or all as before, each whole, and one run at a time in a folder."""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from paperbot.errors import ArchiveError


def write_all(root: Path, files: Mapping[str, str]) -> list[str]:
    """Put these texts in place, or none of them; the paths of those that were not there already, in order.

    All are written beside their places first: a full disk shows while nothing has changed. Raises
    ArchiveError.
    """
    staged: dict[Path, Path] = {}
    try:
        for path, text in files.items():
            place, data = root / path, text.encode("utf-8", "replace")
            if not _holds(place, data):
                # One name for each place, so that a killed run leaves one file at most.
                staged[place] = place.with_name(f".{place.name}.tmp")
                _write(staged[place], data)
        for place, temporary in staged.items():
            temporary.replace(place)
        for folder in {place.parent for place in staged}:
            _sync(folder)
    except OSError as fault:
        for temporary in staged.values():
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise ArchiveError(f"can't write {place}: {fault.strerror or fault}") from fault
    return [place.relative_to(root).as_posix() for place in staged]


def _holds(place: Path, data: bytes) -> bool:
    try:
        return place.read_bytes() == data
    except FileNotFoundError:
        return False


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextlib.contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Hold the folder for this run. Raises ArchiveError if another holds it, or it can't be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as fault:
        cure = "Make the folder writable, or name another with --root. Nothing was changed."
        raise ArchiveError(f"can't write into {folder}: {fault.strerror or fault}. {cure}") from fault
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveError(f"another run is at work in {folder}; wait until it has ended") from None
        yield
