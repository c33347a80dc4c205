"""Bulkheads: a fault of the bot's own costs one part of a run, never the papers, the archive or README.md."""

import contextlib
import logging
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paperbot.errors import ExternalError, UserError

log = logging.getLogger(__name__)

FAULT_TEXT = "could not be made because of a fault in the bot"
"""What the page says instead of a part that failed, after the part's name."""
PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Fault:
    """An unexpected exception in one part of a run."""

    part: str
    """For example `The trend chart` or `The summary of 2512.20276`; never a text from outside."""
    exception: str
    """The name of its class."""
    places: str
    """The lines of code it went through, one a line, the innermost last; no text from outside."""

    @classmethod
    def of(cls, part: str, error: Exception) -> "Fault":
        """The fault without messages, which may quote a key or a private file, and without local paths."""
        places = []
        for frame in traceback.extract_tb(error.__traceback__):
            path = Path(frame.filename)
            file = path.relative_to(PACKAGE).as_posix() if path.is_relative_to(PACKAGE) else path.name
            places.append(f"{file}:{frame.lineno} {frame.name}")
        return cls(part, type(error).__name__, "\n".join(places))


class Faults:
    """The faults of one run. The job summary asks the reader to report them."""

    def __init__(self) -> None:
        self._recorded: list[Fault] = []

    @property
    def recorded(self) -> tuple[Fault, ...]:
        """The faults so far, in the order in which they happened."""
        return tuple(self._recorded)

    @contextlib.contextmanager
    def contained(self, part: str) -> Iterator[None]:
        """Leave the block at its first unexpected exception, after logging and recording it.

        A mistake of the user's and an error of the outside world pass through: they have their own words.
        """
        try:
            yield
        except (UserError, ExternalError):
            raise
        except Exception as error:  # noqa: BLE001 - the one place that may catch anything: see the module's docstring
            log.exception("%s %s", part, FAULT_TEXT)
            self._recorded.append(Fault.of(part, error))
