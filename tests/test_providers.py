"""Each provider's own answers and errors; every block of config.json in the docs is a valid config."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from paperbot.config import load_config
from paperbot.sample import SAMPLE_CLOCKS
from tests.support.fake_endpoint import OPENAI, FakeEndpoint, Reply
from tests.support.fork import Fork
from tests.support.host_runner import load_yaml
from tests.support.provider_world import PROVIDERS as SHAPES
from tests.support.provider_world import THOUGHTS, ProviderWorld
from tests.test_endpoint import fault_of

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


@pytest.fixture(scope="module")
def world() -> Iterator[ProviderWorld]:
    with ProviderWorld() as running:
        yield running


@pytest.mark.parametrize("name", SHAPES)
def test_a_whole_digest_with_each_provider(tmp_path: Path, world: ProviderWorld, name: str) -> None:
    world.name, world.chats[:], world.mistakes[:] = name, [], []
    fork = Fork.of_sample(tmp_path, world)
    settings = {"base_url": world.base_url, "model": world.shape["model"], "max_papers_to_summarize": 2}
    fork.change(ai_summary=settings | {"overview": False, "source": "auto"}, max_papers=2)
    ran = fork.run(SAMPLE_CLOCKS[0])
    assert (ran.code, "2 summarised, 0 failed" in ran.out) == (0, True), ran.said
    page = (tmp_path / "README.md").read_text("utf-8")
    summaries = [entry["summary"] for entry in fork.entries() if "summary" in entry]
    assert {summary["source"] for summary in summaries} == {"file" if name == "dashscope" else "text"}
    assert all(summary["text"].startswith("## Contribution") for summary in summaries)
    assert all(500 < summary["input_tokens"] < 50_000 for summary in summaries)
    assert not any(summary.get(mark) for summary in summaries for mark in ("partial", "cut_short"))
    assert page.count("Contribution and novelty") == 2
    assert not any(mark in page for mark in (THOUGHTS, "<think", "<|", "◁"))
    is_adjusted = world.shape.get("only_streams", False)
    assert (len(world.chats) > 2) == is_adjusted
    assert world.mistakes == []


@pytest.mark.parametrize("name", [name for name, provider in SHAPES.items() if provider["errors"]])
def test_each_error_of_a_provider_over_http(name: str) -> None:
    """Its kind, how often the server is asked, and whether the owner is told what to do."""
    for kind, status, body in SHAPES[name]["errors"]:
        with FakeEndpoint(OPENAI) as fake:
            fake.say(*[Reply(body, status)] * 5)
            failure = fault_of(fake)
            calls = len(fake.asked())
            fake.forget()
        assert (failure.kind, calls) == (kind, failure.rule.attempts), body
        assert bool(failure.hint) == bool(failure.rule.hint), body
