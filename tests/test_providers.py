"""Every block of config.json in the docs is one that the bot takes."""

import json
import re
from pathlib import Path

import pytest

from paperbot.config import load_config
from tests.support.host_runner import load_yaml

ROOT = Path(__file__).resolve().parents[1]
PROVIDERS = ROOT / "docs" / "providers.md"
PAGES = (PROVIDERS, ROOT / "docs" / "migrating.md")


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```json\n(.+?)^```$", page.read_text("utf-8"), re.M | re.S)


@pytest.mark.parametrize(
    "block",
    [block for page in PAGES for block in blocks(page)],
    ids=lambda block: " ".join(block.split())[:60],
)
def test_a_block_of_the_docs_is_a_config_without_a_warning(tmp_path: Path, block: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(block, "utf-8")
    _, warnings = load_config(path)
    assert warnings == ()


def test_the_workflow_passes_every_key_that_the_docs_name() -> None:
    steps = load_yaml(ROOT / ".github/workflows/digest.yml")["jobs"]["digest"]["steps"]
    passed = {name for step in steps for name in step.get("env", {}) if name.endswith("_API_KEY")}
    settings = [json.loads(block)["ai_summary"] for block in blocks(PROVIDERS)]
    assert {setting["api_key_env"] for setting in settings if "api_key_env" in setting} == passed
