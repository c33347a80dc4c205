"""A model's thoughts cut out of its answer, and the marks of chat templates around it.

What a code span or a code block holds is left alone, and so is a mark that a sentence only mentions: a paper
about such marks may be summarised too.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

from paperbot.summaries import thought_marks as marks

MAX_PREFACE_CHARS = 200
MAX_PREFACE_ALONE_CHARS = 60
"""Where nothing follows the thoughts: more would be an answer."""
MAX_THOUGHTS = 30
"""Blocks in one answer, and marks in one block; what follows them is kept as it is."""
MAX_LINE_CHARS = 500
"""As much of a mark's line is looked at."""


def without_thoughts(content: str) -> str:
    """The answer alone; empty if there are only thoughts."""
    text = content.strip("\ufeff \t\r\n")
    if "\n" not in text and text.count("\\n") > 1:  # some gateways escape an answer twice
        text = marks.LITERAL_NEWLINE.sub("\n", text).strip()
    text = marks.LABELLED.sub("", text, count=1)
    if finals := list(_outside_code(marks.FINAL, text)):
        text = text[finals[-1].end() :]
    text = marks.UNLABELLED_ANSWER.sub("", _without_marked_thoughts(text))
    text = _removed(marks.SPOKEN, text, "\n")
    for turn in _outside_code(marks.NEXT_TURN, text):
        if text[: turn.start()].strip():
            text = text[: turn.start()]
            break
    if wrapper := next(_outside_code(marks.WRAPPER, text), None):  # such as <answer>...</answer>
        inside = wrapper["inside"] or wrapper["special"] or wrapper["square"] or ""
        outside = len(text[: wrapper.start()].strip()) + len(text[wrapper.end() :].strip())
        text = inside if len(inside.strip()) >= outside else text
    text = _removed(marks.CONTROL, text)
    text = _removed(marks.LEFT_OVER_WRAPPER, marks.ROLE.sub("", text, count=1))
    return marks.LITERAL_ENDS.sub("", text.strip()).strip()


def _without_marked_thoughts(text: str) -> str:
    kept, start = "", 0  # what stays of the text before `start`
    for _ in range(MAX_THOUGHTS):
        marked = (
            (mark, _thought_end(mark, _line_before(mark, start, kept)))
            for mark in _outside_code(marks.OPEN, text, start)
        )
        found = next(((mark, end) for mark, end in marked if end), None)
        if not found:
            break
        opening, end = found
        before = kept + text[start : opening.start()].rstrip(" \t")
        # a few words before the first thought, such as "Sure, let me read it.", are no part of the answer
        words, after = before.strip(), len(text[end:].strip())
        limit = min(after or MAX_PREFACE_ALONE_CHARS, MAX_PREFACE_CHARS)
        is_preface = len(words) <= limit and "\n\n" not in words and not marks.ANSWER_LINE.search(words)
        kept = "" if is_preface and not marks.CALL.search(opening[0]) else before
        start = end
    text = kept + text[start:]
    # Some chat templates open the thoughts within the prompt: then only their end is in the answer.
    for stray in reversed(list(_outside_code(marks.CLOSE, text))):
        line = _line_before(stray)
        if not marks.CALL.search(stray[0]) and not _is_mention(stray, line) and not marks.OPEN.search(line):
            return text[stray.end() :]
    return text


def _thought_end(opening: re.Match[str], line: str) -> int:
    """Where the thought that begins here ends, its closing mark included; 0 if the mark is only mentioned.

    `line` is what its line has before the mark.
    """
    text = opening.string
    closing = _close_of(opening, line)
    if closing is None:
        if _is_mention(opening, line):
            return 0
        answer = marks.ANSWER_START.search(text, opening.end())
        return answer.start() if answer else len(text)
    if opening.end() == closing[0] or text.find("\n", opening.end(), closing[0]) >= 0:
        return closing[1]
    # within a sentence, such as "text between <think> and </think>", or "writes <think>...</think> around it"
    before = re.search(r"[^\s.:!?。！？>][ \"“(']+\Z", line)
    is_part = before and re.match(r"[\"”')]*(?:[.,;:)<]| [a-z(])", text[closing[1] : closing[1] + 3])
    return 0 if is_part or marks.JOINING_WORDS.fullmatch(text, opening.end(), closing[0]) else closing[1]


