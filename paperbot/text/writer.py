"""A summary's syntax tree -> Markdown for a fold below a level-3 heading.

Everything is written anew, a paragraph a line: nothing of the source's own markup reaches the page.
"""

import re
from collections.abc import Iterator, Sequence

from markdown_it.tree import SyntaxTreeNode

from paperbot.text.escaping import LinkLabel, MarkdownLine, escape, escape_line_start
from paperbot.text.figure_marks import Figure, FigureMarker, FigureMarks
from paperbot.text.plain import one_line
from paperbot.text.tex import read_formula
from paperbot.text.urls import find_urls, link_destination

HIGHEST_HEADING, LOWEST_HEADING = 4, 6
MAX_ITEM_NUMBER = 999_999_999
"""Of a list's item: https://spec.commonmark.org/0.31.2/#ordered-list-marker."""

_DRAWN_BY_GITHUB = frozenset({"math", "mermaid", "geojson", "topojson", "stl"})
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,20}")
_EDGE_BREAKS = re.compile(r"^(?:\s|<br>)+|(?:\s|<br>)+$")
_EMPHASIS = {
    "strong": ("**", "strong"), "em": ("*", "em"), "s": ("~~", "del"), "sub": ("", "sub"), "sup": ("", "sup"),
}  # fmt: skip
_ALIGNED = {"text-align:left": ":--", "text-align:center": ":-:", "text-align:right": "--:"}


