"""A model's thoughts cut out of its answer, and the marks of chat templates around it.

What a code span or a code block holds is left alone, and so is a mark that a sentence only mentions: a paper
about such marks may be summarised too.
"""

import re
from collections.abc import Iterator

from paperbot.summaries import thought_marks as marks

MAX_PREFACE_CHARS = 200
MAX_PREFACE_ALONE_CHARS = 60
"""Where nothing follows the thoughts: more would be an answer."""
MAX_THOUGHTS = 30
"""Blocks in one answer, each of which costs a search to its end; what follows them is kept as it is."""
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
    for _ in range(MAX_THOUGHTS):
        marked = ((mark, _thought_end(mark, text)) for mark in _outside_code(marks.OPEN, text))
        found = next(((mark, end) for mark, end in marked if end), None)
        if not found:
            break
        opening, end = found
        rest, before = text[end:], text[: opening.start()].rstrip(" \t")
        # a few words before the first thought, such as "Sure, let me read it.", are no part of the answer
        words, limit = before.strip(), min(len(rest.strip()) or MAX_PREFACE_ALONE_CHARS, MAX_PREFACE_CHARS)
        is_preface = len(words) <= limit and "\n\n" not in words and not marks.ANSWER_LINE.search(words)
        text = rest if is_preface and not marks.CALL.search(opening[0]) else before + rest
    # Some chat templates open the thoughts within the prompt: then only their end is in the answer.
    for stray in reversed(list(_outside_code(marks.CLOSE, text))):
        if (
            not marks.CALL.search(stray[0])
            and not _is_mention(stray, text)
            and not marks.OPEN.search(_line_before(stray))
        ):
            return text[stray.end() :]
    return text


def _thought_end(opening: re.Match[str], text: str) -> int:
    """Where the thought that begins here ends, its closing mark included; 0 if the mark is only mentioned."""
    closing = _close_of(opening, text)
    if closing is None:
        if _is_mention(opening, text):
            return 0
        answer = marks.ANSWER_START.search(text, opening.end())
        return answer.start() if answer else len(text)
    inside = text[opening.end() : closing[0]]
    if not inside or "\n" in inside:
        return closing[1]
    # within a sentence, such as "text between <think> and </think>", or "writes <think>...</think> around it"
    before = re.search(r"[^\s.:!?。：！？>][ \"“(']+\Z", _line_before(opening))
    is_part = before and re.match(r"[\"”')]*(?:[.,;:)<]| [a-z(])", text[closing[1] :][:3])
    return 0 if is_part or marks.JOINING_WORDS.match(inside) else closing[1]


def _close_of(opening: re.Match[str], text: str) -> tuple[int, int] | None:
    """The span of the closing mark of the thought that begins here, nested ones counted."""
    mark = opening[0].lower()
    if mark.startswith("<|channel") or mark.endswith("<|message|>"):
        found = marks.CHANNEL_CLOSE.search(text, opening.end())
        return found.span() if found else None
    if mark.startswith("<|") and (end := marks.SPECIAL_CLOSE.search(text, opening.end())):
        return end.span()
    pattern = marks.DETAILS_CLOSE if mark.startswith("<details") else marks.CLOSE
    depth, at = 1, opening.end()
    while closing := pattern.search(text, at):
        depth += len(marks.OPEN.findall(text, at, closing.start())) - 1 if pattern is marks.CLOSE else -1
        at = closing.end()
        if depth <= 0 or not pattern.search(text, at):
            return closing.span()
    # Some models write the opening mark a second time where they mean the end.
    again = text.find(opening[0], opening.end())
    return (again, again + len(opening[0])) if again >= 0 and not _is_mention(opening, text) else None


def _is_mention(mark: re.Match[str], text: str) -> bool:
    """Spaces and words on both sides."""
    before = _line_before(mark)
    after = text[mark.end() : mark.end() + MAX_LINE_CHARS].partition("\n")[0]
    is_behind_words = bool(before.strip()) and before.endswith((" ", '"', "“", "(", "'"))
    return is_behind_words and bool(after.strip()) and after[:1] in " ,.;:)\"”'"


def _line_before(mark: re.Match[str]) -> str:
    return mark.string[max(0, mark.start() - MAX_LINE_CHARS) : mark.start()].rpartition("\n")[2]


def _outside_code(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches that no code span or code block holds."""
    code = marks.CODE.finditer(text)
    span = next(code, None)
    for found in pattern.finditer(text):
        while span and span.end() <= found.start():
            span = next(code, None)
        if not span or found.start() < span.start():
            yield found


def _removed(pattern: re.Pattern[str], text: str, replacement: str = "") -> str:
    parts, end = [], 0
    for found in _outside_code(pattern, text):
        if not _is_mention(found, text):
            parts += [text[end : found.start()], replacement]
            end = found.end()
    return "".join(parts) + text[end:]
