"""Markdown's tables -> tables whose rows all have as many cells as the widest, before they are parsed.

Format: https://github.github.com/gfm/#tables-extension-, which drops the cells beyond those of the head.
"""

import re

from paperbot.text.formulas import split_formulas

MAX_TABLE_COLUMNS = 16
MAX_EMPTY_CELLS = 2_000
"""In all tables of a summary, to make their rows equally long."""
_FENCE = re.compile(r"[\s>]*(?:[-*+]\s+)?(`{3,}|~{3,})")
_DELIMITER_CELL = re.compile(r"\s*:?-+:?\s*")
_DRAWN_DELIMITERS = re.compile(r"[\s>]*\|[|:+\s\u2010-\u2015\u2500-]*")
"""A delimiter row with dashes of another kind, or with a plus where columns meet."""
_CELL_END = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"(`+)(?!`).{1,300}?(?<!`)\1(?!`)")


def even_tables(markdown: str) -> str:
    """Each table's head made as wide as its widest row, since Markdown drops the cells beyond it."""
    lines = markdown.split("\n")
    fence = ""
    row = 0
    empty_cells = MAX_EMPTY_CELLS
    while row < len(lines):
        mark = _FENCE.match(lines[row])
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        elif row and not fence and "|" in lines[row - 1]:
            if _DRAWN_DELIMITERS.fullmatch(lines[row]):
                lines[row] = re.sub("[\u2010-\u2015\u2500]", "-", lines[row].replace("+", "|"))
            if _is_delimiter_row(lines[row]):
                row, empty_cells = _even_table(lines, row - 1, empty_cells)
                continue
        row += 1
    return "\n".join(lines)


def _is_delimiter_row(line: str) -> bool:
    cells = line.strip().lstrip("> \t").removeprefix("|").removesuffix("|").split("|")
    return all(_DELIMITER_CELL.fullmatch(cell) for cell in cells)


def _even_table(lines: list[str], head: int, empty_cells: int) -> tuple[int, int]:
    """Mends the table that begins at line `head` in place, as long as `empty_cells` suffice to fill its rows.

    Returns the number of the line after it, and how many empty cells are left.
    """
    end = head + 2
    while end < len(lines) and "|" in lines[end] and not _FENCE.match(lines[end]):
        end += 1
    for row in (head, *range(head + 2, end)):
        lines[row] = _with_whole_cells(lines[row])
    if last := _end_of_last_column(lines[head + 1]):
        lines[head + 1] = lines[head + 1][: last + 1]
    counts = [_cell_count(line) for line in lines[head:end]]
    widest = max(counts)
    for row, cell in ((0, "  |"), (1, "---|")):
        if missing := widest - counts[row]:
            lines[head + row] = lines[head + row].rstrip().removesuffix("|") + "|" + cell * missing
    for row, count in enumerate(counts):
        empty_cells -= widest - count
        if empty_cells < 0 and row > 1:
            lines.insert(head + row, "")
            return head + row + 1, 0
    return end, max(empty_cells, 0)


def _with_whole_cells(row: str) -> str:
    """No bar inside of code or a formula splits a cell, nor any bar beyond the last column."""
    row = _CODE.sub(lambda found: _escape_bars(found[0]), row)
    if "$" in row or "\\(" in row:
        pieces = split_formulas(row)
        row = "".join(_escape_bars(source) if tex else source for source, tex in pieces)
    end = _end_of_last_column(row)
    return row[:end] + _escape_bars(row[end:].rstrip()) if end else row


def _end_of_last_column(row: str) -> int:
    """Where its bar stands; 0 if the row has no more columns than it may."""
    ends = [found.start() for found in _CELL_END.finditer(row)]
    return ends[MAX_TABLE_COLUMNS] if len(ends) > MAX_TABLE_COLUMNS + 1 else 0


def _escape_bars(text: str) -> str:
    return _CELL_END.sub(r"\\|", text)


def _cell_count(row: str) -> int:
    inside = row.strip().lstrip("> ").removeprefix("|")
    ends = len(_CELL_END.findall(inside))
    return ends if _CELL_END.search(inside[-1:]) else ends + 1
