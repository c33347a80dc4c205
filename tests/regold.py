"""`python -m tests.regold` draws the golden pages and the front page anew: look at the difference."""

from pathlib import Path

from paperbot.config import Config, load_config
from paperbot.model import History
from paperbot.page_views import Place
from paperbot.pages import render_pages
from paperbot.schedule import load_schedule
from paperbot.templating import load_templates
from tests import invented

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"
GOLDEN_PAGES = ("README.md", "archive/2025/2025-12-25.md", "archive/README.md", "archive/trend-light.svg")


def golden_pages() -> dict[str, str]:
    """Of the invented archive, by their paths below tests/golden/."""
    templates = load_templates(ROOT, ROOT / "templates")
    pages = render_pages(invented.history(), invented.CONFIG, templates, invented.PLACE)
    return {path: pages[path] for path in GOLDEN_PAGES}


def front_page() -> str:
    """README.md as it must stand in the repository that forks are made from."""
    templates = load_templates(ROOT, ROOT / "templates")
    path = ROOT / "config.json"
    config = load_config(path)[0] if path.exists() else Config()
    return render_pages(History(), config, templates, Place(load_schedule(ROOT)))["README.md"]


def main() -> None:
    """Overwrites them."""
    pages = {GOLDEN / path: text for path, text in golden_pages().items()}
    for path, text in (pages | {ROOT / "README.md": front_page()}).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
