"""Which characters of a page a person can see.

Hidden is text without ink (render mode 3 or 7, or transparent), nearly white on a nearly white ground,
under a picture, under 2 points, or off the page. What figures and scans need is not hidden: white labels on a
dark ground, small print inside an included figure, labels drawn as outlines below an invisible text layer,
and the invisible text that a scanner lays over the picture of a page.
"""

import ctypes
import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw

from paperbot.pdf_reader.stamps import is_producer_stamp
from paperbot.pdf_reader.text import CJK

raw: Any = pypdfium2.raw

VISIBLE, HIDDEN, TINY, NEITHER = "v", "h", "t", "-"
TINY_POINTS = 2
LIGHT = 225
"""Of 255, in each of red, green and blue."""
MIN_CONTRAST = 25
"""Of 255; white on a paler ground than this can't be read."""
MIN_INK = 8
"""Of 255; by so much text must change its place on the page to be seen."""
TRANSPARENT = 12
"""Of 255."""
OUTLINE_CONTRAST = 60
"""Of 255, within a letter's box: something is drawn there."""
MIN_OUTLINED, MAX_COVERED = 0.6, 0.5
"""Shares of a label's letters: drawn as outlines, and lying under visible text."""
MAX_PIXELS = 2000
"""Of a rendered page in either direction, however large the page claims to be."""
MIN_HIDDEN_WORDS, MIN_HIDDEN_LETTERS, MIN_TINY_WORDS = 4, 20, 8

