"""Bulkheads: a fault of the bot's own costs one part of a run, never the papers, the archive or README.md."""

import contextlib
import logging
import traceback
from collections.abc import Iterator
from dataclasses import dataclass

from paperbot.errors import ExternalError, UserError

log = logging.getLogger(__name__)

FAULT_TEXT = "could not be made because of a fault in the bot"
"""What the page says in the place of a part that failed, after the part's name."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An unexpected exception in one part of a run."""

    part: str
    """For example `the trend chart` or `the summary of 2512.20276`."""
    traceback: str


class Faults:
    """The faults of one run. The job summary asks the reader to report them."""

    def __init__(self) -> None:
        self._recorded: list[Fault] = []

    @property
    def recorded(self) -> tuple[Fault, ...]:
        """In the order in which they happened."""
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
        except Exception:  # noqa: BLE001 - the one place where anything may be caught: see the module's docstring
            log.exception("%s %s", part, FAULT_TEXT)
            self._recorded.append(Fault(part, traceback.format_exc()))
