"""Single sentences by a model: made into one line of plain text, or refused.

A summary is read beside its paper, in a fold that says where it comes from. A sentence in a list is read
alone, so more is asked of it: all of its numbers must be in what the model read, and no sentence is better
than a wrong one.
"""

import contextlib
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence

from paperbot.summaries.figures import figures_in
from paperbot.summaries.grounding import ground
from paperbot.summaries.no_paper import says_it_saw_no_paper
from paperbot.summaries.prompts import CJK
from paperbot.text import plain_formulas
from paperbot.text.sentences import sentences

MAX_WORDS, MAX_CJK_CHARS = 25, 60
MIN_CLAUSE_WORDS, MIN_CLAUSE_CJK_CHARS = 8, 15
"""What is left of a sentence that is cut at a clause; less says too little."""
CJK_SHARE = 0.2
"""With this share of Chinese or Japanese characters, a text is measured in characters."""

_MARKS = re.compile(r"\*\*|__|~~|`|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_LINE_START = re.compile(
    r"^\s*(?:(?:[-*+>•·‣▪◦–—①-⑳]|[\U0001f300-\U0001faff✅⭐✨]\ufe0f?|#{1,6}|[0-9]{1,2}[.)])\s+|[0-9]{1,2}、)"
)
_FENCE = re.compile(r"^\s*(?:```|~~~)\w*\s*$", re.MULTILINE)
_ELEMENT = re.compile(r"^\s*<(\w+)>([^<>]*)</\1>\s*$")
_QUOTES = re.compile(r"""^["'“‘«「『](.*)["'”’»」』]$""")
_LENGTH_NOTE = re.compile(
    r"\s*[(（][^()（）]{0,12}[0-9]+\s*(?:words?|characters?|字|文字|个字)[^()（）]{0,8}[)）]$"
)
_NOT_PLAIN = re.compile(
    r"\w:(?://|\\\\)|\bwww\.|\]\(|!\[|</?[A-Za-z!]|&#?\w+;|(?<!\w)@\w|\bmailto:|\bjavascript:"
    r"|\w@[\w-]+\.[a-z]|\b[\w-]+\.(?:com|org|net|io|ai|dev|cn)/|(?:\.\.\.|…)$"
    r"|[\[【［]\s*\^?[0-9]+(?:[\s,，、–-]+[0-9]+)*\s*[\]】］]|[|｜].*[|｜]|[{}]\s*\"",
    re.IGNORECASE,
)
_INSTRUCTION = re.compile(
    r"\b(?:ignor|disregard|forget|overrid)\w*\s+(?:\w+\s+){0,4}(?:instruction|prompt|rule|guideline|told"
    r"|above)"
    r"|\b(?:system prompt|as an ai\b|language model,? i\b|strong(?:ly)? accept|must[- ]read|best paper)\b"
    r"|\b(?:highly|strongly) recommend|\b(?:you (?:should|must)|please|everyone (?:should|must)) "
    r"|\b(?:positive review|rate (?:it|this)|(?:1?0|ten)/(?:1?0|ten)\b)"
    r"|(?:忽略|无视|忘记|不要理会)[^。]{0,12}(?:指令|指示|提示|要求|规则)|系统提示|强烈推荐|必读|请(?:务必"
    r"|给|忽略|推荐)"
    r"|(?:指示|命令|プロンプト)を無視",
    re.IGNORECASE,
)
"""Addressed to a reader or a model: no sentence about a paper. Papers about such texts lose a line by it."""
_CLAUSE_END = re.compile(r"[,;:](?=\s)|\s[–—-](?=\s)|—|[，；：、](?=.)")
_OPEN = {"(": ")", "[": "]", "{": "}", "（": "）", "“": "”", "「": "」"}

