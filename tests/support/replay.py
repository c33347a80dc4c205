"""The bot against a replay of December 2025, where that is at hand beside the checkout."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fetch_papers import main

SHARED = Path(__file__).resolve().parents[3] / "shared"
REFERENCE_CONFIG = SHARED / "reference" / "config-2025-12-25.json"
KEY = "test-key"

needs_replay = pytest.mark.skipif(
    not (SHARED / "replay" / "world.py").is_file(), reason="the replay of December 2025 is not at hand"
)

if (SHARED / "replay").is_dir():
    sys.path.append(str(SHARED / "replay"))


def world(clock: str, **settings: Any) -> Any:
    """The replay's server, as a context manager; see its own documentation for faults and settings."""
    from world import World  # type: ignore[import-not-found]

    return World(clock=clock, **settings)


class Bot:
    """A fork with the reference page's config, in a folder of its own, pointed at the replay."""

    def __init__(self, root: Path, replay: Any, **changes: Any) -> None:
        self.root, self.replay = root, replay
        config = json.loads(REFERENCE_CONFIG.read_text("utf-8"))
        config["ai_summary"]["base_url"] = replay.llm_url
        config["arxiv"] = {
            "api_url": replay.api_url,
            "pdf_url": replay.pdf_url + "/{id}",
            "delay_seconds": 0.02,
            "timeout_seconds": 5,
            "patience_seconds": 3,
        }
        for key, value in changes.items():
            config[key] = config.get(key, {}) | value if isinstance(value, Mapping) else value
        root.mkdir(parents=True, exist_ok=True)
        self.config = root / "config.json"
        self.config.write_text(json.dumps(config, indent=2), encoding="utf-8")

    def run(self, clock: str, *options: str, key: str = KEY) -> int:
        """One run at that time; the exit code."""
        self.replay.control(clock=clock)
        arguments = ["--root", str(self.root), "--config", str(self.config), "--now", clock, *options]
        return main(arguments, {"DASHSCOPE_API_KEY": key})

    def entries(self) -> list[dict[str, Any]]:
        """The lines of the archive."""
        files = sorted(self.root.glob("archive/*/????-??.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text("utf-8").split("\n") if line]

    def days(self) -> list[dict[str, Any]]:
        """The records of the dates."""
        files = sorted(self.root.glob("archive/*/*.days.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text("utf-8").split("\n") if line]

    def tree(self) -> dict[str, bytes]:
        """Every published file."""
        files = [self.root / "README.md", *self.root.glob("archive/**/*"), *self.root.glob("site/**/*")]
        return {
            str(file.relative_to(self.root)): file.read_bytes()
            for file in files
            if file.is_file() and not file.name.startswith(".")
        }

    @property
    def readme(self) -> str:
        """The page."""
        return (self.root / "README.md").read_text("utf-8")