class SummaryWriter:
    """Writes one summary, once; figures get their marks wherever they are, page links the first time."""

    def __init__(self, root: SyntaxTreeNode, marks: FigureMarks) -> None:
        self._root = root
        self._marker = FigureMarker(marks)
        tags = sorted({node.tag for node in root.walk() if node.type == "heading"})
        self._levels = {tag: min(HIGHEST_HEADING + step, LOWEST_HEADING) for step, tag in enumerate(tags)}

    def write(self) -> str:
        """The blocks with a blank line between them."""
        return "\n\n".join("\n".join(lines) for _, lines in self._blocks(self._root.children))

    def _blocks(self, nodes: Sequence[SyntaxTreeNode]) -> Iterator[tuple[str, list[str]]]:
        """Type and lines of each block that has something to show."""
        previous, style = "", 0
        for node in nodes:
            # Two lists side by side are kept apart by their marks alone.
            wanted = 1 - style if node.type == previous else 0
            lines = self._block(node, wanted)
            if lines:
                previous, style = node.type, wanted
                yield node.type, lines

    def _block(self, node: SyntaxTreeNode, style: int) -> list[str]:
        match node.type:
            case "heading":
                text = self._line(node).replace("<br>", " ")
                return [f"{'#' * self._levels[node.tag]} {text}"] if text else []
            case "paragraph":
                line = escape_line_start(self._line(node))
                return [line] if line else []
            case "bullet_list" | "ordered_list":
                return self._list(node, style)
            case "blockquote":
                lines = _with_gaps(list(self._blocks(node.children)))
                return [f"> {line}".rstrip() for line in lines]
            case "table":
                return self._table(node)
            case "fence":
                return self._code(node.content, node.info)
            case "formula_block":
                tex = read_formula(node.content).tex
                block = fenced(node.content, "tex") if tex is None else fenced(tex, "math")
                return [*block, *self._note(node.content)]
        return []  # a thematic break: the headings divide well enough

    def _list(self, node: SyntaxTreeNode, style: int) -> list[str]:
        is_ordered = node.type == "ordered_list"
        number = min(int(node.attrs.get("start", 1)), MAX_ITEM_NUMBER - len(node.children))
        lines: list[str] = []
        for item in node.children:
            blocks = list(self._blocks(item.children))
            if not blocks:
                continue
            mark = f"{number}{'.)'[style]} " if is_ordered else f"{'-*'[style]} "
            number += 1
            first, *others = _with_gaps(blocks)
            lines.append(mark + first)
            lines += [" " * len(mark) + line if line else "" for line in others]
        return lines

    def _table(self, node: SyntaxTreeNode) -> list[str]:
        rows = [
            [self._line(cell) for cell in row.children] for part in node.children for row in part.children
        ]
        if not any(map(any, rows)):
            return []
        marks = [
            _ALIGNED.get(str(cell.attrs.get("style")), "---")
            for cell in node.children[0].children[0].children
        ]
        head, *body = (f"| {' | '.join(row)} |" for row in rows)
        return [head, f"| {' | '.join(marks)} |", *body]

    def _code(self, content: str, info: str) -> list[str]:
        language = info.split()[0] if info.strip() else ""
        if language in _DRAWN_BY_GITHUB or not _LANGUAGE.fullmatch(language):
            language = ""
        return [*fenced(content, language), *self._note(content)]

    def _note(self, content: str) -> list[str]:
        """A paragraph for what can't be marked in its own place."""
        found: dict[str, dict[str, None]] = {}
        for figure in self._marker.figures(content):
            found.setdefault(figure.warning, {})[figure.text.replace("\\%", "%")] = None
        notes = (f"{warning}: {', '.join(map(escape, found[warning]))}" for warning in found if warning)
        return [line for note in notes for line in ("", note)]

    def _line(self, node: SyntaxTreeNode) -> str:
        line = MarkdownLine()
        for inline in node.children:
            self._inlines(line, inline.children)
        return _EDGE_BREAKS.sub("", str(line))

    def _inlines(self, line: MarkdownLine, nodes: Sequence[SyntaxTreeNode]) -> MarkdownLine:
        for node in nodes:
            match node.type:
                case "softbreak":
                    line.add(" ")
                case "hardbreak":
                    line.add("<br>")
                case "strong" | "em" | "s" | "sub" | "sup":
                    inside = self._inlines(type(line)(), node.children)
                    line.add_emphasis(str(inside), *_EMPHASIS[node.type])
                case "link":
                    self._link(line, node)
                case "image":
                    self._inlines(line, node.children)
                case "formula":
                    line.add_formula(read_formula(one_line(node.content).strip()))
                    self._add_marks(line, self._marker.figures(node.content))
                case "code_inline":
                    self._inline_code(line, one_line(node.content))
                case _:
                    self._text(line, one_line(node.content))
        return line

    def _link(self, line: MarkdownLine, node: SyntaxTreeNode) -> None:
        """A link, or the text alone of one that leads astray."""
        url = link_destination(str(node.attrs["href"]))
        if not url:
            self._inlines(line, node.children)
        elif label := str(self._inlines(LinkLabel(), node.children)):
            line.add(f"[{label}]({url})")

    def _text(self, line: MarkdownLine, text: str) -> None:
        """Literal text in which bare addresses are links."""
        position = 0
        for start, address in find_urls(text) if line.can_hold_links else ():
            self._literal(line, text[position:start])
            line.add(f"[{escape(address)}]({link_destination(address)})")
            position = start + len(address)
        self._literal(line, text[position:])

    def _literal(self, line: MarkdownLine, text: str) -> None:
        for part in self._marker.split(text):
            if isinstance(part, str):
                line.add_text(part)
            elif part.warning:
                line.add(f"<ins>{escape(part.text)}</ins><sup>{part.warning}</sup>")
            else:
                line.add_text(part.text)
                self._add_marks(line, [part])

    def _inline_code(self, line: MarkdownLine, code: str) -> None:
        figures = self._marker.figures(code)
        if any(figure.warning for figure in figures):
            inside = LinkLabel()
            self._literal(inside, code)
            line.add(f"<code>{inside}</code>")
        else:
            line.add_code(code)
            self._add_marks(line, figures)

    def _add_marks(self, line: MarkdownLine, figures: Sequence[Figure]) -> None:
        """Behind what can't be marked inside."""
        for warning in dict.fromkeys(figure.warning for figure in figures if figure.warning):
            line.add(f"<sup>{warning}</sup>")
        if line.can_hold_links:
            line.add("".join(map(self._marker.page_link, figures)))


def _with_gaps(blocks: Sequence[tuple[str, list[str]]]) -> list[str]:
    """The lines of all blocks, with a blank line wherever the next block needs it to be seen as one."""
    lines: list[str] = []
    for index, (kind, block) in enumerate(blocks):
        follows_closely = (
            index and blocks[index - 1][0] == "paragraph" and re.match(r"[-*] |1[.)] ", block[0])
        )
        if index and not (follows_closely and kind.endswith("_list")):
            lines.append("")
        lines += block
    return lines


def fenced(content: str, language: str) -> list[str]:
    """The lines of a code block whose fence is longer than any in it."""
    longest = max(map(len, re.findall(r"`+", content)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence + language, *content.rstrip("\n").split("\n"), fence]
