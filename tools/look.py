"""A page as GitHub would show it, and pictures of it: for tests, and for people's eyes."""

import base64
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions, ChromeService

from paperbot.text.gfm import gfm_html

ASSETS = Path(__file__).resolve().parents[1] / "tests" / "assets"
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
BACKGROUNDS = {"dark": "#0d1117", "light": "#ffffff"}
WIDE, PHONE = 1012, 390
ALERT = re.compile(r"<blockquote>\s*<p>\[!(NOTE|WARNING)\]\n(.*?)</p>\s*</blockquote>", re.DOTALL)
FORMULA = re.compile(r"\$<code>(.*?)</code>\$")
SYMBOLS = {"epsilon": "ε", "le": "≤"}
TITLES = {"NOTE": "Note", "WARNING": "Warning"}


def to_document(markdown: str, theme: str) -> str:
    """A whole HTML file that looks like GitHub's, alerts included."""
    css = (ASSETS / f"github-markdown-{theme}.css").read_text("utf-8")
    layout = (
        f"body {{ margin: 0; background: {BACKGROUNDS[theme]} }} "
        ".markdown-body { box-sizing: border-box; max-width: 902px; margin: 0 auto; padding: 32px } "
        "@media (max-width: 767px) { .markdown-body { padding: 16px } }"
    )
    body = ALERT.sub(
        lambda found: (
            f'<div class="markdown-alert markdown-alert-{found[1].lower()}">'
            f'<p class="markdown-alert-title">{TITLES[found[1]]}</p><p>{found[2]}</p></div>'
        ),
        FORMULA.sub(_formula, gfm_html(markdown)),
    )
    return (
        '<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<style>{css} {layout}</style></head>"
        f'<body><article class="markdown-body">{body}</article></body></html>'
    )


def _formula(found: re.Match[str]) -> str:
    """GitHub sets formulas; this comes near for short ones."""
    tex = re.sub(r"\^\{(.*?)\}", r"<sup>\1</sup>", found[1])
    named = re.sub(r"\\([a-z]+)", lambda word: SYMBOLS.get(word[1], word[1]), tex)
    return f"<i>{named}</i>"


@contextmanager
def browser(profile: Path, **capabilities: object) -> Iterator[Chrome]:
    """Debian's chromium, with a new profile; without libfaketime, which keeps it busy doing nothing."""
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    options = ChromeOptions()
    for name, value in capabilities.items():
        options.set_capability(name, value)
    options.binary_location = str(CHROMIUM)
    for argument in (*QUIET, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    chrome = Chrome(options=options, service=ChromeService(DRIVER, env=environment))
    try:
        yield chrome
    finally:
        chrome.quit()


def show(chrome: Chrome, page: Path, theme: str, width: int) -> None:
    """A local HTML file, as someone with this screen and this preference sees it."""
    media = [{"name": "prefers-color-scheme", "value": theme}]
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    chrome.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == PHONE},
    )
    chrome.get(page.as_uri())


def take_picture(chrome: Chrome, picture: Path, height: int, start: str = "") -> None:
    """Of what is shown, from the anchor `start` or from the top."""
    top = chrome.execute_script(
        "const start = document.getElementsByName(arguments[0])[0];"
        "return start ? start.getBoundingClientRect().top + scrollY - 16 : 0",
        start,
    )
    width = chrome.execute_script("return innerWidth")
    clip = {"x": 0, "y": top, "width": width, "height": height, "scale": 1}
    taken = chrome.execute_cdp_cmd(
        "Page.captureScreenshot", {"format": "png", "clip": clip, "captureBeyondViewport": True}
    )
    picture.write_bytes(base64.b64decode(taken["data"]))
