"""`python -m tools.golden` draws the golden pages, the front page and what is generated in templates/ anew.

Look at the difference afterwards.
"""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from paperbot.archive import Archive
from paperbot.config import Config, load_config
from paperbot.model import Overview, OverviewSentence, TlDr
from paperbot.render.original_templates import FINGERPRINT, fingerprint
from paperbot.render.pages import render_pages
from paperbot.render.repository import RepositoryInfo
from paperbot.render.templating import load_templates
from paperbot.schedule import load_schedule
from tests.support import invented
from tools.archive_format import FORMAT_TEMPLATE, archive_format
from tools.look import CHROMIUM, DRIVER, WIDE, browser, show, take_picture, to_document

SPECIMEN = {
    "Runs prefill and decoding of different requests on one GPU, layer by layer: 1.9x the throughput at the "
    "same latency.": "Inference",
    "Sparse attention keeps its quality up to a million tokens with one dense layer in four.": "Attention",
    "Stores each entry of the KV cache in 1.8 bits with one codebook for the heads of a layer.": "Inference",
    "A small classifier tells the draft model when to stop: 22 % fewer rejected tokens.": "Inference",
    "One slow switch among 4,000 GPUs costs 11 % of training throughput, and can be found.": "Training",
    "An erase gate lets a linear state space layer forget what it no longer needs.": "Attention",
}
"""TL;DRs of the papers in the front page's picture, by rank, and the topics where they are."""
ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"
GOLDEN_PAGES = ("README.md", "archive/2025/2025-12-25.md", "archive/README.md", "archive/trend-light.svg")


def golden_pages() -> dict[str, str]:
    """Of the invented archive, by their paths below tests/golden/."""
    templates = load_templates(ROOT, ROOT / "templates")
    pages = render_pages(invented.archive(), invented.CONFIG, templates, invented.REPOSITORY)
    return {path: pages[path] for path in GOLDEN_PAGES}


def front_page() -> str:
    """README.md as it must be in the repository that forks are made from."""
    templates = load_templates(ROOT, ROOT / "templates")
    path = ROOT / "config.json"
    config = load_config(path)[0] if path.exists() else Config()
    return render_pages(Archive(), config, templates, RepositoryInfo(load_schedule(ROOT)))["README.md"]


def specimen() -> Archive:
    """The invented archive with the papers of its newest digest in topics, each with a TL;DR."""
    digest = invented.digest(shown=len(SPECIMEN), listed=30)
    names = list(SPECIMEN.values())
    entries = [replace(entry, topic=names[entry.rank % len(names)]) for entry in digest.entries.values()]
    shown = sorted((entry for entry in entries if entry.shown), key=lambda entry: entry.rank)
    told = [
        replace(entry, topic=topic, tldr=TlDr(text))
        for entry, (text, topic) in zip(shown, SPECIMEN.items(), strict=True)
    ]
    run = digest.runs[invented.TODAY]
    cited = OverviewSentence(
        "Serving is the day's subject: prefill and decoding share one GPU", (shown[0].paper.id,)
    )
    stopped = OverviewSentence("Speculative decoding learns when to stop", (shown[3].paper.id,))
    overview = Overview(sentences=(cited, stopped), topic=names[0])
    return invented.archive(
        digest.with_entries([*entries, *told]).with_run(replace(run, overviews=(overview,)))
    )


def draw_specimen(picture: Path) -> None:
    """The front page's picture: a small digest with topics, its first summary open."""
    templates = load_templates(ROOT, ROOT / "templates")
    topics = [{"name": name, "keywords": ["LLM"]} for name in dict.fromkeys(SPECIMEN.values())]
    config = invented.CONFIG.model_validate(invented.CONFIG.model_dump() | {"topics": topics})
    pages = render_pages(specimen(), config, templates, invented.REPOSITORY)
    with TemporaryDirectory() as name, browser(Path(name) / "profile") as chrome:
        for path, text in pages.items():
            (Path(name) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(name) / path).write_text(text, "utf-8")
        page = Path(name) / "README.html"
        page.write_text(to_document(pages["README.md"], "light"), "utf-8")
        show(chrome, page, "light", WIDE)
        chrome.execute_script(
            "const folds = [...document.querySelectorAll('details')];"
            "folds.find(fold => fold.innerText.includes('AI')).open = true;"
            "document.body.style.border = '1px solid #d1d9e0'"
        )
        take_picture(chrome, picture, height=1944)


def main() -> None:
    """Overwrites them."""
    if CHROMIUM and DRIVER:
        draw_specimen(ROOT / "docs" / "digest.png")
    FORMAT_TEMPLATE.write_text(archive_format(), "utf-8")
    FINGERPRINT.write_text(fingerprint(load_templates(ROOT, ROOT / "templates")) + "\n", "utf-8")
    pages = {GOLDEN / path: text for path, text in golden_pages().items()}
    pages[ROOT / "README.md"] = front_page()
    for path, text in pages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