HIDDEN_RUN = re.compile(f"[{HIDDEN}{TINY}](?:[{HIDDEN}{TINY}{NEITHER}]*[{HIDDEN}{TINY}])?")
LETTER = re.compile(r"[^\W\d_]")
WORD = re.compile(rf"{CJK.pattern}{{1,2}}|(?:(?!{CJK.pattern})[^\W\d_]){{2,}}")
NO_INK = {raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP}
COVERING = {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING, raw.FPDF_PAGEOBJ_FORM}

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points."""


def split_hidden(chars: str, visibility: str) -> tuple[str, list[str]]:
    """The text that a reader sees, and the hidden runs of words; stray characters count as seen."""
    visible: list[str] = []
    hidden: list[str] = []
    done = 0
    for run in HIDDEN_RUN.finditer(visibility):
        words = chars[run.start() : run.end()]
        if _is_hidden_text(words, run.group()) and not is_producer_stamp(words):
            visible.append(chars[done : run.start()])
            hidden.append(words)
            done = run.end()
    visible.append(chars[done:])
    text = "".join(visible)
    # The pale copy that some tools lay under a label to set it off hides nothing.
    seen = "".join(text.split())
    return text, [words for words in hidden if "".join(words.split()) not in seen]


def _is_hidden_text(words: str, marks: str) -> bool:
    inkless = "".join(" " if mark == TINY else char for char, mark in zip(words, marks, strict=True))
    letters = len(LETTER.findall(inkless)) + len(CJK.findall(inkless))  # one of these says as much as two
    if letters >= MIN_HIDDEN_LETTERS and len(WORD.findall(inkless)) >= MIN_HIDDEN_WORDS:
        return True
    return len(WORD.findall(words)) >= MIN_TINY_WORDS


def char_visibility(page: Any, text_page: Any, chars: str) -> str:
    """One code for each character: VISIBLE, HIDDEN, TINY, or NEITHER for breaks that belong to no text."""
    text = PageText.of(page, text_page, chars)
    marks = {address: text.mark(address) for address in text.places}
    return "".join(marks[address] if address else NEITHER for address in text.addresses)


@dataclass(frozen=True)
class PageText:
    """The text objects of a page, by their address in memory."""

    page: Any
    text_page: Any
    chars: str
    addresses: Sequence[int]
    """Of the object that each character belongs to; 0 for none."""
    objects: Mapping[int, Any]
    places: Mapping[int, Sequence[int]]
    """Where each object's characters are in `chars`."""
    order: Mapping[int, int]
    """Of the page's own objects, later ones above earlier ones; those inside of figures are missing."""

    @classmethod
    def of(cls, page: Any, text_page: Any, chars: str) -> "PageText":
        """The text objects of pdfium's `page` and `text_page`, whose characters are `chars`."""
        handles = [raw.FPDFText_GetTextObject(text_page, at) for at in range(len(chars))]
        addresses = [_address(handle) for handle in handles]
        places = defaultdict(list)
        for at, address in enumerate(addresses):
            if address:
                places[address].append(at)
        objects = {address: handles[found[0]] for address, found in places.items()}
        order = {_address(handle): at for at, handle in enumerate(_own_objects(page))}
        return cls(page, text_page, chars, addresses, objects, dict(places), order)

    def mark(self, address: int) -> str:
        """VISIBLE, HIDDEN or TINY: what the text object at this address is to a reader."""
        handle = self.objects[address]
        if address in self.inkless or (is_light(handle) and self._has_light_background(address)):
            return VISIBLE if self.is_outlined_label(address) else HIDDEN
        if address in self.order and is_off_page(handle, self.page):
            return HIDDEN
        if address in self.order and is_tiny(handle):
            return TINY
        return HIDDEN if self._is_under_a_picture(address) else VISIBLE

    @functools.cached_property
    def inkless(self) -> frozenset[int]:
        """Objects without ink; none where they are the text of a scan."""
        found = frozenset(
            address
            for address, handle in self.objects.items()
            if fill_colour(handle)[3] < TRANSPARENT or raw.FPDFTextObj_GetTextRenderMode(handle) in NO_INK
        )
        is_most = sum(address in found for address in self.addresses) * 2 > len(self.chars)
        return frozenset() if is_most and shows_scan(self.page) else found

    def is_outlined_label(self, address: int) -> bool:
        """Do the page's drawings show these letters, and not the visible text above them?"""
        letters = [at for at in self.places[address] if self.chars[at].isalnum()]
        boxes = [self.text_page.get_charbox(at) for at in letters]
        if not boxes:
            return True
        outlined = sum(self.page_image.contrast(box) >= OUTLINE_CONTRAST for box in boxes)
        covered = sum(self.inked_places.covers(box) for box in boxes)
        return outlined >= MIN_OUTLINED * len(boxes) and covered < MAX_COVERED * len(boxes)

    def _has_light_background(self, address: int) -> bool:
        """Behind most of its characters."""
        boxes = self._boxes(address)
        light = sum(self.image_without_text.is_light(box) for box in boxes)
        return light * 2 > len(boxes)

    def _is_under_a_picture(self, address: int) -> bool:
        """Something opaque was drawn over it, so that the page looks the same without it."""
        order = self.order.get(address)
        if order is None or not any(
            at > order and _contains_centre(box, bounds(self.objects[address])) for at, box in self.covers
        ):
            return False
        boxes = self._boxes(address)
        seen = sum(self.page_image.differs(self.image_without_text, box) for box in boxes)
        return seen * 4 < len(boxes)

    def _boxes(self, address: int) -> list[Box]:
        return [self.text_page.get_charbox(at) for at in self.places[address] if not self.chars[at].isspace()]

    @functools.cached_property
    def covers(self) -> list[tuple[int, Box]]:
        """Order and bounds of the pictures and filled areas that could lie over text."""
        return [(at, bounds(item)) for at, item in enumerate(_own_objects(self.page)) if _may_cover(item)]

    @functools.cached_property
    def page_image(self) -> "PageImage":
        """The page as it is shown."""
        return PageImage(self.page)

    @functools.cached_property
    def image_without_text(self) -> "PageImage":
        """The page with its drawings and pictures alone."""
        _ = self.page_image  # rendered before the text is taken away
        for handle in self.objects.values():
            raw.FPDFPageObj_SetIsActive(handle, False)
        try:
            return PageImage(self.page)
        finally:
            for handle in self.objects.values():
                raw.FPDFPageObj_SetIsActive(handle, True)

    @functools.cached_property
    def inked_places(self) -> "CharGrid":
        """Where the characters of visible text are."""
        return CharGrid(
            self.text_page.get_charbox(at)
            for address, places in self.places.items()
            if address not in self.inkless and not is_light(self.objects[address])
            for at in places
        )


def _own_objects(page: Any) -> Iterator[Any]:
    """What the page itself draws, in this order; a figure that is drawn as a whole is one object."""
    for at in range(raw.FPDFPage_CountObjects(page)):
        yield raw.FPDFPage_GetObject(page, at)


def _address(handle: Any) -> int:
    return ctypes.cast(handle, ctypes.c_void_p).value or 0


def is_light(text: Any) -> bool:
    """Is a text object filled with nearly white?"""
    is_filled = raw.FPDFTextObj_GetTextRenderMode(text) == raw.FPDF_TEXTRENDERMODE_FILL
    return is_filled and min(fill_colour(text)[:3]) >= LIGHT


def fill_colour(item: Any) -> tuple[int, int, int, int]:
    """Red, green, blue and opacity, each of 255; black where the page does not say."""
    parts = [ctypes.c_uint() for _ in range(4)]
    known = raw.FPDFPageObj_GetFillColor(item, *map(ctypes.byref, parts))
    red, green, blue, opacity = (part.value for part in parts)
    return (red, green, blue, opacity) if known else (0, 0, 0, 255)


