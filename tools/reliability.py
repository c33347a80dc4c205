"""docs/reliability.md: sections that scripts write, each its own."""

import datetime as dt
import os
import platform
import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reliability.md"
HEAD = """# What happens when something goes wrong

Measured, and written by the scripts that measured it: nothing here is typed by hand. Each section names the
command that makes it anew.
"""
ORDER = ("Faults", "Killed", "A year", "Mutations", "Coverage")


def machine(command: str) -> str:
    """Where and when a section was measured."""
    system = f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores"
    return f"`{command}`, {dt.datetime.now(dt.UTC):%d %B %Y}, {system}."


def write_section(name: str, text: str, page: Path = PAGE) -> None:
    """Put the text below its heading; the other sections stay as they are."""
    sections = _sections(page.read_text("utf-8")) if page.exists() else {}
    sections[name] = text.strip()
    parts = [f"## {each}\n\n{sections[each]}\n" for each in ORDER if each in sections]
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n".join([HEAD, *parts]), encoding="utf-8")


def _sections(text: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)[1:]
    return {name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}
