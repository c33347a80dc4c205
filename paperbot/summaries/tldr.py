"""TL;DRs: one sentence about each paper, from the call of its summary or by a small call of its own.

Each call holds one paper, so no paper's text can change another's line.
"""

import re
from collections.abc import Sequence

from paperbot.model import Paper
from paperbot.summaries.prompts import title_and_abstract
from paperbot.summaries.short_texts import has_only_numbers_of, plain_sentence, unwrapped, within_length

_LABEL = re.compile(
    r"^(?:[^\w\n]|_|<b>|<strong>|[0-9][.)]){0,12}"
    r"(?P<label>TL\s?(?:[;；:,/-]|\\;|&#59;)?\s?DR|ＴＬ；ＤＲ|too long[;,] didn['’]t read|太长不看"
    r"|一句话(?:总结|概括|摘要|概述)|一文で(?:の)?要約)(?:[】\]`]|</\w+>)?\s*"
    r"(?P<rest>(?:\([^)\n]*\)|（[^）\n]*）)?[*_]{0,2}\s*[:：]?[*_]{0,2}[^\n]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSING_FENCE = re.compile(r"\n\s*(?:```|~~~)\s*$")
_NO_SENTENCE = re.compile(
    r"[:：][\s*_]*$|^\W*(?:word count|字数|let me know|(?:i )?hope (?:this|that)|feel free)", re.IGNORECASE
)
"""A line of preface, a count of words, a closing phrase."""
_INTERJECTION = re.compile(
    r"^\W*(?:sure|certainly|of course|absolutely|okay|好的|当然)\s?[!,.，。！]\s*", re.IGNORECASE
)
_LABEL_ALONE = re.compile(
    r"^[\s>#*_【\[-]*(?:(?:here(?:\W{0,2}s| is)|voici|aquí (?:tienes|está)|hier ist|ecco|aqui está"
    r"|以下是)\s*)?"
    r"(?:(?:the|an?|your|une?|le|la|el|die|eine|il|o)\s)?(?:(?:one[- ]sentence|[0-9]+[- ]word|final|paper) "
    r"|一句话|한 (?:줄|문장) )?"
    r"(?:ＴＬ；ＤＲ|TL\W{0,2}DR|summary|sentence|answer|in (?:one sentence|short|brief|a nutshell|breve"
    r"|sintesi)"
    r"|(?:en |em )?(?:résumé|bref|resumen|resumo)|zusammenfassung|kurzfassung|кратко|вкратце|резюме"
    r"|(?:en une phrase|en una frase|in einem satz|in una frase|em uma frase)|太长不看|要約"
    r"|一言で(?:言うと)?|摘要|总结|總結|概括|一句话|요약)"
    r"(?: of (?:the|this) paper| summary| is| en une phrase| en una frase"
    r"| in einem satz)?[\s*_】\]]*(?:[:：—–]|(?<=[】\]]))[\s*_]*",
    re.IGNORECASE,
)
"""Before the sentence of a call of its own; a summary may begin with such a heading."""
MIN_CHARS_BESIDE_TITLE = 15
"""What a sentence that repeats the title must say besides."""
MAX_LINES_BEFORE = 2
"""A line of preface and an empty one."""


def split_answer(text: str) -> tuple[str, str]:
    """(the TL;DR, the summary behind it) of an answer with both; the TL;DR is empty where there is none.

    A TL;DR with nothing behind it was cut: then all of it is the summary.
    """
    found = _LABEL.search(text)
    if not found or text.count("\n", 0, found.start()) > MAX_LINES_BEFORE:
        return "", text
    sentence, rest = _unlabelled(found["rest"]), text[found.end() :].lstrip("\n")
    if not sentence:
        sentence, _, rest = rest.partition("\n")
    if "```" in text[: found.start()] or "~~~" in text[: found.start()]:
        rest = _CLOSING_FENCE.sub("", rest)  # of the fence around the whole answer
    return (sentence, rest.strip()) if rest.strip() else ("", text)


def sentence_of(answer: str) -> str:
    """The sentence of an answer that should hold nothing else; empty where it holds more."""
    answer = _LABEL_ALONE.sub("", _INTERJECTION.sub("", unwrapped(answer)))
    lines = [line for line in answer.splitlines() if line.strip() and not _NO_SENTENCE.search(line)]
    if found := _LABEL.search(answer):
        sentence = _unlabelled(found["rest"])
        return sentence or next((line for line in answer[found.end() :].splitlines() if line.strip()), "")
    return lines[0] if len(lines) == 1 else ""


def _unlabelled(rest: str) -> str:
    return re.sub(r"^(?:\([^)]*\)|（[^）]*）)?[\s*_`]*[:：—–-]?(?:</\w+>)?[\s*_]*", "", rest).strip()


def checked_tldr(sentence: str, paper: Paper, pages: Sequence[str] = ()) -> str:
    """The sentence if it is short, plain and without numbers that the model did not read; else empty."""
    line = within_length(plain_sentence(sentence))
    beside_title = line.casefold().replace(paper.title.rstrip(".").casefold(), "")
    if len(beside_title) < min(len(line), MIN_CHARS_BESIDE_TITLE):
        return ""
    is_true = bool(line) and has_only_numbers_of(line, title_and_abstract(paper), pages)
    return line if is_true else ""
