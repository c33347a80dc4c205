"""`python -m tools.golden` draws the golden pages, the front page and what is generated in templates/ anew.

Look at the difference afterwards.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from paperbot.archive import Archive
from paperbot.config import Config, load_config
from paperbot.render.pages import render_pages
from paperbot.render.repository import RepositoryInfo
from paperbot.render.templating import load_templates
from paperbot.schedule import load_schedule
from tests.support import invented
from tools.archive_format import FORMAT_TEMPLATE, archive_format
from tools.look import CHROMIUM, DRIVER, WIDE, browser, show, take_picture, to_document

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


def draw_specimen(picture: Path) -> None:
    """The front page's picture: a small digest with its first summary open."""
    templates = load_templates(ROOT, ROOT / "templates")
    archive = invented.archive(invented.digest(shown=6, listed=58))
    pages = render_pages(archive, invented.CONFIG, templates, invented.REPOSITORY)
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
    pages = {GOLDEN / path: text for path, text in golden_pages().items()}
    pages[ROOT / "README.md"] = front_page()
    for path, text in pages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
