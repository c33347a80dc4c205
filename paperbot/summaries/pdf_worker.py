"""Reads one PDF in a process of its own, so that no PDF can hurt the run.

Started by fulltext.py as a script: limits as JSON in the first argument, the PDF on stdin, one JSON object
on stdout. Imports no other room, and nothing but this process ever imports pypdfium2.

Hidden text is text that a person looking at the page can't see: without ink (render mode 3 or 7, or
transparent), nearly white on a nearly white ground, under 2 points, or off the page. What figures and scans
need is no such thing: white labels on a dark ground, small print inside an included figure, and the invisible
text that a scanner lays over the picture of a page.
"""

import ctypes
import json
import re
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw

pdfium: Any = pypdfium2
raw: Any = pypdfium2.raw

VISIBLE, HIDDEN, NEITHER = "v", "h", "-"
TINY_POINTS = 2
LIGHT = 225
"""Of 255, in each of red, green and blue."""
SEEN_AT_CONTRAST = 25
"""Of 255; white on a paler ground than this can't be read."""
TRANSPARENT = 12
"""Of 255."""
BACKGROUND_SCALE = 0.5
"""Pixels per point of the picture that is looked at for the colour behind a character."""
BACKGROUND_PIXELS = 2000
"""The most of them in either direction, however large the page claims to be."""
HIDDEN_TEXT_CHARS = 2000

HIDDEN_RUN = re.compile(f"{HIDDEN}(?:[{HIDDEN}{NEITHER}]*{HIDDEN})?")
LETTER = re.compile(r"[^\W\d_]")
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\d_]{2,}")

OPENING_FAILURES = {
    raw.FPDF_ERR_PASSWORD: "the PDF needs a password",
    raw.FPDF_ERR_SECURITY: "the PDF is locked in a way that can't be opened",
}
NO_INK = {raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP}


def main() -> int:
    limits = json.loads(sys.argv[1])
    confine(limits["seconds"], limits["memory_bytes"], limits["output_bytes"])
    try:
        answer = read(sys.stdin.buffer.read(), limits)
    except MemoryError:
        answer = {"unreadable": "reading the PDF takes more memory than is allowed"}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())
    return 0


def confine(seconds: int, memory_bytes: int, output_bytes: int) -> None:
    """Limits that hold even when nobody is left to stop this process."""
    if sys.platform == "win32":
        return
    import resource

    signal.alarm(seconds + 5)
    wanted = {
        resource.RLIMIT_CPU: seconds + 5,
        resource.RLIMIT_FSIZE: output_bytes,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform == "linux":  # elsewhere the limit on address space is refused or means something else
        wanted[resource.RLIMIT_AS] = memory_bytes
    for limit, value in wanted.items():
        _, most = resource.getrlimit(limit)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (value, value))


def read(data: bytes, limits: dict[str, int]) -> dict[str, Any]:
    """The text of the PDF's pages, or why there is none."""
    deadline = time.monotonic() + limits["seconds"] * 0.8
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as problem:
        return {"unreadable": OPENING_FAILURES.get(problem.err_code, "the PDF is damaged")}
    pages = len(document)
    texts: list[str] = []
    hidden: list[str] = []
    room, bad_pages = limits["text_chars"], 0
    for number in range(min(pages, limits["pages"])):
        if room <= 0 or time.monotonic() > deadline:
            break
        try:
            page = document[number]
            text, runs = read_page(page)
            page.close()
        except pdfium.PdfiumError:
            bad_pages += 1
            text, runs = "", []
        texts.append(text[:room])
        hidden += runs
        room -= len(text)
    if bad_pages == len(texts):
        return {"unreadable": "the PDF is damaged: none of its pages can be read"}
    return {
        "text": "\n\n".join(texts),
        "pages": pages,
        "cut": len(texts) < pages or room < 0 or bad_pages > 0,
        "hidden_text": "\n".join(hidden)[:HIDDEN_TEXT_CHARS],
    }


def read_page(page: Any) -> tuple[str, list[str]]:
    """What a reader sees of the page's text, and the runs of words that it hides."""
    text_page = page.get_textpage()
    count = text_page.count_chars()
    chars = "".join(_char(raw.FPDFText_GetUnicode(text_page, at)) for at in range(count))
    sight = "".join(sight_of_chars(page, text_page, chars))
    visible: list[str] = []
    hidden: list[str] = []
    done = 0
    for run in HIDDEN_RUN.finditer(sight):
        words = chars[run.start() : run.end()]
        if len(LETTER.findall(words)) >= 20 and len(WORD.findall(words)) >= 4:
            visible.append(chars[done : run.start()])
            hidden.append(words)
            done = run.end()
    visible.append(chars[done:])
    text = "".join(visible)
    return text, [words for words in hidden if _squeezed(words) not in _squeezed(text)]


def _squeezed(text: str) -> str:
    """For comparing: the pale twin that some tools lay under a label to set it off hides nothing."""
    return "".join(text.split())