_NUMBER_WORDS = (
    ("zero", "零"), ("one", "single", "once", "一"), ("two", "both", "twice", "double", "二", "两", "双"),
    ("three", "thrice", "triple", "三"), ("four", "四"), ("five", "五"), ("six", "六"), ("seven", "七"),
    ("eight", "八"), ("nine", "九"), ("ten", "十"), ("eleven",), ("twelve",),
)  # fmt: skip
_WORD_VALUES = {word: str(value) for value, words in enumerate(_NUMBER_WORDS) for word in words}
_MULTIPLE = re.compile(
    r"\b(?P<word>two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty"
    r"|seventy"
    r"|eighty|ninety|hundred|thousand|million|billion)(?:[- ](?:\w+[- ])?)(?:times|fold|per ?cent|orders?)\b"
    r"|\bfactor of (?P<factor>two|three|four|five|six|seven|eight|nine|ten|twenty|fifty|hundred|thousand)\b"
    r"|\b(?P<verb>twice|doubl\w*|tripl\w*|quadrupl\w*|halv\w*|half|tenfold|hundredfold)\b"
    r"|(?P<cjk>[一二两三四五六七八九十百千万]+)(?=(?:多)?(?:倍|成|个?数量级|個?数量級|分之))"
    r"|百分之(?P<share>[一二三四五六七八九十百]+)"
    r"|(?P<doubled>翻(?:[一两三四]?番|倍)|减半|半分)",
    re.IGNORECASE,
)
_MULTIPLES_ELSEWHERE = (
    (
        r"doppelt|zweifach|zweimal|verdoppel|halbier|hälfte|deux fois|moitié|dos veces|doble\b|mitad"
        r"|due volte|metà"
        r"|duas vezes|dobro|metade|вдвое|в два раза|половин|удва|두 ?배|절반|半減|一半",
        "2",
        r"two[- ]?(?:fold|times)|factor of two|twice|doubl|half|halv|50 ?%",
    ),
    (
        r"dreifach|dreimal|verdreifach|trois fois|tres veces|tre volte|três vezes|втрое|в три раза|세 ?배"
        r"|thrice"
        r"|by a third",
        "3",
        r"three[- ]?(?:fold|times)|factor of three|tripl|thrice|third|33 ?%",
    ),
    (
        r"vierfach|viermal|quatre fois|cuatro veces|вчетверо|в четыре раза|네 ?배|by a quarter",
        "4",
        r"four[- ]?(?:fold|times)|factor of four|quadrupl|quarter|25 ?%",
    ),
    (
        r"zehnfach|zehnmal|dix fois|diez veces|dieci volte|dez vezes|в десять раз|열 ?배",
        "10",
        r"ten[- ]?(?:fold|times)|factor of ten|order of magnitude",
    ),
    (r"hundreds of times|hundertfach|cent fois|cien veces|в сто раз", "100", "hundred"),
)
"""(in a sentence, the number that it means, how else an English paper may write it)."""
_WITH_DIGITS = re.compile(r"[A-Za-z]*[-.]?\d[\w.,%-]*", re.ASCII)


_REFUSAL = re.compile(
    r"\bI\W{0,2}(?:m|am) (?:sorry|unable|not able)|\bI (?:can\W?t|cannot|could not|do not have)"
    r"|\b(?:sorry|apologi[sz]e)\b|\bno (?:abstract|paper|text|content) (?:(?:was|is) )?(?:provided|given)"
    r"|\b(?:paper|abstract|document|content|title)s? (?:(?:was|were|is|are) )?not (?:been )?"
    r"(?:provided|included|given|attached|available)"
    r"|\b(?:désolée?|lo siento|tut mir leid|entschuldig\w+|desculpe|mi dispiace|извините|сожалению)\b"
    r"|抱歉|对不起|對不起|无法(?:总结|提供|访问|读取|概括)|未提供(?:论文|摘要|内容|正文)|申し訳|できません"
    r"|죄송",
    re.IGNORECASE,
)
"""About the model itself, or about what it was not given."""


def unwrapped(answer: str) -> str:
    """The answer without a fence, an element or JSON around it; each string of JSON is then a line."""
    text = _ELEMENT.sub(r"\2", _FENCE.sub("", answer).strip())
    if text[:1] in ("{", "[", '"'):
        with contextlib.suppress(ValueError, RecursionError):
            return "\n".join(_strings(json.loads(text)))
    return text


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _strings(member)


def is_suspicious(text: str) -> bool:
    """Whether a text of one line speaks to its reader, or to a model, like an instruction."""
    return bool(_INSTRUCTION.search(text))


def plain_sentence(text: str) -> str:
    """The first sentence as one line without Markdown; empty if it is no plain sentence about a paper."""
    line = _LENGTH_NOTE.sub("", " ".join(text.split()))
    if any(pattern.search(line) for pattern in (_NOT_PLAIN, _INSTRUCTION, _REFUSAL)) or says_it_saw_no_paper(
        line
    ):
        return ""
    unquoted = _QUOTES.sub(r"\1", _MARKS.sub("", _LINE_START.sub("", line)).strip())
    found = sentences(plain_formulas(unquoted))
    first = found[0] if found else ""
    words = re.findall(r"[^\W\d_]+", first)
    says_something = len(words) > 1 and len(max(words, key=len)) > 1
    return first if says_something or len(CJK.findall(first)) > 3 else ""


