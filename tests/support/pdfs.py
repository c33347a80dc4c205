"""Small PDFs for tests: lines of text wherever, and however visible, a test wants them."""

import textwrap
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from paperbot.sample.pdf_writer import pdf_file, pdf_string

WIDTH, HEIGHT = 612, 792


@dataclass(frozen=True)
class Line:
    """One line of text; `rgb` from 0 to 1, `mode` the PDF text rendering mode (3 is invisible)."""

    text: str
    x: float = 72
    y: float = 700
    size: float = 10
    rgb: tuple[float, float, float] = (0, 0, 0)
    mode: int = 0
    font: str = "Helvetica"
    """One of FONTS."""

    def operators(self) -> bytes:
        red, green, blue = self.rgb
        text = pdf_string(self.text)
        if self.font == UNDECODABLE:  # numbers of glyphs, as a TrueType font usually orders them
            text = b"<%b>" % b"".join(b"%04x" % max(1, ord(char) - 29) for char in self.text)
        return b"BT /%b %g Tf %g %g %g rg %d Tr 1 0 0 1 %g %g Tm %b Tj ET" % (
            *(self.font.encode(), self.size, red, green, blue, self.mode, self.x, self.y),
            text,
        )


@dataclass(frozen=True)
class Box:
    """A filled rectangle, drawn where it stands among the lines."""

    x: float
    y: float
    width: float
    height: float
    rgb: tuple[float, float, float] = (0, 0, 0)

    def operators(self) -> bytes:
        return b"%g %g %g rg %g %g %g %g re f" % (*self.rgb, self.x, self.y, self.width, self.height)


@dataclass(frozen=True)
class Raw:
    """Operators of any kind."""

    code: bytes

    def operators(self) -> bytes:
        return self.code


SCAN = Raw(b"q %d 0 0 %d 0 0 cm BI /W 2 /H 2 /CS /G /BPC 8 /F /AHx ID C0D0D0C0> EI Q" % (WIDTH, HEIGHT))
"""A grey picture over the whole page, as a scanner makes it."""


@dataclass(frozen=True)
class Figure:
    """Content set in a form of its own, as an included figure is."""

    content: tuple["Line | Box", ...]

    def operators(self) -> bytes:
        return b"/Figure Do"


Content = Line | Box | Raw | Figure


def prose(text: str, top: float = 700, width: int = 80, size: float = 10) -> list[Line]:
    """Text broken into lines from `top` downwards; a newline in it starts a new line."""
    rows = [row for part in text.split("\n") for row in textwrap.wrap(part, width, break_on_hyphens=False)]
    return [Line(row, y=top - number * (size + 2), size=size) for number, row in enumerate(rows)]


LETTERS = "abcdefghijklmnopqrstuvwxyz"
UNDECODABLE, MATHEMATICAL, SHIFTED = "Undecodable", "Mathematical", "Shifted"
FONTS = ("Helvetica", "Courier", UNDECODABLE, MATHEMATICAL, SHIFTED)
"""Two usual ones; glyphs by number without a word about their letters; letters that stand for mathematical
ones outside the BMP (a-z italic, 0-9 bold); and letters that stand for the next ones of the alphabet."""


def pdf(*pages: Iterable[Content], trailer: bytes = b"") -> bytes:
    """A PDF with these pages; `trailer` is added to the trailer's dictionary."""
    objects = [b"", b"", *_font_objects(3)]
    fonts = b"/Font << %b >>" % b" ".join(b"/%b %d 0 R" % (n.encode(), 3 + at) for at, n in enumerate(FONTS))
    kids = []
    for page in pages:
        content = tuple(page)
        figures = [item for item in content if isinstance(item, Figure)]
        resources = fonts
        if figures:
            entries = b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << %b >>" % fonts
            objects.append(_stream(_drawn(figures[0].content), entries))
            resources += b" /XObject << /Figure %d 0 R >>" % len(objects)
        objects.append(_stream(_drawn(content)))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R /Resources << %b >> >>"
            % (WIDTH, HEIGHT, len(objects), resources)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(kids), b" ".join(kids))
    return pdf_file(objects, trailer)


def _font_objects(first: int) -> list[bytes]:
    """FONTS and what they refer to, numbered from `first` on."""
    simple = b"<< /Type /Font /Subtype /Type1 /BaseFont /%b /Encoding /WinAnsiEncoding %b >>"
    more = first + len(FONTS)
    return [
        simple % (b"Helvetica", b""),
        simple % (b"Courier", b""),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Unknown /Encoding /Identity-H "
        b"/DescendantFonts [%d 0 R] >>" % more,
        simple % (b"Courier", b"/ToUnicode %d 0 R" % (more + 1)),
        simple % (b"Courier", b"/ToUnicode %d 0 R" % (more + 2)),
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Unknown /CIDSystemInfo << /Registry (Adobe) "
        b"/Ordering (Identity) /Supplement 0 >> /FontDescriptor << /Type /FontDescriptor /FontName /Unknown "
        b"/Flags 4 /FontBBox [0 0 600 700] /ItalicAngle 0 /Ascent 700 /Descent 0 /CapHeight 700 "
        b"/StemV 80 >> >>",
        _to_unicode(
            {char: chr(0x1D44E + at) for at, char in enumerate(LETTERS) if char != "h"}
            | {digit: chr(0x1D7CE + int(digit)) for digit in "0123456789"}
        ),
        _to_unicode(
            dict(zip(LETTERS + LETTERS.upper(), LETTERS[1:] + "a" + LETTERS[1:].upper() + "A", strict=True))
        ),
    ]


def _to_unicode(letters: Mapping[str, str]) -> bytes:
    """A CMap (PDF 32000-1, 9.10.3)."""
    rows = [
        b"<%02x> <%b>" % (ord(code), shown.encode("utf-16-be").hex().encode())
        for code, shown in letters.items()
    ]
    return _stream(
        b"/CIDInit /ProcSet findresource begin begincmap /CMapName /Made def /CMapType 2 def\n"
        b"1 begincodespacerange <00> <ff> endcodespacerange\n%d beginbfchar\n%b\nendbfchar\n"
        b"endcmap end" % (len(rows), b"\n".join(rows))
    )


def _drawn(content: Sequence[Content]) -> bytes:
    return b"\n".join(item.operators() for item in content)


def _stream(content: bytes, entries: bytes = b"") -> bytes:
    packed = zlib.compress(content, level=1)
    head = b"<< /Filter /FlateDecode /Length %d %b >>" % (len(packed), entries)
    return head + b"\nstream\n" + packed + b"\nendstream"
