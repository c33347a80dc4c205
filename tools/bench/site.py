"""The site in a real browser: when a first search shows papers, and the memory that its tab takes."""

import contextlib
import datetime as dt
import functools
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tools.bench.archives import write_site
from tools.look import CHROMIUM, DRIVER, browser

SEARCH = "attention"
SEARCH_SCRIPT = """
const [text, done] = arguments, began = performance.now(), passed = () => (performance.now() - began) / 1000;
const counts = document.getElementById("counts"), heading = document.getElementById("heading");
let first = 0;
const observer = new MutationObserver(() => {
  if (/^[0-9,]+ papers? found/.test(heading.textContent)) first ||= passed();
  if (!first || !counts.textContent.startsWith("in ") || counts.textContent.includes("so far")) return;
  observer.disconnect();
  done([first, passed(), counts.textContent]);
});
observer.observe(document.body, { subtree: true, childList: true, characterData: true });
const box = document.forms[0].elements.q;
box.value = text;
box.dispatchEvent(new Event("input", { bubbles: true }));
"""
"""Types a word; the seconds until papers are shown, those until all that is loaded unasked was searched, and
the page's words on what that is."""


@dataclass(frozen=True, slots=True)
class SiteFigures:
    """Of one search, the first after the page was opened."""

    months: int
    first_seconds: float
    whole_seconds: float
    searched: str
    """In the page's words."""
    megabytes: float
    """Private memory of the tab's process, at the end of the search and before anything is cleared away."""
    heap_megabytes: float
    """Of it JavaScript's."""


def measure_site(folder: Path, last: dt.date, months: int) -> SiteFigures | None:
    """None without Chromium or Linux, which says what a process has for itself. `folder` is for the site."""
    if not (CHROMIUM and DRIVER and sys.platform == "linux"):
        return None
    write_site(folder, last, months)
    with _served(folder / "site") as home, browser(folder / "profile") as chrome:
        chrome.set_script_timeout(120)
        chrome.get(home)
        chrome.execute_async_script(
            "const done = arguments[0];"
            "const wait = () => document.querySelector('.paper') ? done() : setTimeout(wait, 20); wait();"
        )
        first, whole, searched = chrome.execute_async_script(SEARCH_SCRIPT, SEARCH)
        heap = chrome.execute_cdp_cmd("Runtime.getHeapUsage", {})
        assert chrome.service.process
        megabytes = max(_renderers_megabytes(chrome.service.process.pid))
    return SiteFigures(months, first, whole, searched, megabytes, heap["totalSize"] / 1e6)


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

    handler = functools.partial(Handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def _renderers_megabytes(process: int) -> Iterator[float]:
    """The private memory of each tab below this process, as Chromium's task manager counts it."""
    folder = Path(f"/proc/{process}")
    with contextlib.suppress(FileNotFoundError):  # it has ended
        for children in folder.glob("task/*/children"):
            for child in children.read_text().split():
                yield from _renderers_megabytes(int(child))
        if b"--type=renderer" in (folder / "cmdline").read_bytes():
            lines = (folder / "status").read_text().splitlines()
            private = [line.split()[1] for line in lines if line.startswith(("RssAnon:", "VmSwap:"))]
            yield sum(map(int, private)) * 1024 / 1e6
