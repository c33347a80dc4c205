"""Writes files so that all are in place or none is, each whole; and locks the folder for one run at a time.

Others may have committed to the folder: a symbolic link in place of a temporary file, the
lock or the journal is never written through.
"""

import contextlib
import fcntl
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from paperbot.errors import ArchiveError
from paperbot.redaction import redacted

log = logging.getLogger(__name__)


def write_all(root: Path, files: Mapping[str, str]) -> list[str]:
    """Put these texts in place, or none of them; the paths of those that changed, in order.

    All are written beside their targets first: a full disk shows while nothing has changed. Raises
    ArchiveError.
    """
    staged: dict[Path, Path] = {}
    try:
        for path, text in files.items():
            target, data = root / path, redacted(text).encode("utf-8", "replace")
            if not _holds(target, data):
                # A fixed name, so that killed runs leave at most one such file for each target.
                staged[target] = target.with_name(f".{target.name}.tmp")
                _write(staged[target], data)
        for target, temporary in staged.items():
            temporary.replace(target)
        for folder in {target.parent for target in staged}:
            _sync(folder)
    except OSError as error:
        for temporary in staged.values():
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise ArchiveError(f"can't write {target}: {error.strerror or error}") from error
    return [target.relative_to(root).as_posix() for target in staged]


def append(path: Path, text: str) -> None:
    """Add to a file; on disk when this returns. Raises ArchiveError."""
    try:
        with _open(path, os.O_WRONLY | os.O_APPEND) as file:
            file.write(text.encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ArchiveError(f"can't write {path}: {error.strerror or error}") from error


@contextlib.contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Hold the folder for this run. Raises ArchiveError if another run holds it, or it can't be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _open(folder / ".lock", os.O_WRONLY)
    except OSError as error:
        hint = "Make the folder writable, or name another with --root. Nothing was changed."
        raise ArchiveError(f"can't write into {folder}: {error.strerror or error}. {hint}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveError(f"another run is at work in {folder}; wait until it has ended") from None
        except OSError as error:  # some network folders have no locks; there, nothing keeps two runs apart
            log.warning("can't lock %s (%s); don't start two runs at a time", folder, error.strerror)
        yield


def _holds(target: Path, data: bytes) -> bool:
    try:
        return target.read_bytes() == data
    except FileNotFoundError:
        return False


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with _open(path, os.O_WRONLY | os.O_EXCL) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _open(path: Path, flags: int) -> BinaryIO:
    """Created if it is not there; not opened if it is a symbolic link."""
    return os.fdopen(os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o666), "ab")


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
