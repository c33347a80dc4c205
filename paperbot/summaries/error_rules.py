"""What a failure of the model's server means for the run; the rows that need no pattern to be recognised.

A row says what an error is called (`kind`), what the run does next (`action`), what the page says (`cause`),
what the owner can do (`hint`), and whether only the owner can mend it (then the exit code is 3).
"""

from dataclasses import dataclass, replace
from enum import Enum

from paperbot.model import NoSummaryReason as Kind


class Action(Enum):
    """What the run does after an error."""

    RETRY = "ask again"
    UPLOAD_AGAIN = "upload the file again"
    OTHER_SOURCE = "send the paper in another form"
    SKIP_PAPER = "give up this paper"
    STOP = "ask nothing more in this run"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. `{host}`, `{model}` and `{key}` in its texts are filled in for a server."""

    kind: Kind
    action: Action
    cause: str
    """For the page, without a full stop."""
    hint: str = ""
    """What the owner can do."""
    needs_owner: bool = False
    """Exit code 3 if no summary could be made: later runs fail in the same way."""
    attempts: int = 1
    on_exhausted: Action = Action.SKIP_PAPER
    """What follows when all attempts failed."""
    needs_more_output: bool = False
    """Another attempt may succeed with a larger limit of output tokens."""
    precise_words: str = ""
    """Pattern for a part of the body's text that says more than any code beside it: tried first."""
    codes: str = ""
    """Pattern for a whole code, type or status word of the body, in lower case, letters and digits only."""
    words: str = ""
    """Pattern for a part of the body's text, in lower case."""
    broad_codes: str = ""
    """The same as `codes` for codes that servers also give more special errors: tried after the words."""
    statuses: tuple[int, ...] = ()

    @property
    def concerns_all_papers(self) -> bool:
        """The cause lies with the server or the model, not with one paper."""
        return self.attempts > 1 or bool(self.hint)


CHECK_ADDRESS = "Check ai_summary.base_url in config.json; most addresses end in /v1."
OTHER_MODEL = "Set ai_summary.model in config.json to another model of this provider."
LATER = "The next runs make the missing summaries."
TWICE, THRICE, RATE_ATTEMPTS = 2, 3, 5

NO_FILES = Rule(
    Kind.FILE, Action.OTHER_SOURCE, "{host} takes no files", "Set ai_summary.source to auto in config.json."
)
NOT_ACCEPTED = Rule(Kind.NOT_ACCEPTED, Action.SKIP_PAPER, "{host} did not accept the request")
LONG_WAIT = Rule(Kind.RATE, Action.STOP, "{host} asks to wait {seconds:.0f} seconds", LATER)
NOT_JSON = Rule(
    Kind.NOT_A_COMPLETION,
    Action.RETRY,
    "{host} answered with something else than a completion",
    f"If this stays: {CHECK_ADDRESS}",
    attempts=THRICE,
)
BROKEN_TEXT = Rule(
    Kind.NOT_A_COMPLETION, Action.RETRY, "the answer of {host} was not valid UTF-8", attempts=TWICE
)
EMPTY = Rule(Kind.EMPTY, Action.RETRY, "{model} gave an empty answer", attempts=TWICE)
ONLY_THOUGHTS = Rule(
    Kind.EMPTY,
    Action.SKIP_PAPER,
    "{model} gave only its thoughts and no summary",
    "If this stays, set ai_summary.model to a model that does not think aloud.",
)
NO_OUTPUT_LEFT = replace(
    ONLY_THOUGHTS,
    cause="{model} used all of its output for thinking and gave no summary",
    needs_more_output=True,
)
UNFINISHED = Rule(
    Kind.UNFINISHED,
    Action.RETRY,
    "{model} did not finish its answer (it ended with: {reason})",
    "If this stays, set another ai_summary.model in config.json.",
    attempts=TWICE,
)
UNREAD_FILE = Rule(Kind.FILE, Action.OTHER_SOURCE, "{model} did not get to see the uploaded PDF")
UNREAD_TEXT = Rule(
    Kind.EMPTY,
    Action.OTHER_SOURCE,
    "{model} answered that it got no paper to read",
    "If this stays, set another ai_summary.model.",
)
TOO_LARGE = Rule(Kind.NOT_A_COMPLETION, Action.SKIP_PAPER, "{host} sent more than {megabytes:.0f} MB")
TIMED_OUT = Rule(
    Kind.TIMEOUT,
    Action.RETRY,
    "{host} did not answer within {seconds:g} seconds",
    "If this stays, set a larger ai_summary.timeout_seconds in config.json.",
    attempts=TWICE,
)
UNREACHABLE = Rule(
    Kind.UNREACHABLE,
    Action.RETRY,
    "{host} could not be reached ({why})",
    "If this stays, check ai_summary.base_url in config.json.",
    attempts=THRICE,
)
CONNECTION_LOST = Rule(
    Kind.UNREACHABLE, Action.RETRY, "the connection to {host} broke off", LATER, attempts=THRICE
)
LOCAL_SETUP = Rule(Kind.LOCAL_SETUP, Action.STOP, "{host} can't be reached: {why}", needs_owner=True)
"""What `network.diagnose` finds; its words say what to do."""
TOKEN_BUDGET = Rule(
    Kind.TOKEN_BUDGET,
    Action.SKIP_PAPER,
    "left out: one run may use {limit:,} tokens (ai_summary.max_tokens_per_run)",
)
TIME_BUDGET = Rule(
    Kind.TIME_BUDGET,
    Action.SKIP_PAPER,
    "left for the next run: one run may take {minutes:g} minutes for summaries (ai_summary.max_minutes)",
)
STOPPED = Rule(Kind.TIME_BUDGET, Action.STOP, "left for the next run: this run was asked to stop")
NO_PDF = Rule(Kind.NO_TEXT, Action.OTHER_SOURCE, "{why}")
PROMPT = Rule(Kind.OTHER, Action.SKIP_PAPER, "the prompt fails for this paper: {why}", "Correct the prompt.")
BOT_FAULT = Rule(Kind.BOT_FAULT, Action.SKIP_PAPER, "the summary {why}")
