"""The check that a finished page must pass before it replaces the old one: is it built as it should be?

The page is rendered as GitHub would and read tag by tag, so that nothing repairs what is broken.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote, urlsplit

from paperbot.text import link_label
from paperbot.text.gfm import OPTIONS_WITH_LINES, gfm_html

MAX_PROBLEMS = 20

_ATTRIBUTES = {
    "a": {"href", "name"}, "blockquote": set(), "br": set(), "code": set(), "del": set(), "details": {"open"},
    "em": set(), "h1": set(), "h2": set(), "h3": set(), "h4": set(), "h5": set(), "h6": set(), "hr": set(),
    "img": {"src", "alt", "width", "height"}, "ins": set(), "li": set(), "ol": {"start"}, "p": set(),
    "picture": set(), "pre": {"lang"}, "source": {"media", "srcset"}, "span": set(), "strong": set(),
    "sub": set(), "summary": set(), "sup": set(), "table": set(), "tbody": set(), "td": {"align"},
    "th": {"align"}, "thead": set(), "tr": set(), "ul": set(),
}  # fmt: skip
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_WITHOUT_END = frozenset({"br", "hr", "img", "input", "source", "wbr"})
_TOKEN = re.compile(
    r"""<!--(?:-?>|.*?--!?>)                   # where a browser ends a comment, in one word or not
      | <(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)
         (?P<attributes>(?:\s+[A-Za-z_:][\w:.-]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*)\s*/?>
      | (?P<stray><)""",
    re.VERBOSE | re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([A-Za-z_:][\w:.-]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+))?""")
_SOURCE_PLACE = re.compile(r"(\d{1,9}):\d{1,9}-\d{1,9}:\d{1,9}")
"""What the renderer writes into `data-sourcepos`."""
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class PaperSection:
    """A paper shown in full."""

    title: str
    """As it was given to `link_label`; its level-3 heading holds it, among other words."""
    folds: int


@dataclass(frozen=True, slots=True)
class ExpectedPage:
    """What a page must hold to be itself."""

    papers: tuple[PaperSection, ...]
    max_bytes: int
    other_headings: Collection[str] | None = None
    """The level-1 and level-2 headings it may have besides; None for any."""
    has_own_template: bool = False
    """A user's template may use further headings, folds and elements, and images from elsewhere."""


def page_problems(markdown: str, expected: ExpectedPage) -> list[str]:
    """What is wrong with a page, in words that name line and paper; empty when nothing is."""
    size = len(markdown.encode("utf-8", "replace"))
    problems = [f"{size:,} bytes are more than the {expected.max_bytes:,} allowed"] * (
        size > expected.max_bytes
    )
    reader = _PageReader(expected)
    reader.read(gfm_html(markdown, OPTIONS_WITH_LINES))
    return (problems + reader.problems)[:MAX_PROBLEMS]