def within_length(sentence: str, max_words: int = MAX_WORDS, max_cjk_chars: int = MAX_CJK_CHARS) -> str:
    """The sentence, cut at the end of a clause if it is too long; empty where that leaves too little."""
    if _fits(sentence, max_words, max_cjk_chars):
        return sentence
    least = MIN_CLAUSE_CJK_CHARS if _is_cjk(sentence) else MIN_CLAUSE_WORDS
    for end in reversed([found.start() for found in _CLAUSE_END.finditer(sentence)]):
        clause = sentence[:end].rstrip()
        is_whole = all(clause.count(opening) == clause.count(closing) for opening, closing in _OPEN.items())
        finished = clause + ("。" if _is_cjk(clause) else ".")
        if is_whole and _length(clause) >= least and _fits(finished, max_words, max_cjk_chars):
            return finished
    return ""


def _fits(sentence: str, max_words: int, max_cjk_chars: int) -> bool:
    return _length(sentence) <= (max_cjk_chars if _is_cjk(sentence) else max_words)


def _length(sentence: str) -> int:
    """In characters or in words; the parts of `state-of-the-art` count as one word each."""
    return len(sentence) if _is_cjk(sentence) else len(re.findall(r"[^\s/–—-]+", sentence))


def _is_cjk(sentence: str) -> bool:
    return len(CJK.findall(sentence)) > CJK_SHARE * len(sentence)


def has_only_numbers_of(sentence: str, text: str, pages: Sequence[str] = ()) -> bool:
    """Whether each number of the sentence, in digits or as a multiple in words, is in the text or pages."""
    groundings = (ground(sentence, text, seen) for seen in ([(), pages] if pages else [()]))
    if all(grounding.missing or grounding.worked_out for grounding in groundings):
        return False
    # What the check of figures passes over: single digits, years, numbers in names, multiples in words.
    checked = [range(figure.start, figure.quantities[-1].end) for figure in figures_in(sentence)]
    read = "\n".join((text, *pages))
    known, known_words = _squeezed(read), _words(read)
    for found in _WITH_DIGITS.finditer(unicodedata.normalize("NFKC", sentence)):
        if not any(found.start() < figure.stop and figure.start < found.end() for figure in checked):
            name = found[0].rstrip(".,%-")
            if not {name, name.lower()} & known_words and (len(name) < 3 or _squeezed(name) not in known):
                return False
    return all(_has_multiple(found, read, known_words) for found in _MULTIPLE.finditer(sentence)) and all(
        re.search(
            rf"(?<![\d.]){number}(?:\.0+)?\s*(?:x\b|×|-?fold|times)|\b(?:{in_english})", read, re.IGNORECASE
        )
        for words, number, in_english in _MULTIPLES_ELSEWHERE
        if re.search(words, sentence, re.IGNORECASE)
    )


def _has_multiple(found: re.Match[str], text: str, known_words: set[str]) -> bool:
    """The same words, or the same number in digits where it is a small one."""
    if found[0].lower() in text.lower():
        return True
    word = (found["word"] or found["factor"] or found["verb"] or found["cjk"] or found["share"] or "").lower()
    stems = {"doubl": "2", "twice": "2", "tripl": "3", "quadr": "4", "halv": "2", "half": "2", "tenfo": "10"}
    value = _WORD_VALUES.get(word) or next((stems[stem] for stem in stems if word.startswith(stem)), "")
    return (
        bool(value)
        and bool(re.search(rf"(?<![\d.]){value}(?:\.0+)?\s*(?:x\b|×|-?fold|times)", text))
        or (bool(word) and word in known_words)
    )


def _words(text: str) -> set[str]:
    """The text's words in lower case, and the digits of small number words."""
    words = {word.rstrip(".,%-") for word in re.findall(r"[\w.,%-]+", unicodedata.normalize("NFKC", text))}
    lower = {word.lower() for word in words} | {
        part for word in words for part in re.split("[-,_]", word.lower())
    }
    return words | lower | {_WORD_VALUES[word] for word in lower & _WORD_VALUES.keys()}


def _squeezed(text: str) -> str:
    return re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", text)).casefold()