def _char(code: int) -> str:
    """One character for one character of the page, so that indices agree."""
    return "\ufffd" if code == 0 or code > sys.maxunicode or 0xD800 <= code < 0xE000 else chr(code)


def sight_of_chars(page: Any, text_page: Any, chars: str) -> Iterator[str]:
    """For each character VISIBLE, HIDDEN, or NEITHER for the breaks that belong to no text."""
    own = {_address(raw.FPDFPage_GetObject(page, at)) for at in range(raw.FPDFPage_CountObjects(page))}
    handles = [raw.FPDFText_GetTextObject(text_page, at) for at in range(len(chars))]
    addresses = [_address(handle) for handle in handles]
    objects = {address: handle for address, handle in zip(addresses, handles, strict=True) if address}
    inkless = {address for address, handle in objects.items() if has_no_ink(handle)}
    if sum(address in inkless for address in addresses) * 2 > len(chars) and shows_scan(page):
        inkless = set()
    hidden = inkless | {
        address
        for address, handle in objects.items()
        if address in own and (is_tiny(handle) or is_off_page(handle, page))
    }
    light = {address for address, handle in objects.items() if address not in hidden and is_light(handle)}
    background = Background(page, objects.values()) if light else None
    for at, address in enumerate(addresses):
        if not address:
            yield NEITHER
        elif address in hidden or (background and address in light and background.is_light(text_page, at)):
            yield HIDDEN
        else:
            yield VISIBLE


def _address(handle: Any) -> int:
    return ctypes.cast(handle, ctypes.c_void_p).value or 0


def has_no_ink(text: Any) -> bool:
    return fill_colour(text)[3] < TRANSPARENT or raw.FPDFTextObj_GetTextRenderMode(text) in NO_INK


def is_light(text: Any) -> bool:
    is_filled = raw.FPDFTextObj_GetTextRenderMode(text) == raw.FPDF_TEXTRENDERMODE_FILL
    return is_filled and min(fill_colour(text)[:3]) >= LIGHT


def fill_colour(text: Any) -> tuple[int, int, int, int]:
    """Red, green, blue and opacity, each of 255; black where the page does not say."""
    parts = [ctypes.c_uint() for _ in range(4)]
    known = raw.FPDFPageObj_GetFillColor(text, *map(ctypes.byref, parts))
    red, green, blue, opacity = (part.value for part in parts)
    return (red, green, blue, opacity) if known else (0, 0, 0, 255)


def is_tiny(text: Any) -> bool:
    """By its font size, and by its ink as well: the size of some bitmap fonts says nothing."""
    size, matrix = ctypes.c_float(), raw.FS_MATRIX()
    if not raw.FPDFTextObj_GetFontSize(text, size) or not raw.FPDFPageObj_GetMatrix(text, matrix):
        return False
    points = size.value * abs(matrix.a * matrix.d - matrix.b * matrix.c) ** 0.5
    left, bottom, right, top = bounds(text)
    return points < TINY_POINTS and min(right - left, top - bottom) < TINY_POINTS


def is_off_page(text: Any, page: Any) -> bool:
    left, bottom, right, top = bounds(text)
    page_left, page_bottom, page_right, page_top = page.get_bbox()
    return bool(right < page_left or left > page_right or top < page_bottom or bottom > page_top)


def bounds(item: Any) -> tuple[float, float, float, float]:
    """Left, bottom, right, top in points."""
    sides = [ctypes.c_float() for _ in range(4)]
    raw.FPDFPageObj_GetBounds(item, *map(ctypes.byref, sides))
    left, bottom, right, top = (side.value for side in sides)
    return left, bottom, right, top


def shows_scan(page: Any) -> bool:
    """A picture covers half of the page or more."""
    items = (raw.FPDFPage_GetObject(page, at) for at in range(raw.FPDFPage_CountObjects(page)))
    boxes = [bounds(item) for item in items if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_IMAGE]
    area = page.get_width() * page.get_height()
    return any((right - left) * (top - bottom) * 2 >= area for left, bottom, right, top in boxes)


class Background:
    """The page as it looks without its text."""

    def __init__(self, page: Any, texts: Iterable[Any]) -> None:
        for text in texts:
            raw.FPDFPageObj_SetIsActive(text, False)
        scale = min(BACKGROUND_SCALE, BACKGROUND_PIXELS / max(page.get_size()))
        self.bitmap = page.render(scale=scale, grayscale=True)
        self.position = self.bitmap.get_posconv(page)

    def is_light(self, text_page: Any, at: int) -> bool:
        """Behind this character, or that place is not in the picture at all."""
        left, bottom, right, top = text_page.get_charbox(at)
        x, y = self.position.to_bitmap((left + right) / 2, (bottom + top) / 2)
        if not (0 <= x < self.bitmap.width and 0 <= y < self.bitmap.height):
            return True
        return bool(self.bitmap.buffer[y * self.bitmap.stride + x] >= 255 - SEEN_AT_CONTRAST)


if __name__ == "__main__":
    raise SystemExit(main())
