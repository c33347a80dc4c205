"""A model's thoughts cut out of its answer, in the marks of the open reasoning models of 2024 to 2026.

Sources: the models' chat templates and the reasoning parsers of vLLM and SGLang. What a code span or a
code block holds is left alone: a paper about such marks may be summarised too.
"""

import re

MAX_PREFACE_CHARS = 200
MAX_PREFACE_ALONE_CHARS = 60
"""Where nothing follows the thoughts: more would be an answer."""
MAX_THOUGHTS = 100
"""Blocks in one answer; what follows them is kept as it is."""

_NAMES = (
    "think|thinks|thinking|thought|thoughts|thought_process|thinking_process|reason|reasoning"
    "|reasoning_content|reflection|reflect|analysis"
    "|scratchpad|monologue|inner_monologue|internal_monologue|chain[-_]of[-_]thoughts?|cot|rationale"
    "|deliberation|思考过程|思考|推理过程|推理"
    "|cot_budget_reflect|deep_think|deepthink"
    "|inner_thoughts|planning|internal_thoughts|begin_of_thought"
)
_ANSWER_NAMES = (
    "answer|final_answer|final|response|final_response|output|solution|result|summary|reply|content"
)
_PREFIX, _SUFFIX = r"(?:[\w-]{1,20}[:_]|ant)?", r"(?:[:_](?!end\b)[\w-]{1,20})?"
_FLAGS = re.IGNORECASE
_LEFT, _RIGHT = r"(?:<[|｜]?|&lt;|\\<|＜|【)", r"(?:[|｜]?>|&gt;|\\>|＞|】)"
_JOINED = r"[-_▁ ]?(?:of)?[-_▁ ]?"
_SPECIAL_NAMES = "thoughts?|think(?:ing)?|reasoning"
_OPEN = re.compile(
    rf"{_LEFT}\s*(?!/|end[-_▁o])(?P<tag>{_PREFIX}(?:{_NAMES}){_SUFFIX})(?:\s[^<>]*)?{_RIGHT}"
    rf"|(?:<[|｜]|\[)(?:begin|start){_JOINED}(?:{_SPECIAL_NAMES})(?:[|｜]>|\])"
    r"|\[(?P<square>THINK|THINKING|REASONING|THOUGHT)\]|◁\s*think\s*▷|<unused94>(?:thought)?|\[unused16\]"
    r"|<details[^<>]*type=[\"']?reasoning[^<>]*>"
    r"|<details[^<>]*>\s*<summary>[^<\n]{0,20}(?:think|thought|reasoning|思考|推理)[^<\n]*</summary>"
    r"|<\|channel\|?>\s*(?:analysis|commentary|thought|thinking|reasoning)\b[^<\n]*(?:<\|message\|>)?"
    r"|<\|inner_prefix\|>|<\|im_start\|>\s*think(?:ing)?\n|\(think(?:ing)?\)(?=\n)",
    _FLAGS,
)
_CLOSE = re.compile(
    rf"{_LEFT}\s*/\s*[|｜]?{_PREFIX}(?:{_NAMES}){_SUFFIX}\s*{_RIGHT}"
    rf"|(?:<[|｜]?|\[)end{_JOINED}(?:{_SPECIAL_NAMES})(?:[|｜]?>|\])"
    rf"|<[|｜](?:{_SPECIAL_NAMES})[-_▁]end[|｜]>|\[/(?:THINK|THINKING|REASONING|THOUGHT)\]"
    r"|◁\s*/\s*think\s*▷|<unused95>|\[unused17\]|<\|inner_suffix\|>|<channel\|>",
    _FLAGS,
)
_SPECIAL_END = re.compile(_CLOSE.pattern + r"|<\|(?:im_)?end\|>", _FLAGS)
_DETAILS_CLOSE = re.compile(r"</details>", _FLAGS)
_HARMONY_NEXT = re.compile(
    r"<\|channel\|?>\s*final\b[^<\n]*(?:<\|constrain\|>\s*\w+)?<\|message\|>|<\|end\|>|<\|start\|>|<\|return\|>|<channel\|>",
    _FLAGS,
)
_BARE_HARMONY = re.compile(
    r"\A\s*(?:assistant)?\s*analysis(?=[A-Z\s]).*?assistant(?:commentary.*?assistant)?final",
    re.DOTALL,
)
_FINAL_CHANNEL = re.compile(
    r"(?:<\|start\|>\s*assistant\s*)?<\|channel\|?>\s*final\b[^<\n]*(?:(?:<\|constrain\|>\s*\w+)?<\|message\|>)?",
    _FLAGS,
)
_SPOKEN = re.compile(
    r"(?:\A|\n)[ \t*#]*Here(?: is|'s|’s| are) my (?:thought process|reasoning(?: process| steps)?"
    r"|thinking)\b[^\n:]*:?.*?"
    r"(?:\n[ \t*#]*Here(?: is|'s|’s) my (?:response|answer|summary|final (?:response|answer"
    r"|summary))\b[ \t*]*:?[ \t*]*|\[BEGIN FINAL RESPONSE\]|\Z)",
    _FLAGS | re.DOTALL,
)
_SPOKEN_ANSWER = re.compile(
    r"\A\s*[ \t*#]*Here(?: is|'s|’s) my (?:response|final response|answer)\b[ \t*]*:[ \t*]*\n?", _FLAGS
)
_LABELLED = re.compile(
    r"\A[\s*#]*(?:thinking|thoughts?|reasoning|思考过程|思考|推理过程)[*]*[:：].*?"
    r"\n[\s*#]*(?:(?:final |my )?(?:answer|response|summary)|最终答案|最终回答|答案|回答|总结)"
    r"[*]*[:：][*]*[ \t]*\n"
    r"|\A\s*Thinking\.\.\.\n.*?\.\.\.done thinking\.?\s*"
    r"|\A\s*>\s*[*]*(?:thinking|thought|reasoning)\b[^\n]*\n(?:>[^\n]*\n)*"
    r"|\A\s*(`{3,})(?:think|thinking|thoughts?|reasoning)\n.*?\n\1[ \t]*\n",
    _FLAGS | re.DOTALL,
)
"""Thoughts at the beginning under a label, in a quotation, or in a code block that is named after them."""
_ANSWER_LINE = re.compile(r"^\s*(?:#|[-*|>]|\d+[.)]|[*_]*TL;?DR)", _FLAGS | re.MULTILINE)
_ANSWER_START = re.compile(rf"^[ \t]*<\|?(?:{_ANSWER_NAMES})\|?>", _FLAGS | re.MULTILINE)
_WRAPPER = re.compile(
    rf"(?:^|(?<=\n)"
    rf"|(?<=[>\s]))<\|?(?P<name>{_PREFIX}(?:{_ANSWER_NAMES}){_SUFFIX})\|?>(?P<inside>.*?)(?:<\|?/(?P=name)\|?>|\Z)"
    r"|<\|(?:START_RESPONSE|begin_of_solution|begin_of_answer"
    r"|START_TEXT)\|>(?P<special>.*?)(?:<\|(?:END_RESPONSE|end_of_solution|end_of_answer|END_TEXT)\|>|\Z)"
    r"|\[BEGIN FINAL RESPONSE\](?P<square>.*?)(?:\[END FINAL RESPONSE\]|\Z)",
    _FLAGS | re.DOTALL,
)
_LEFT_OVER_WRAPPER = re.compile(
    rf"(?m)^[ \t]*<\|?/?(?:{_ANSWER_NAMES})\|?>[ \t]*$|</(?:{_ANSWER_NAMES})>\s*\Z|\[END FINAL RESPONSE\]",
    _FLAGS,
)
_NEXT_TURN = re.compile(
    r"(?:<\|im_start\|>|<start_of_turn>|<\|start_header_id\|>|<\|start\|>|<\|turn>|<｜|<\|)\s*(?:user|human"
    r"|User)\s*(?:<\|end_header_id\|>|\|>|｜>|\n)|\[INST\]",
    0,
)
_CONTROL = re.compile(
    r"(?:<\|im_start\|>|<start_of_turn>|<\|start_header_id\|>|<\|start\|>|<\|begin\|>"
    r"|<\|turn>)\s*(?:assistant|model|system|ai|answer)\b(?:<\|end_header_id\|>|<\|content\|>|<\|message\|>)?\n*"
    r"|<\|[^|<>\n]{1,40}\|?>|<[a-z_]{2,16}\|>|<｜[^｜<>\n]{1,40}｜>|</?s>|<(?:eos|bos|pad|unk|sep|eop|sop|eod"
    r"|eot|end_of_turn|start_of_turn|end_of_text|endoftext|extra_id_\d+)>|<unused\d+>"
    r"|<SPECIAL_\d+>|<think(?:ing)?\s*/>"
    r"|\[/?INST\]|\[(?:EOS|BOS|PAD|gMASK|sMASK)\]|<<SYS>>|<</SYS>>|<\[[^\[\]<>\n]{1,40}\]>|\[e~\["
    r"|\]~b\](?:ai)?|\]~!b\[|◁[^▷\n]{1,30}▷|<0x0A>"
)
_CODE = re.compile(
    r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[^\n]*\n.*?^[ \t]*(?P=fence)[`~]*[ \t]*$"
    r"|(?<!`)(?P<ticks>`{1,9})(?!`)(?:(?!\n[ \t]*\n).){1,1000}?(?<!`)(?P=ticks)(?!`)",
    re.MULTILINE | re.DOTALL,
)
_JOINING_WORDS = re.compile(
    r"[\s,/…·.&+-]*(?:and|or|to|then|und|oder|et|ou|y|o|和|与|或|到|及|と|、)?[\s,/…·.&+-]*\Z", _FLAGS
)


