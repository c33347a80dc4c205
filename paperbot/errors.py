"""What a user can do wrong, and what the world can do wrong. Anything else is a bug."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file of the user's, in words that say what is allowed and what to do."""

    message: str
    file: str = ""
    line: int = 0
    """Counted from 1; 0 where no line can be named."""

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return place + self.message


class UserError(Exception):
    """Wrong use or wrong config: exit 2, nothing changed."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class ExternalError(Exception):
    """The run can't be done now, through no fault of its user: exit 1, nothing changed."""


class SourceError(ExternalError):
    """arXiv gave no complete answer within the time allowed."""


class ArchiveError(ExternalError):
    """The archive on disk can't be read or written."""
