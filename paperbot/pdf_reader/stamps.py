"""Invisible stamps of programs on the pages they make, such as "Powered by TCPDF (www.tcpdf.org)"."""

import re

MAX_STAMP_CHARS = 300
# A stamp holds nothing but these words, names, addresses and numbers: no instruction passes for one.
WORDS = frozenset(
    """a about above access all an and application apply apr april article at aug august available avoid buy
    by can com commercial content copies copy copyright courtesy created customer date dec december demo
    document documents downloaded edition electronic envelope evaluation feb february file for free from
    full generated generator gmt guest has have http https id in inc institution invoice is isn it jan
    january jul july jun june key law licence license licensed limitations limited ltd made mar march may
    message mode non noncommercial not nov november oct october of on online only or order org page pages
    pdf personal please powered prepared print printed printer produced product professional program
    protected provided publication purchase purchased purchasing register registered remove reserved
    restrictions rights scanned see sep september signed software stats student subject supplied t
    temporary terms the this time to tool trial unlicensed unregistered use used user using utc version via
    view visit warning was watermark web with without www you""".split()  # noqa: SIM905 (a list of 130 strings is harder to read)
)
NAMES = re.compile(
    r"\b(?:abbyy|acrobat|active ?pdf|adobe|apache fop|aspose(?:\.\w{1,20})?|autodesk|bcl|biorender|bullzip|"
    r"camscanner|cutepdf|docraptor|docusign|dompdf|dopdf|easypdf|elsevier|foxit|fpdf|ghostscript|gnostice|"
    r"go2pdf|html2pdf|ieee(?: xplore)?|i ?love ?pdf|itext(?:sharp)?|jstor|libreoffice|mpdf|"
    r"microsoft(?: word)?|neevia|nitro(?: pdf)?|nova ?pdf|openoffice|oxford|pd4ml|pdf ?24|pdf ?creator|"
    r"pdf ?factory(?: pro)?|pdf ?lib|pdf-xchange|pdf-tools|pdftron|primopdf|prince(?:xml)?|proquest|qoppa|"
    r"research ?gate|scribd|small ?pdf|solid converter|spire(?:\.pdf)?|springer(?: nature)?|ssrn|syncfusion|"
    r"tcpdf|telerik|tracker|wiley|winnovative|wkhtmltopdf|wondershare|wps(?: office)?|zotero)\b",
    re.IGNORECASE,
)
ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s()]{1,200}|[\w.-]{1,60}@[\w.-]{1,60}|\b[\w-]{1,40}\.(?:com|org|net)\b"
)


def is_producer_stamp(text: str) -> bool:
    """Does the text name a program or an address, and hold nothing but the words of such stamps besides?"""
    line = " ".join(text[: MAX_STAMP_CHARS + 1].split())
    if len(line) > MAX_STAMP_CHARS:
        return False
    rest, addresses = ADDRESS.subn(" ", line)
    rest, names = NAMES.subn(" ", rest)
    words = re.findall(r"[^\W\d_]+", rest.lower())
    return addresses + names > 0 and WORDS.issuperset(words)