def without_thoughts(content: str) -> str:
    """The answer alone; empty if there are only thoughts."""
    text = content.lstrip("\ufeff")
    text = _BARE_HARMONY.sub("", text, count=1)
    text = _LABELLED.sub("", text, count=1)
    final = _last_outside_code(_FINAL_CHANNEL, text)
    if final:
        text = text[final.end() :]
    text = _without_marked_thoughts(text)
    text = _outside_code(_SPOKEN, text, "\n")
    text = _SPOKEN_ANSWER.sub("", text)
    if turn := _first_outside_code(_NEXT_TURN, text):
        text = text[: turn.start()] if text[: turn.start()].strip() else text
    text = _unwrapped_answer(text)
    text = _outside_code(_CONTROL, text, "")
    return _outside_code(_LEFT_OVER_WRAPPER, text, "").strip()


def _without_marked_thoughts(text: str) -> str:
    for _ in range(MAX_THOUGHTS):
        opening = _first_thought(text)
        if not opening:
            break
        closing = _close_of(opening, text)
        if closing is None and _is_prose(opening, text):
            return (
                _without_stray_ends(text[: opening.start()])
                + text[opening.start() : opening.end()]
                + _without_marked_thoughts(text[opening.end() :])
            )
        answer = None if closing else _ANSWER_START.search(text, opening.end())
        rest = text[closing[1] :] if closing else text[answer.start() :] if answer else ""
        before = text[: opening.start()].rstrip(" \t")
        text = rest if _is_preface(before, rest) else before + rest
    return _without_stray_ends(text)