class _PageReader:
    def __init__(self, expected: ExpectedPage) -> None:
        self.problems: list[str] = []
        self._expected = expected
        self._titles = [_words(gfm_html(link_label(paper.title))) for paper in expected.papers]
        self._seen = 0
        """Papers whose headings have been read."""
        self._in_paper = False
        self._folds = 0
        self._open: list[str] = []
        self._line = 0
        self._heading_start = 0
        self._awaits_summary = False
        self._anchors: set[str] = set()
        self._inner_links: list[tuple[str, str]] = []

    def read(self, html: str) -> None:
        """Judge a whole page; what is wrong is in `problems` afterwards."""
        for token in _TOKEN.finditer(html):
            if token["stray"]:
                self._report("a '<' that begins no tag")
            elif token["name"]:
                name = token["name"].lower()
                if token["end"]:
                    self._end(name, html, token.start())
                else:
                    self._start(name, token["attributes"], token.end())
        for name in self._open:
            self._report(f"<{name}> is never closed")
        self._end_section()
        for title in self._titles[self._seen :]:
            self._report(f"the paper {title!r} is missing, or not in its place")
        for place, anchor in self._inner_links:
            if anchor not in self._anchors:
                self.problems.append(f"{place}a link to #{anchor}, which is not on the page")

    def _start(self, name: str, written: str, end: int) -> None:
        given = _ATTRIBUTE.findall(written)
        attributes = {key.lower(): unescape(value.strip("\"'")) for key, value in given}
        if len(attributes) < len(given):
            self._report(f"an attribute of <{name}> that is there twice")  # a browser takes the first
        if place := _SOURCE_PLACE.fullmatch(attributes.get("data-sourcepos", "")):
            self._line = int(place[1])
            del attributes["data-sourcepos"]
        if self._awaits_summary and name != "summary":
            self._report("a fold without a <summary>")
        self._awaits_summary = name == "details"
        if name == "details":
            self._folds += 1
            if "details" in self._open:
                self._report("a fold within a fold")
        if name in _HEADINGS:
            self._heading_start = end
        if name not in _WITHOUT_END:
            self._open.append(name)
        self._judge(name, attributes)

    def _judge(self, name: str, attributes: dict[str, str]) -> None:
        if "name" in attributes:
            self._anchors.add(attributes["name"])
        address = attributes.get("href", "")
        if address.startswith("#"):
            self._inner_links.append((self._place(), unquote(address[1:])))  # as browsers look it up
        elif _is_elsewhere(address) and not re.match(r"https?://[^/\s]", address, re.IGNORECASE):
            self._report(f"a link to {address!r}")
        if self._expected.has_own_template:
            return
        if name not in _ATTRIBUTES:
            self._report(f"an element <{name}>")
            return
        for attribute in attributes.keys() - _ATTRIBUTES[name]:
            self._report(f"an attribute {attribute} of <{name}>")
        for attribute in attributes.keys() & {"src", "srcset"}:
            address = attributes[attribute]
            if _is_elsewhere(address) or (attribute == "srcset" and re.search(r"[\s,]", address)):
                self._report(f"an image from {address!r}")

    def _end(self, name: str, html: str, start: int) -> None:
        if name not in self._open:
            self._report(f"</{name}> closes nothing")
            return
        while self._open[-1] != name:
            self._report(f"<{self._open.pop()}> is not closed before </{name}>")
        self._open.pop()
        if name in _HEADINGS:
            self._heading(int(name[1]), _words(html[self._heading_start : start]))

    def _heading(self, level: int, text: str) -> None:
        anchor = _NOT_IN_ANCHORS.sub("", text.lower()).replace(" ", "-")
        self._anchors.add(anchor)
        is_lenient = self._expected.has_own_template
        is_paper = self._seen < len(self._titles) and self._titles[self._seen] in text
        if is_paper and (is_lenient or level == 3):
            self._end_section()
            self._seen += 1
            self._in_paper = True
        elif level == 3 and not is_lenient:
            self._report(f"a heading {text!r} that is no paper's, or out of place")
        elif level < 3:
            self._end_section()
            allowed = self._expected.other_headings
            if allowed is not None and text not in allowed:
                self._report(f"a heading {text!r}")
        if level <= 3 and "details" in self._open:
            self._report(f"a heading {text!r} of level {level} inside a fold")

    def _end_section(self) -> None:
        if self._in_paper and not self._expected.has_own_template:
            wanted = self._expected.papers[self._seen - 1].folds
            if self._folds != wanted:
                self._report(f"{self._folds} folds instead of {wanted}")
        self._folds = 0
        self._in_paper = False

    def _place(self) -> str:
        paper = f", in {self._titles[self._seen - 1]!r}" if self._in_paper else ""
        return f"near line {self._line}{paper}: "

    def _report(self, problem: str) -> None:
        self.problems.append(self._place() + problem)


def _is_elsewhere(address: str) -> bool:
    """Anything but a path below the page's own folder or repository."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return True
    return bool(parts.scheme or parts.netloc) or address.lstrip().startswith(("/", "\\"))


def _words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())
