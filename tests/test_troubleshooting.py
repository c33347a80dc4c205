"""docs/troubleshooting.md has an entry, with cause and cure, for every message in the code; and no other."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.messages import Message, messages, messages_in

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "troubleshooting.md"
LINES = [" ".join(line.replace("`", "").split()) for line in PAGE.read_text("utf-8").splitlines()]
MESSAGES = messages()
TELLING = [message for message in MESSAGES if re.search("[A-Za-z']{3}", message.text)]
"""Not `… is no …`, which is in many others."""


def entries() -> Iterator[tuple[str, str]]:
    """Both columns of each row of the tables of messages."""
    in_table = False
    for line in PAGE.read_text("utf-8").splitlines():
        in_table = line.startswith("| message |") or (in_table and line.startswith("|"))
        if in_table and not line.startswith(("| message |", "|---")):
            _, said, cure, _ = re.split(r"(?<!\\)\|", line)
            yield said.strip(), cure.strip()


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.place)
def test_a_message_has_its_entry(message: Message) -> None:
    assert any(message.pattern.search(line) for line in LINES), (
        f"docs/troubleshooting.md says nothing about {message.text!r}. Add it there with its cause and "
        "cure; or say in tests/support/messages.py why nobody reads it when something is wrong."
    )


@pytest.mark.parametrize(("said", "cure"), list(entries()))
def test_an_entry_has_a_cure_and_a_message_that_there_still_is(said: str, cure: str) -> None:
    quoted = [" ".join(text.split()) for text in re.findall("`([^`]+)`", said)]
    told = PUBLISHED_BY_WORKFLOWS + [message.pattern for message in TELLING]
    assert [text for text in quoted if not any(pattern.search(text) for pattern in told)] == []
    assert quoted
    assert len(cure) > 5


def workflow_titles() -> set[str]:
    """What workflows themselves say, on top of what the scripts say."""
    paths = (*ROOT.glob(".github/workflows/*.yml"), ROOT / "action.yml")
    return {
        title
        for path in paths
        for title in re.findall("::(?:error|warning|notice) title=([^:]+)::", path.read_text("utf-8"))
    }


PUBLISHED_BY_WORKFLOWS = [re.compile(re.escape(title)) for title in workflow_titles()]


@pytest.mark.parametrize("title", sorted(workflow_titles()))
def test_what_a_workflow_says_has_its_entry(title: str) -> None:
    assert any(f"`{title}`" in said for said, _ in entries())


def test_a_new_message_is_found_wherever_it_stands(tmp_path: Path) -> None:
    code = tmp_path / "room.py"
    code.write_text(
        '''
"""A docstring is no message."""
WRONG = {"some key of no interest": f"The {thing} is of no use."}
def check(value, log):
    """Nor is this one."""
    log.info("All is well with %s today", value)
    if value:
        raise Whatever(f"{value} is bad, "
                       f"very bad indeed: {'and it rains outside' if value else ''}")
    yield ("a", "path"), "only a part of it"
''',
        "utf-8",
    )
    found = [message.text.replace("\0", "…") for message in messages_in(code)]
    assert found == [
        "The … is of no use.",
        "… is bad, very bad indeed: …",
        "and it rains outside",
        "only a part of it",
    ]
    assert Message("", "\0 is bad, very bad indeed: \0").pattern.search("5 is bad, very bad indeed: yes")
