"""A model's Markdown -> a syntax tree of what it meant: uneven tables, Chinese emphasis, formulas."""

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline, emphasis
from markdown_it.tree import SyntaxTreeNode

from paperbot.text.formulas import EAST_ASIAN, FORMULA, formula_in
from paperbot.text.tables import even_tables

MAX_FORMULA_LINES = 40

_WRAPPER = re.compile(
    r"(?:(?![#*|>-]|```|~~~)[^\n]{0,300}\n){0,4}(?P<fence>`{3,}|~{3,})[ ]*(?P<language>[a-z]*)[ ]*\n",
    re.IGNORECASE,
)
"""A fence, behind at most a few lines of preface ("Here is the summary:")."""
_MARKDOWN_LANGUAGES = frozenset(["markdown", "md", "gfm", "commonmark"])
_TEXT_LANGUAGES = frozenset(["", "text", "txt", "plaintext"])
_MARKDOWN_LINE = re.compile(r"^(?:#{1,6} |[-*] |\*\*|[0-9]{1,3}\. )", re.MULTILINE)
_TAGGED = re.compile(r"<(?P<tag>b|strong|i|em|sub|sup)>(?P<inside>[^<>\n]{1,300})</(?P=tag)>", re.IGNORECASE)
_ELEMENTS = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "sub": "sub", "sup": "sup"}
_BREAK = re.compile(
    r"<br\s*/?>|\n\s*(?=\*\*|[^\w\s\"'“‘«(（「『《<\\\[{$`~….,;:!?)]"
    r"|[（(]?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})[.)、）．](?![0-9])|[①-⑳❶-❿【])",
    re.IGNORECASE,
)
"""Also before a line meant as an item in a form that Markdown lacks: `• a`, `（1）a`, `**Method:** a`."""
_ENVIRONMENT = re.compile(r"\\begin\{((?:equation|align|gather|multline|eqnarray)\*?)\}")
_OPENING = "([{<\"'“‘«「『《【（$"
_CLOSING = ")]}>\"'”’»」』》】）.,:;!?%。，、：；！？$"


def parsed(markdown: str) -> SyntaxTreeNode:
    """The tree holds no references, and of HTML breaks and emphasis: the rest is text to this parser."""
    return SyntaxTreeNode(_parser().parse(even_tables(_unwrapped(markdown.strip()))))


def _unwrapped(markdown: str) -> str:
    """Without the code fence that some models put around their whole answer, and what they say before it."""
    opening = _WRAPPER.match(markdown)
    if not opening:
        return markdown
    after = markdown[opening.end() :]
    inside, closing, rest = after.rpartition("\n" + opening["fence"])
    if not closing:  # the answer was cut short
        inside = after
    elif "\n" in rest.strip() or rest.startswith(opening["fence"][0]):
        return markdown
    language = opening["language"].lower()
    is_text = language in _TEXT_LANGUAGES and bool(closing) and _MARKDOWN_LINE.search(inside)
    return inside if is_text or language in _MARKDOWN_LANGUAGES else markdown


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # Four spaces are a model's idea of a list, a line of dashes its idea of a break.
    parser.disable(["reference", "code", "lheading"])
    parser.validateLink = bool  # type: ignore[method-assign, assignment]  # the writer decides
    parser.inline.ruler.at("emphasis", _emphasis)
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.inline.ruler.before("newline", "line_break", _line_break)
    parser.inline.ruler.before("autolink", "tagged", _tagged)
    ends: RuleOptionsType = {"alt": ["paragraph", "blockquote", "list"]}
    parser.block.ruler.before("fence", "formula_block", _formula_block, ends)
    return parser


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Beside East Asian letters, which have no spaces around them, quotes and brackets may end emphasis."""
    start, known = state.pos, len(state.delimiters)
    if not emphasis.tokenize(state, silent):
        return False
    before, after = state.src[start - 1 : start], state.src[state.pos : state.pos + 1]
    if state.src[start] == "*" and before.strip() and after.strip():
        for delimiter in state.delimiters[known:]:
            delimiter.open |= after in _OPENING or bool(EAST_ASIAN.match(before))
            delimiter.close |= before in _CLOSING or bool(EAST_ASIAN.match(after))
    return True


def _formula(state: StateInline, silent: bool) -> bool:
    found = FORMULA.match(state.src, state.pos)
    formula = formula_in(found) if found and found.end() <= state.posMax else None
    if not found or formula is None:
        return False
    if not silent:
        state.push("formula", "", 0).content = formula.source
    state.pos = found.end()
    return True


def _line_break(state: StateInline, silent: bool) -> bool:
    found = _BREAK.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


def _tagged(state: StateInline, silent: bool) -> bool:
    found = _TAGGED.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        element, end = _ELEMENTS[found["tag"].lower()], state.posMax
        state.push(f"{element}_open", element, 1)
        state.pos, state.posMax = found.span("inside")
        state.md.inline.tokenize(state)
        state.posMax = end
        state.push(f"{element}_close", element, -1)
    state.pos = found.end()
    return True


def _formula_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    first = _line(state, start_line)
    environment = _ENVIRONMENT.match(first)
    closing = f"\\end{{{environment[1]}}}" if environment else {"$$": "$$", r"\[": r"\]"}.get(first[:2])
    if not closing:
        return False
    tex = first if environment else first[2:]
    line = start_line
    while not tex.endswith(closing):
        line += 1
        if line >= min(end_line, start_line + MAX_FORMULA_LINES) or not _line(state, line):
            return False
        tex += "\n" + _line(state, line)
    tex = tex if environment else tex.removesuffix(closing).strip()
    if not tex:
        return False
    if not silent:
        state.push("formula_block", "", 0).content = tex
        state.line = line + 1
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
