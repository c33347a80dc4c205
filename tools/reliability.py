"""docs/reliability.md in a few lines, and docs/reliability-details.md with all tables.

Scripts write them, each its own sections.
"""

import datetime as dt
import os
import platform
import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
HEADS = {
    "reliability.md": """# What happens when something goes wrong

Measured, and written by the scripts that measured it. [All tables](reliability-details.md).
""",
    "reliability-details.md": """# What happens when something goes wrong, in detail

The tables behind [reliability.md](reliability.md). Each section names the command that makes it anew.
""",
}
ORDER = ("Faults", "Killed", "A year", "Random summaries", "Mutations", "Coverage")


def machine(command: str) -> str:
    """Where and when a section was measured."""
    system = f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores"
    return f"`{command}`, {dt.datetime.now(dt.UTC):%d %B %Y}, {system}."


def write_section(name: str, summary: str, details: str = "", docs: Path = DOCS) -> None:
    """Put a section on both pages, on the second one only with details; the others stay as they are."""
    for (page, head), text in zip(HEADS.items(), (summary, details), strict=True):
        path = docs / page
        sections = _sections(path.read_text("utf-8")) if path.exists() else {}
        sections[name] = text.strip()
        parts = [f"## {known}\n\n{sections[known]}\n" for known in ORDER if sections.get(known)]
        path.write_text("\n".join([head, *parts]), encoding="utf-8")


def _sections(text: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)[1:]
    return {name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}
