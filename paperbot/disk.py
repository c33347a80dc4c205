"""Files that are whole or not there: atomic writes, and one run at a time in a folder."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from paperbot.errors import ArchiveError


def write_whole(path: Path, text: str) -> bool:
    """Put the text in place in one step, whatever happens in between; False if it stood there already.

    Raises ArchiveError if the folder can't be written.
    """
    data = text.encode("utf-8", "replace")
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data)
    except OSError as fault:
        raise ArchiveError(f"can't write {path}: {fault.strerror or fault}") from fault
    return True


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.tmp")  # one name, so that a killed run leaves one at most
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Hold the folder for this run. Raises ArchiveError if another holds it, or it can't be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as fault:
        raise ArchiveError(f"can't write into {folder}: {fault.strerror or fault}") from fault
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveError(f"another run is at work in {folder}; wait until it has ended") from None
        yield
