"""What the job summary says about faults of the bot's own, with a link to a prefilled report.

It depends on no template and on nothing of rendering, since either may be what failed.
"""

import platform
from collections.abc import Sequence
from urllib.parse import quote

from paperbot import UPSTREAM_URL, VERSION
from paperbot.containment import FAULT_TEXT, Fault

MAX_BODY_CHARS = 4_000
"""GitHub refuses an address of more than about 8,000 characters, and %-codes triple the length of some."""


def fault_section(faults: Sequence[Fault]) -> str:
    """Markdown for the end of a job summary; empty without faults."""
    if not faults:
        return ""
    rows = "".join(f"- {fault.part} {FAULT_TEXT} (`{fault.exception}`)\n" for fault in faults)
    return (
        f"\n### ⚠️ A fault in the bot\n\n{rows}\n"
        f"**[Report this fault]({report_url(faults)})**: it opens a form with the bot's version and the "
        "places in its code, and nothing of yours. Press “Create” there.\n"
    )


def report_url(faults: Sequence[Fault]) -> str:
    """GitHub's form for a new issue of the bot, filled in.

    Messages of exceptions are left out: they may quote a private file. See
    https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/creating-an-issue
    """
    first = faults[0]
    places = "\n\n".join(f"{fault.exception} in {fault.part}\n{fault.places}" for fault in faults)
    versions = f"arXiv Papers Bot {VERSION}, Python {platform.python_version()}, {platform.system()}"
    body = f"{versions}\n\n```\n{places[:MAX_BODY_CHARS]}\n```\n"
    title = f"{first.exception} in {first.part}"
    return f"{UPSTREAM_URL}/issues/new?title={quote(title, safe='')}&body={quote(body, safe='')}"
