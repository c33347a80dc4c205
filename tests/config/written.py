"""Configs as people write them, and what the bot says of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from paperbot.config import Config, load_config
from paperbot.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
SECRET = "sk-0123456789abcdef0123456789abcdef"


def load(folder: Path, content: Any) -> tuple[Config, list[str]]:
    config, warnings = load_config(write(folder, content))
    return config, [str(warning).removeprefix(f"{folder.as_posix()}/") for warning in warnings]


def write(folder: Path, content: Any) -> Path:
    """Text and bytes as they are, anything else as JSON with one value a line."""
    path = folder / "config.json"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        text = content if isinstance(content, str) else json.dumps(content, indent=1, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
    return path


def errors(folder: Path, content: Any) -> list[str]:
    with pytest.raises(UserError) as raised:
        load_config(write(folder, content))
    return [
        str(problem).removeprefix(f"{folder.as_posix()}/config.json") for problem in raised.value.problems
    ]
