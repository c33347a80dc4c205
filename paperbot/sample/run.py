"""The bot's own command, run on each of the sample's mornings, so that its page has earlier digests."""

import json
import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from paperbot.errors import ExternalError, Problem, UserError
from paperbot.sample.papers import FOLDER, SAMPLE_CLOCKS
from paperbot.sample.server import SampleWorld
from paperbot.schedule import WORKFLOW_FILE

log = logging.getLogger(__name__)

Command = Callable[[Sequence[str], Mapping[str, str]], int]
"""Its arguments and environment; gives the exit code."""

OWN_FOLDER = Path("sample-output")
HERE = Path(__file__).resolve().parents[2]
MARKER = ".made-by-sample"
"""Only a folder with this file in it is cleared for a new sample."""


def sample_config(world: SampleWorld) -> dict[str, Any]:
    """The sample's config.json, with the addresses of a running world filled in."""
    config: dict[str, Any] = json.loads((FOLDER / "config.json").read_text(encoding="utf-8"))
    config["arxiv"] |= {"api_url": world.api_url, "pdf_url": world.pdf_url}
    config["ai_summary"]["base_url"] = world.llm_url
    return config


def run_sample(root: Path, command: Command) -> int:
    """Run the command into `root` (sample-output/ if that is the current folder); the last exit code.

    Raises UserError for a folder that holds more than an earlier sample, ExternalError if it can't be
    written.
    """
    root = OWN_FOLDER if root == Path() else root
    _clear(root)
    config_path = root / "config.json"
    with SampleWorld() as world:
        config_path.write_text(json.dumps(sample_config(world), indent=2) + "\n", encoding="utf-8")
        environ = {"DASHSCOPE_API_KEY": world.key}
        for world.clock in SAMPLE_CLOCKS:
            arguments = ["--root", f"{root}", "--config", f"{config_path}", "--now", world.clock.isoformat()]
            if exit_code := command(arguments, environ):
                return exit_code
    log.info("These papers are invented. The page: %s", root / "README.md")
    return 0


def _clear(root: Path) -> None:
    is_empty = root.is_dir() and not any(root.iterdir())
    if root.exists() and not is_empty and not (root / MARKER).exists():
        advice = (
            "The sample is written to an empty folder, or over an earlier sample. Name another with --root."
        )
        raise UserError(Problem(advice, root.as_posix()))
    try:
        if root.exists():
            shutil.rmtree(root)
        (root / WORKFLOW_FILE).parent.mkdir(parents=True)
        shutil.copy(HERE / WORKFLOW_FILE, root / WORKFLOW_FILE)  # the page speaks of its schedule
        (root / MARKER).touch()
    except OSError as error:
        raise ExternalError(f"The sample can't be written to {root}: {error.strerror}.") from error
