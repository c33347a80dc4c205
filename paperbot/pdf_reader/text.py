"""Raw characters of a PDF -> clean text, and whether they are text at all.

Linear in the length of any input.
"""

import re
import sys
import unicodedata
from collections.abc import Sequence

WORD_JOINER = "\u2060"
UNKNOWN = "\ufffd"
MAX_LOOK_BACK = 60
"""Characters before a hyphen at a line's end; the rest of a longer word doesn't matter."""
MIN_ORDINARY_SHARE = 0.25
MIN_CJK_SHARE = 0.05
MIN_ABSTRACT_WORDS = 15
"""Of different words; a shorter abstract says too little."""
MIN_ABSTRACT_SHARE = 0.2

# What pdfium makes of a hyphen at the end of a line; the break itself is gone.
LINE_END_HYPHEN = re.compile("[\x02\ufffe](?:\r?\n)?")
WORD_BEFORE = re.compile(r"[\w-]*\Z")
SOFT_HYPHEN = re.compile("\u00ad(?:\r?\n)?")
COMPATIBILITY = re.compile("[\ufb00-\ufb06\U0001d400-\U0001d7ff\u2000-\u200a\u202f\u205f\u00a0]")
UNWANTED = {"Cc", "Cf", "Cs", "Co", "Cn"}
NUMBER = re.compile(r"[-+±~≈<>=$€(\[{]*[0-9][0-9.,:;/%×x±eE^+\-–−)\]}]*")
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
BETWEEN_WORDS = re.compile(r"[\s\-–—/'’]+")
EDGES = "'\"“”‘’`.,:;!?()[]{}<>*†‡§|/\\-–—"
SCRIPTS = (
    "\u0370-\u03ff\u1f00-\u1fff", "\u0400-\u04ff", "\u0530-\u058f", "\u0590-\u06ff", "\u0900-\u0dff",
    "\u0e00-\u0eff", "\u1000-\u109f", "\u10a0-\u10ff", "\u1200-\u137f", "\u1780-\u17ff",
)  # fmt: skip
"""Of alphabets besides the Latin one, with their vowel signs; from Greek to Khmer."""
ORDINARY = re.compile(
    r"(?=[^\W\d_]{3,})(?:[A-Z]?(?=[^\s]*[aeiouyà-öø-ÿạ-ỹ])[a-zß-žșțđơưạ-ỹ]+|(?=[^\s]*[AEIOUY])[A-Z]+)|"
    + "|".join(f"[{script}]{{3,}}" for script in SCRIPTS)
)
OTHER_LANGUAGE = re.compile(rf"{CJK.pattern}|[\u0400-\u1dff]")


def join_surrogates(codes: Sequence[int]) -> str:
    """The characters for pdfium's codes; one outside the BMP comes in UTF-16 halves.

    Every code keeps its place: the second half's is taken by U+2060, which is invisible.
    """
    chars = [
        UNKNOWN if code == 0 or code > sys.maxunicode or 0xD800 <= code < 0xE000 else chr(code)
        for code in codes
    ]
    for at in range(len(codes) - 1):
        high, low = codes[at], codes[at + 1]
        if 0xD800 <= high < 0xDC00 <= low < 0xE000:
            chars[at] = chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
            chars[at + 1] = WORD_JOINER
    return "".join(chars)


def join_words(text: str) -> str:
    """Words that a hyphen breaks over two lines are whole again."""
    text = LINE_END_HYPHEN.sub(_joined, text)
    return SOFT_HYPHEN.sub("", text)


def _joined(hyphen: re.Match[str]) -> str:
    """`state-of-the` keeps its hyphen at the line's end, as do numbers."""
    before = hyphen.string[max(0, hyphen.start() - MAX_LOOK_BACK) : hyphen.start()]
    word = WORD_BEFORE.search(before)
    start = word[0] if word else ""
    return "-" if "-" in start or not start[-1:].isalpha() else ""


def normalize_pdf_text(text: str) -> str:
    """Words whole, ligatures and mathematical letters plain, and nothing invisible.

    Superscripts and the like stay: as plain digits they would change a number.
    """
    text = join_words(text)
    text = COMPATIBILITY.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    unwanted = {char for char in set(text) - {"\n", "\t"} if unicodedata.category(char) in UNWANTED}
    return text.translate(dict.fromkeys(map(ord, unwanted)))


def is_decodable(raw_text: str) -> bool:
    """Do the fonts say which letters they show? Otherwise few of the "words" are words of any language.

    Measured on 667 PDFs: 18 undecodable ones lie below both shares, all others above one of them.
    """
    words = BETWEEN_WORDS.split(raw_text.replace(WORD_JOINER, ""))
    tokens = [word.strip(EDGES) or word for word in words if word]
    tokens = [token for token in tokens if not (_is_sign(token) or NUMBER.fullmatch(token))]
    ordinary = sum(bool(ORDINARY.fullmatch(token[:100])) for token in tokens)
    if ordinary >= MIN_ORDINARY_SHARE * len(tokens):
        return True
    return len(CJK.findall(raw_text)) >= MIN_CJK_SHARE * len(raw_text)


def _is_sign(token: str) -> bool:
    """One of a formula's, alone."""
    return len(token) == 1 and token.isprintable() and not token.isalnum() and token != UNKNOWN


def holds_abstract(text: str, abstract: str) -> bool:
    """Are the abstract's words in the text? They are not where one letter is shown for another."""
    words = set(re.findall("[a-z]{4,40}", abstract.lower()))
    if len(words) < MIN_ABSTRACT_WORDS or len(OTHER_LANGUAGE.findall(text)) >= MIN_CJK_SHARE * len(text):
        return True
    known = set(re.findall("[a-z]{4,40}", text.lower()))
    return len(words & known) >= MIN_ABSTRACT_SHARE * len(words)