def _is_preface(before: str, rest: str) -> bool:
    """A few words before the first thought, such as "Sure, let me read it."; no part of the answer."""
    words = before.strip()
    limit = len(rest.strip()) or MAX_PREFACE_ALONE_CHARS
    return (
        len(words) <= min(limit, MAX_PREFACE_CHARS) and "\n\n" not in words and not _ANSWER_LINE.search(words)
    )


def _first_thought(text: str) -> re.Match[str] | None:
    """The first opening mark that is not only mentioned."""
    for found in _matches_outside_code(_OPEN, text):
        closing = _close_of(found, text)
        if (
            closing is None
            or not _JOINING_WORDS.match(text[found.end() : closing[0]])
            or closing[0] == found.end()
            or "\n" in text[found.end() : closing[0]]
        ):
            return found
    return None


def _close_of(opening: re.Match[str], text: str) -> tuple[int, int] | None:
    """Where the thought that begins here ends: the span of its closing mark, nested ones counted."""
    if opening[0].lower().startswith("<|channel"):
        found = _HARMONY_NEXT.search(text, opening.end())
        return found.span() if found else None
    if opening[0].startswith("<|") and (end := _SPECIAL_END.search(text, opening.end())):
        return end.span()
    pattern = _DETAILS_CLOSE if opening[0].lower().startswith("<details") else _CLOSE
    depth, at = 1, opening.end()
    while closing := pattern.search(text, at):
        depth += len(_OPEN.findall(text, at, closing.start())) - 1 if pattern is _CLOSE else -1
        at = closing.end()
        if depth <= 0 or not pattern.search(text, at):
            return closing.span()
    return None


def _is_prose(mark: re.Match[str], text: str) -> bool:
    """A mark that a sentence only mentions: spaces and words on both sides."""
    before, after = text[: mark.start()].rpartition("\n")[2], text[mark.end() :].partition("\n")[0]
    return (
        bool(before.strip())
        and before.endswith((" ", '"', "“", "(", "'"))
        and bool(after.strip())
        and after[:1] in " ,.;:)\"”'"
    )


def _without_stray_ends(text: str) -> str:
    """Some chat templates open the thoughts within the prompt: then only their end is in the answer."""
    ends = [found for found in _matches_outside_code(_CLOSE, text) if not _is_prose(found, text)]
    return text[ends[-1].end() :] if ends else text


def _unwrapped_answer(text: str) -> str:
    """The inside of `<answer>...</answer>` and the like, if that is where the answer stands."""
    found = _first_outside_code(_WRAPPER, text)
    if not found:
        return text
    inside = found["inside"] or found["special"] or found["square"] or ""
    outside = len(text[: found.start()].strip()) + len(text[found.end() :].strip())
    return inside if len(inside.strip()) >= outside else text


def _matches_outside_code(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    spans = [found.span() for found in _CODE.finditer(text)]
    return [
        found
        for found in pattern.finditer(text)
        if not any(start <= found.start() < end for start, end in spans)
    ]


def _first_outside_code(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(iter(_matches_outside_code(pattern, text)), None)


def _last_outside_code(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = _matches_outside_code(pattern, text)
    return found[-1] if found else None


def _outside_code(pattern: re.Pattern[str], text: str, replacement: str) -> str:
    parts, end = [], 0
    for found in _matches_outside_code(pattern, text):
        parts += [text[end : found.start()], replacement]
        end = found.end()
    return "".join(parts) + text[end:]
