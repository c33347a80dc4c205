"""A tiny PDF writer for tests: lines of Helvetica wherever, and however visible, a test wants them."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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

    def operators(self) -> bytes:
        escaped = (
            self.text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        )
        red, green, blue = self.rgb
        return b"BT /F1 %g Tf %g %g %g rg %d Tr 1 0 0 1 %g %g Tm (%b) Tj ET" % (
            *(self.size, red, green, blue, self.mode, self.x, self.y),
            escaped,
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
class Scan:
    """A grey picture over the whole page, as a scanner makes it."""

    def operators(self) -> bytes:
        return b"q %d 0 0 %d 0 0 cm BI /W 2 /H 2 /CS /G /BPC 8 /F /AHx ID C0D0D0C0> EI Q" % (WIDTH, HEIGHT)


@dataclass(frozen=True)
class Figure:
    """Content set in a form of its own, as an included figure is."""

    content: tuple["Line | Box", ...]

    def operators(self) -> bytes:
        return b"/Figure Do"


@dataclass(frozen=True)
class Padding:
    """Nothing to see, but very long."""

    megabytes: int

    def operators(self) -> bytes:
        return b"1 0 0 rg\n" * (self.megabytes * 1_000_000 // 9)


Content = Line | Box | Scan | Figure | Padding


def prose(text: str, top: float = 700, width: int = 80, size: float = 10) -> list[Line]:
    """Text broken into lines from `top` downwards; a newline in it starts a new line."""
    rows: list[str] = []
    for paragraph in text.split("\n"):
        row = ""
        for word in paragraph.split(" "):
            if row and len(row) + len(word) >= width:
                rows.append(row)
                row = word
            else:
                row = f"{row} {word}" if row else word
        rows.append(row)
    return [Line(row, y=top - number * (size + 2), size=size) for number, row in enumerate(rows)]


def pdf(*pages: Iterable[Content], trailer: bytes = b"") -> bytes:
    """A PDF with these pages; `trailer` is added to the trailer's dictionary."""
    objects = [b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]
    kids = []
    for page in pages:
        content = tuple(page)
        figures = [item for item in content if isinstance(item, Figure)]
        resources = b"/Font << /F1 2 0 R >>"
        if figures:
            objects.append(
                _stream(
                    figures[0].content,
                    b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] "
                    b"/Resources << /Font << /F1 2 0 R >> >>",
                )
            )
            resources += b" /XObject << /Figure %d 0 R >>" % len(objects)
        objects.append(_stream(content))
        objects.append(
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R /Resources << %b >> >>"
            % (0, WIDTH, HEIGHT, len(objects), resources)
        )
        kids.append(len(objects))
    objects.append(
        b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(kids), b" ".join(b"%d 0 R" % k for k in kids))
    )
    tree = len(objects)
    objects[0] = b"<< /Type /Catalog /Pages %d 0 R >>" % tree
    return _file([body.replace(b"/Parent 0 0 R", b"/Parent %d 0 R" % tree) for body in objects], trailer)


def _stream(content: Sequence[Content], entries: bytes = b"") -> bytes:
    packed = zlib.compress(b"\n".join(item.operators() for item in content), level=1)
    head = b"<< /Filter /FlateDecode /Length %d %b >>" % (len(packed), entries)
    return head + b"\nstream\n" + packed + b"\nendstream"


def _file(objects: Sequence[bytes], trailer: bytes) -> bytes:
    out = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (
        *(len(objects) + 1, trailer),
        start,
    )
    return bytes(out)