def is_tiny(text: Any) -> bool:
    """Is a character too small to read? Its ink counts, too: the font size of some bitmap fonts is wrong."""
    size, matrix = ctypes.c_float(), raw.FS_MATRIX()
    if not raw.FPDFTextObj_GetFontSize(text, size) or not raw.FPDFPageObj_GetMatrix(text, matrix):
        return False
    points = size.value * abs(matrix.a * matrix.d - matrix.b * matrix.c) ** 0.5
    left, bottom, right, top = bounds(text)
    return points < TINY_POINTS and min(right - left, top - bottom) < TINY_POINTS


def is_off_page(text: Any, page: Any) -> bool:
    """Does no part of a text object lie on the page?"""
    left, bottom, right, top = bounds(text)
    page_left, page_bottom, page_right, page_top = page.get_bbox()
    return bool(right < page_left or left > page_right or top < page_bottom or bottom > page_top)


def bounds(item: Any) -> Box:
    """The box around an object of the page."""
    sides = [ctypes.c_float() for _ in range(4)]
    raw.FPDFPageObj_GetBounds(item, *map(ctypes.byref, sides))
    left, bottom, right, top = (side.value for side in sides)
    return left, bottom, right, top


def shows_scan(page: Any) -> bool:
    """A picture covers half of the page or more."""
    pictures = (
        item for item in _own_objects(page) if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_IMAGE
    )
    area = page.get_width() * page.get_height()
    return any(
        (right - left) * (top - bottom) * 2 >= area for left, bottom, right, top in map(bounds, pictures)
    )


def _may_cover(item: Any) -> bool:
    kind = raw.FPDFPageObj_GetType(item)
    if kind != raw.FPDF_PAGEOBJ_PATH:
        return kind in COVERING
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(item, fill, stroke)
    return fill.value != raw.FPDF_FILLMODE_NONE and fill_colour(item)[3] > TRANSPARENT


def _centre(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _contains_centre(outer: Box, inner: Box) -> bool:
    x, y = _centre(inner)
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


class PageImage:
    """A page in shades of grey, a pixel a point or fewer."""

    def __init__(self, page: Any) -> None:
        self.bitmap = page.render(scale=min(1.0, MAX_PIXELS / max(page.get_size())), grayscale=True)
        self.position = self.bitmap.get_posconv(page)
        self.pixels = bytes(self.bitmap.buffer)

    def is_light(self, box: Box) -> bool:
        """Is the picture light at the middle of the box, or does it not reach that point?"""
        x, y = self.position.to_bitmap(*_centre(box))
        if not (0 <= x < self.bitmap.width and 0 <= y < self.bitmap.height):
            return True
        return bool(self.pixels[y * self.bitmap.stride + x] >= 255 - MIN_CONTRAST)

    def contrast(self, box: Box) -> int:
        """Between the lightest and the darkest pixel of the box."""
        shades = self._shades(box)
        return max(shades) - min(shades) if shades else 0

    def differs(self, other: "PageImage", box: Box) -> bool:
        """Does any pixel of the box have another shade in the other picture of the page?"""
        pairs = zip(self._shades(box), other._shades(box), strict=True)
        return any(abs(one - two) >= MIN_INK for one, two in pairs)

    def _shades(self, box: Box) -> bytes:
        """The pixels of the box, row by row."""
        left, bottom, right, top = box
        x1, y1 = self.position.to_bitmap(left, top)
        x2, y2 = self.position.to_bitmap(right, bottom)
        x1, x2 = max(0, min(x1, x2)), min(self.bitmap.width, max(x1, x2) + 1)
        y1, y2 = max(0, min(y1, y2)), min(self.bitmap.height, max(y1, y2) + 1)
        starts = (y * self.bitmap.stride for y in range(y1, y2))
        return b"".join(self.pixels[start + x1 : start + x2] for start in starts)


class CharGrid:
    """The boxes of visible characters, to ask whether one of them lies at a point."""

    CELL_POINTS = 12

    def __init__(self, boxes: Iterable[Box]) -> None:
        self._cells: dict[tuple[int, int], list[Box]] = defaultdict(list)
        for box in boxes:
            self._cells[self._cell(box)].append(box)

    def covers(self, box: Box) -> bool:
        """Does the middle of the box lie in the box of a visible character?"""
        x, y = self._cell(box)
        near = ((x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
        return any(_contains_centre(other, box) for cell in near for other in self._cells.get(cell, ()))

    def _cell(self, box: Box) -> tuple[int, int]:
        x, y = _centre(box)
        return int(x // self.CELL_POINTS), int(y // self.CELL_POINTS)
