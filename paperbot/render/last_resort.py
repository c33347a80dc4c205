"""A page made with nothing but the standard library, where the real page could not be made."""

import re
from collections.abc import Sequence

from paperbot.model import Entry

MAX_TITLE_CHARS = 300
MAX_PAPERS = 2_000
_ID = re.compile(r"[0-9]{4}\.[0-9]{4,5}|[a-z-]+(\.[A-Z]{2})?/[0-9]{7}")


def last_resort_page(entries: Sequence[Entry], subject: str = "") -> str:
    """A digest's papers by title, linked and with their scores, below a sentence that says why.

    `subject` is what they are papers of, by default the first one's date.
    """
    papers = "\n".join(f"1. {_line(entry)}" for entry in entries[:MAX_PAPERS])
    of_subject = f" of {subject or entries[0].digest_date}" if entries else ""
    return (
        "# arXiv Papers Bot\n\n> [!WARNING]\n"
        f"> The page could not be made because of a fault in the bot. These are the papers{of_subject} by "
        "title; the archive has the rest. The run's summary on the Actions tab has a link to report it.\n\n"
        f"{papers or 'No paper has matched so far.'}\n"
    )


def _line(entry: Entry) -> str:
    paper_id = entry.paper.id
    title = escaped_by_entities(entry.paper.title[:MAX_TITLE_CHARS]) or escaped_by_entities(paper_id)
    link = f"[{title}](https://arxiv.org/abs/{paper_id})" if _ID.fullmatch(paper_id) else title
    return f"{link} {entry.points:g}"


def escaped_by_entities(text: str) -> str:
    """Safe anywhere in Markdown and HTML: every character but letters, digits and spaces as an entity."""
    words = "".join(character if character.isprintable() else " " for character in text).split()
    return " ".join("".join(c if c.isalnum() else f"&#{ord(c)};" for c in word) for word in words)
