"""Where the sentences of a text end, in languages with Latin letters, in Chinese and in Japanese."""

import re
from collections.abc import Iterator

_SENTENCE_END = re.compile(
    r"[.!?][\"')\]\u201d]*\s+(?=[\"'(\[\u201c$\\]?[^\W\d_a-z]|[\"'(\[\u201c$\\]?[0-9])|[。！？][”’」』）]*|\n"
)
_NO_SENTENCE_END = re.compile(
    r"(?:\b(?:e\.g|i\.e|a\.k\.a|al|[Vv]s|v\.s|[Cc]f|resp|approx|w\.r\.t|ca|[Ff]igs?|[Ee]qn?s?|Sect?s?|Chaps?|Tabs?|Refs?|"
    r"Thms?|Lem|Cor|Prop|Def|Alg|App|Ex|Suppl|[Vv]ol|pp|Nos?|Dr|Prof|Mrs?|Jr|St|Inc|Corp|Ltd)|\b[A-Z])\.\s+$"
)


def sentence_ends(text: str) -> Iterator[int]:
    """The places behind each sentence but the last; none within a formula or behind an abbreviation."""
    for match in _SENTENCE_END.finditer(text):
        before = text[: match.end()]
        if before.count("$") % 2 == 0 and not _NO_SENTENCE_END.search(before[-12:]):
            yield match.end()


def sentences(text: str) -> list[str]:
    """The sentences, without the space between them."""
    ends = [0, *sentence_ends(text), len(text)]
    parts = (text[start:end].strip() for start, end in zip(ends, ends[1:], strict=False))
    return [part for part in parts if part]