def _close_of(opening: re.Match[str], line: str) -> tuple[int, int] | None:
    """The span of the closing mark of the thought that begins here, nested ones counted."""
    mark, text = opening[0].lower(), opening.string
    if mark.startswith("<|channel") or mark.endswith("<|message|>"):
        return _next_span(marks.CHANNEL_CLOSE, text, opening.end())
    if mark.startswith("<|") and (end := _next_span(marks.SPECIAL_CLOSE, text, opening.end())):
        return end
    if mark.startswith("<details"):
        closing = _next_span(marks.DETAILS_CLOSE, text, opening.end())
    else:
        closing = _close_of_nested(opening)
    if closing or _is_mention(opening, line):
        return closing
    # Some models write the opening mark a second time where they mean the end.
    again = text.find(opening[0], opening.end())
    return (again, again + len(opening[0])) if again >= 0 else None


def _close_of_nested(opening: re.Match[str]) -> tuple[int, int] | None:
    """The last closing mark where there are too few of them, or too many thoughts in each other."""
    text, opened = opening.string, _spans(marks.OPEN, opening.string)
    depth, at = 1, opening.end()
    closing = None
    for _ in range(MAX_THOUGHTS):
        following = _next_span(marks.CLOSE, text, at)
        if depth <= 0 or not following:
            break
        closing = following
        depth += bisect_left(opened, (closing[0],)) - bisect_left(opened, (at,)) - 1
        at = closing[1]
    return closing


@lru_cache(maxsize=8)
def _spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Of all matches, looked for once: an answer may have as many marks as words."""
    return [found.span() for found in pattern.finditer(text)]


def _next_span(pattern: re.Pattern[str], text: str, start: int) -> tuple[int, int] | None:
    spans = _spans(pattern, text)
    place = bisect_left(spans, (start,))
    return spans[place] if place < len(spans) else None


def _is_mention(mark: re.Match[str], line: str) -> bool:
    """Spaces and words on both sides. `line` is what its line has before the mark."""
    after = mark.string[mark.end() : mark.end() + MAX_LINE_CHARS].partition("\n")[0]
    is_behind_words = bool(line.strip()) and line.endswith((" ", '"', "“", "(", "'"))
    return is_behind_words and bool(after.strip()) and after[:1] in " ,.;:)\"”'"


def _line_before(mark: re.Match[str], start: int = 0, kept: str = "") -> str:
    """What its line has before the mark, `kept` in place of what is before `start`."""
    first = max(start, mark.start() - MAX_LINE_CHARS)
    before = (kept[-MAX_LINE_CHARS:] if first == start else "") + mark.string[first : mark.start()]
    return before[-MAX_LINE_CHARS:].rpartition("\n")[2]


def _outside_code(pattern: re.Pattern[str], text: str, start: int = 0) -> Iterator[re.Match[str]]:
    """The matches from `start` on that no code span or code block holds."""
    code = marks.CODE.finditer(text, start)
    span = next(code, None)
    for found in pattern.finditer(text, start):
        while span and span.end() <= found.start():
            span = next(code, None)
        if not span or found.start() < span.start():
            yield found


def _removed(pattern: re.Pattern[str], text: str, replacement: str = "") -> str:
    parts, end = [], 0
    for found in _outside_code(pattern, text):
        if not _is_mention(found, _line_before(found)):
            parts += [text[end : found.start()], replacement]
            end = found.end()
    return "".join(parts) + text[end:]
