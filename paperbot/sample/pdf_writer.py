"""Plain text as a PDF: Helvetica, wrapped lines, as many pages as it takes, and nothing else.

Format: https://www.iso.org/standard/75839.html (PDF 2.0), of which this uses what PDF 1.4 had.
"""

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

WIDTH, HEIGHT, MARGIN = 612, 792, 72
BODY, HEADING = (b"/Body", 10, 92), (b"/Bold", 13, 60)
"""Font, size in points, and about how many characters of it fit on a line."""
UNDECOMPOSED = str.maketrans("łŁđĐı", "lLdDi")

Line = tuple[bytes, int, str]
"""Font, size and words; a line without words is empty space."""


def pdf_of(text: str, white_text: str = "") -> bytes:
    """A PDF of the text's lines, each a paragraph, or a heading if it begins with `# `.

    `white_text` is at the foot of the first page, in white on white.
    """
    pages = [b"\n".join(page) for page in _pages(_lines(text))]
    foot = textwrap.wrap(white_text, BODY[2])
    white = [_show((*BODY[:2], words), MARGIN - 24 - 12 * at) for at, words in enumerate(foot)]
    pages[0] += b"\n1 g\n" + b"\n".join(white)
    return _file(pages)


def _lines(text: str) -> Iterator[Line]:
    for paragraph in text.splitlines():
        is_heading = paragraph.startswith("# ")
        font, size, width = HEADING if is_heading else BODY
        for words in textwrap.wrap(paragraph.removeprefix("# "), width, break_on_hyphens=False):
            yield font, size, words
        yield font, 4, ""


def _pages(lines: Iterable[Line]) -> Iterator[list[bytes]]:
    page: list[bytes] = []
    y = HEIGHT - MARGIN
    for line in lines:
        y -= line[1] + 4
        if y < MARGIN:
            yield page
            page, y = [], HEIGHT - MARGIN
        page.append(_show(line, y))
    yield page


def _show(line: Line, y: int) -> bytes:
    font, size, words = line
    return b"BT %b %d Tf %d %d Td %b Tj ET" % (font, size, MARGIN, y, pdf_string(words))


def pdf_string(words: str) -> bytes:
    """The text as a PDF string in the fonts' encoding; a letter that is not in it loses its accent."""
    encoded = b"".join(map(_encoded, words.translate(UNDECOMPOSED)))
    return b"(" + encoded.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)") + b")"


def _encoded(letter: str) -> bytes:
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore") or b"?"


def _file(pages: Sequence[bytes]) -> bytes:
    fonts = b"<< /Font << " + b" ".join(
        b"%b << /Type /Font /Subtype /Type1 /BaseFont /%b /Encoding /WinAnsiEncoding >>" % font
        for font in ((BODY[0], b"Helvetica"), (HEADING[0], b"Helvetica-Bold"))
    )
    kids = b" ".join(b"%d 0 R" % (3 + 2 * at) for at in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%b] /MediaBox [0 0 %d %d] /Resources %b >> >> >>"
        % (len(pages), kids, WIDTH, HEIGHT, fonts),
    ]
    for content in pages:
        objects.append(b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R >>" % (len(objects) + 2))
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
    return pdf_file(objects)


def pdf_file(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """The objects, the first of them the catalog, and the table of where each begins.

    `trailer` is added to the trailer's dictionary.
    """
    out = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    table = b"0000000000 65535 f \n"
    for number, body in enumerate(objects, start=1):
        table += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    size, start = len(objects) + 1, len(out)
    out += b"xref\n0 %d\n%b" % (size, table)
    out += b"trailer\n<< /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(out)
