"""The pages in a real browser, styled as on GitHub. The pictures are in build/look: look at them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from paperbot.render.charts import draw_days
from paperbot.render.pages import render_pages
from paperbot.render.templating import load_templates, render
from tests.support import invented
from tests.test_charts import days
from tools.golden import ROOT, front_page
from tools.look import BACKGROUNDS, CHROMIUM, DRIVER, PHONE, WIDE, browser, show, take_picture, to_document

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="needs a browser: apt-get install chromium chromium-driver"
)

FOLDER = ROOT / "build" / "look"
TEMPLATES = load_templates(ROOT, ROOT / "templates")
SCREENS = (("light", WIDE), ("dark", WIDE), ("light", PHONE))
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with browser(tmp_path_factory.mktemp("profile")) as chrome:
        yield chrome


@pytest.fixture(scope="module")
def folder() -> Path:
    pages = render_pages(invented.archive(), invented.CONFIG, TEMPLATES, invented.REPOSITORY)
    quiet = invented.run(invented.TODAY.replace(day=26), fetched=900, matching=40, new=0, shown=0)
    archive = invented.archive().with_run(replace(quiet, notices=invented.NOTICES))
    quiet_page = render_pages(archive, invented.CONFIG, TEMPLATES, invented.REPOSITORY)["README.md"]
    pages |= {"quiet.md": quiet_page, "front.md": front_page()}
    for path, text in pages.items():
        file = FOLDER / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        if path.endswith(".md"):
            for theme in ("light", "dark"):
                file.with_suffix(f".{theme}.html").write_text(to_document(text, theme), "utf-8")
    return FOLDER


@pytest.mark.parametrize("page", ["README", "quiet", "archive/2025/2025-12-25", "archive/README"])
@pytest.mark.parametrize(("theme", "width"), SCREENS)
def test_a_page_fits_its_screen(chrome: Chrome, folder: Path, page: str, theme: str, width: int) -> None:
    show(chrome, folder / f"{page}.{theme}.html", theme, width)
    chrome.execute_script("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    assert chrome.execute_script("return document.documentElement.scrollWidth") == width
    chrome.execute_script("document.querySelectorAll('details').forEach(fold => fold.open = false)")
    picture = folder / f"{page.replace('/', '-')}-{theme}-{width}.png"
    take_picture(chrome, picture, height=2600)
    assert picture.read_bytes().startswith(PNG)


@pytest.mark.parametrize(("theme", "width"), SCREENS)
def test_a_summary_opens_in_its_place(chrome: Chrome, folder: Path, theme: str, width: int) -> None:
    show(chrome, folder / f"README.{theme}.html", theme, width)
    summary = chrome.execute_script(
        "const folds = [...document.querySelectorAll('details')];"
        "const fold = folds.find(fold => fold.innerText.includes('AI Summary'));"
        "const before = fold.offsetHeight; fold.open = true;"
        "return [before, fold.offsetHeight, fold.querySelectorAll('table').length]"
    )
    assert summary[0] < 60 < 400 < summary[1]
    assert summary[2] == 1
    take_picture(chrome, folder / f"paper-{theme}-{width}.png", height=1500, start="paper-2512.99001")
    assert (folder / f"paper-{theme}-{width}.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_trend_pictures_follow_the_theme(chrome: Chrome, folder: Path, theme: str) -> None:
    show(chrome, folder / f"README.{theme}.html", theme, WIDE)
    images = chrome.execute_script(
        "return [...document.querySelectorAll('picture img')]"
        ".map(image => [image.currentSrc.split('/').pop(), image.naturalWidth])"
    )
    assert images == [[f"trend-{theme}.svg", 400], [f"keywords-{theme}.svg", 400]]


@pytest.mark.parametrize("papers", [0, 1, 10_000])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_figure_leaves_its_picture(chrome: Chrome, folder: Path, theme: str, papers: int) -> None:
    chart = draw_days(days(*[papers] * 29, max(0, papers - 1)))
    page = folder / f"trend-{papers}-{theme}.html"
    drawn = render(TEMPLATES, "trend.svg.j2", chart=chart, theme=theme)
    page.write_text(f'<body style="background: {BACKGROUNDS[theme]}">{drawn}', "utf-8")
    show(chrome, page, theme, WIDE)
    outside = chrome.execute_script(
        "const frame = document.querySelector('svg').getBoundingClientRect();"
        "return [...document.querySelectorAll('text, rect')].filter(part => {"
        "  const box = part.getBoundingClientRect();"
        "  return box.left < frame.left - 1 || box.right > frame.right + 1"
        "    || box.top < frame.top - 1 || box.bottom > frame.bottom + 1"
        "}).map(part => part.outerHTML)"
    )
    assert outside == []
    take_picture(chrome, page.with_suffix(".png"), height=260)


def test_the_front_page_has_its_picture(chrome: Chrome, folder: Path) -> None:
    page = ROOT / "build" / "front.html"
    page.write_text(to_document(front_page(), "light").replace('src="docs/', 'src="../docs/'), "utf-8")
    show(chrome, page, "light", WIDE)
    assert chrome.execute_script("return document.images[0].naturalWidth") >= WIDE
    take_picture(chrome, folder / "front-light.png", height=2400)
