"""What a model's Markdown means: uneven tables, emphasis in Chinese, formulas on lines of their own."""

import pytest

from paperbot.text import block
from paperbot.text.markdown import MAX_FORMULA_LINES
from paperbot.text.tables import MAX_EMPTY_CELLS, MAX_TABLE_COLUMNS


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("| a |\n|---|\n| 1 | 2 |", "| a |  |\n| --- | --- |\n| 1 | 2 |"),
        ("| a | \n|---| \n| 1 | 2 | ", "| a |  |\n| --- | --- |\n| 1 | 2 |"),
        ("a | b\n--- | ---\nX | 2 | 3", "| a | b |  |\n| --- | --- | --- |\n| X | 2 | 3 |"),
        ("a | b\n--- | ---\n1 | 2 | 3", "| a | b |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |"),
        ("| a | b\n| --- | ---\n| 1 | 2 | 3", "| a | b |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |"),
        ("> | a |\n> |---|\n> | 1 | 2 |", "> | a |  |\n> | --- | --- |\n> | 1 | 2 |"),
        ("| a | b |\n|---|---|\n| 1 | 2 | 3", "| a | b |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |"),
        ("| a | b |\n|---|---|\n| 1 | 2 |3", "| a | b |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |"),
        ("a | b\n---|---\n| 1 | 2 | 3 |", "| a | b |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |"),
        ("> a | b\n> ---|---\n> | 1 | 2 | 3 |", "> | a | b |  |\n> | --- | --- | --- |\n> | 1 | 2 | 3 |"),
        ("| a | b |\n|---|---|\n| 1 |", "| a | b |\n| --- | --- |\n| 1 |  |"),
        ("| a |\n|---|\n| 1 \\| 2 |", "| a |\n| --- |\n| 1 &#124; 2 |"),
        ("| a |\n|---|\n| 1 \\|", "| a |\n| --- |\n| 1 &#124; |"),
        ("| a |\n|---|\n\nx | y | z", "| a |\n| --- |\n\nx &#124; y &#124; z"),
        ("| a |\n|---|\n```\n| 1 | 2 |\n```", "| a |\n| --- |\n\n```\n| 1 | 2 |\n```"),
        ("text\n\n| a |\n|---|\n| 1 | 2 |", "text\n\n| a |  |\n| --- | --- |\n| 1 | 2 |"),
        (
            "| a |\n|---|\n| 1 | 2 |\n\n| b |\n|---|\n| 3 | 4 |",
            "| a |  |\n| --- | --- |\n| 1 | 2 |\n\n| b |  |\n| --- | --- |\n| 3 | 4 |",
        ),
    ],
)
def test_a_table_is_as_wide_as_its_widest_row(source: str, markdown: str) -> None:
    assert block(source) == markdown


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("a | b\nc - d | e", "a &#124; b c - d &#124; e"),
        ("x | y\n\n---\n\nz", "x &#124; y\n\nz"),
        ("`a|b`\n\n| x |\n|---|\n| 1 |", "<code>a&#124;b</code>\n\n| x |\n| --- |\n| 1 |"),
        ("$a|b$\n\n| x |\n|---|\n| 1 |", "$`a\\vert b`$\n\n| x |\n| --- |\n| 1 |"),
        *(
            (f"{fence}\n{inside}\n{fence}", f"{shown}\n{inside}\n{shown}")
            for fence, inside, shown in (
                ("```", "| a |\n|---|\n| 1 | 2 |", "```"),
                ("````", "```\n| a |\n|---|\n| 1 | 2 |", "````"),
                ("~~~", "```\n| a |\n|---|\n| 1 | 2 |", "````"),
            )
        ),
        ("```\n|\n```\n\n| a |\n|---|\n|1|2|", "```\n|\n```\n\n| a |  |\n| --- | --- |\n| 1 | 2 |"),
        (
            "```\nx\n```\n| a |\n|---|\n|1|2|\n```\n|\n|-|-|\n```",
            "```\nx\n```\n\n| a |  |\n| --- | --- |\n| 1 | 2 |\n\n```\n|\n|-|-|\n```",
        ),
    ],
)
def test_what_is_no_table_is_left_alone(source: str, markdown: str) -> None:
    assert block(source) == markdown


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("$x|y$", "$`x\\vert y`$"),
        ("\\(x|y\\)", "$`x\\vert y`$"),
        ("$x\\|y$", "$`x\\vert y`$"),
        ("$x\\|y|z$", "$`x\\vert y\\vert z`$"),
        ("$x|y$ and $z|t$", "$`x\\vert y`$ and $`z\\vert t`$"),
        ("`x|y`", "<code>x&#124;y</code>"),
        ("``x`|y``", "<code>x&#96;&#124;y</code>"),
        ("5$", "5<span>$</span>"),
        ("x\\|y $z$", "x&#124;y $`z`$"),
    ],
)
def test_a_bar_inside_of_code_or_a_formula_splits_no_cell(cell: str, written: str) -> None:
    rows = f"| a | b |\n|---|---|\n| {cell} | 2 |"
    assert block(rows) == f"| a | b |\n| --- | --- |\n| {written} | 2 |"


@pytest.mark.parametrize("columns", [MAX_TABLE_COLUMNS - 1, MAX_TABLE_COLUMNS])
def test_so_many_columns_are_shown(columns: int) -> None:
    rows = "\n".join(f"|{cell * columns}" for cell in ("a|", "---|", "1|"))
    written = "\n".join(f"|{cell * columns}" for cell in (" a |", " --- |", " 1 |"))
    assert block(rows) == written


def test_beyond_the_last_column_all_is_one_cell() -> None:
    rows = "\n".join("|" + cell * (MAX_TABLE_COLUMNS + 1) + " " for cell in ("a|", "---|", "1|"))
    head, _, row = block(rows).split("\n")
    assert head.endswith("| a | a&#124;a&#124; |")
    assert row == "|" + " 1 |" * (MAX_TABLE_COLUMNS - 1) + " 1&#124;1&#124; |"


@pytest.mark.parametrize("too_many", [0, 1])
def test_a_table_ends_where_too_many_cells_would_be_empty(too_many: int) -> None:
    """Its head and delimiter lack ten cells each, as does every row but the first."""
    fitting = MAX_EMPTY_CELLS // 10 - 2
    wide = "|1|2|3|4|5|6|7|8|9|10|11|"
    first = ["|a|", "|---|", wide, *["|1|"] * (fitting + too_many)]
    second = ["|b|c|", "|---|---|", "|1|", "", "|d|", "|---|", "|1|2|"]
    lines = block("\n".join([*first, "", *second])).split("\n")
    assert [line.count("|") for line in lines[: fitting + 4]] == [12] * (fitting + 3) + [0]
    behind = ["&#124;1&#124;", ""] if too_many else []
    nothing_left = ["| b | c |", "| --- | --- |", "", "&#124;1&#124;", ""]
    nothing_left += ["| d |  |", "| --- | --- |", "", "&#124;1&#124;2&#124;"]
    assert lines[fitting + 4 :] == [*behind, *nothing_left]


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("词**“引”**词", "词<strong>“引”</strong>词"),
        ("提升**-5%**左右", "提升<strong>-5%</strong>左右"),
        ("**a-**词", "<strong>a-</strong>词"),
        ("词**（a）**词", "词<strong>（a）</strong>词"),
        ("词*（a）*词", "词<em>（a）</em>词"),
        ("x**b**y", "x**b**y"),
        ("a **“b”** c", "a <strong>“b”</strong> c"),
        ("词_a_词", "词\\_a\\_词"),
        ("2 ** 3 **) b", "2 \\*\\* 3 \\*\\*) b"),
        ("a * b* 词 *c * d", "a \\* b\\* 词 \\*c \\* d"),
    ],
)
def test_emphasis_needs_no_spaces_in_chinese(source: str, markdown: str) -> None:
    assert block(source) == markdown


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("$$\nx\n$$\ntext\nmore", "```math\nx\n```\n\ntext more"),
        ("\\[\nx\n\\]", "```math\nx\n```"),
        ("\\[x\\]", "```math\nx\n```"),
        ("$$ab$$", "```math\nab\n```"),
        ("text\n$$\nx\n$$", "text\n\n```math\nx\n```"),
        ("- a\n\n  $$\n  x\n  $$", "- a\n\n  ```math\n  x\n  ```"),
        ("a<br>b", "a<br>b"),
        ("$$\nx\n\n$$\nend", "<span>$</span><span>$</span> x\n\n<span>$</span><span>$</span> end"),
        ("\\[ x", "\\[ x"),
        ("$$ab", "<span>$</span><span>$</span>ab"),
        (
            "$$\n" + "x\n" * (MAX_FORMULA_LINES - 2) + "$$\nend",
            f"```math\n{'x ' * (MAX_FORMULA_LINES - 3)}x\n```\n\nend",
        ),
        ("$$\n" + "x\n" * (MAX_FORMULA_LINES - 1) + "$$\nend", f"$`{'x ' * (MAX_FORMULA_LINES - 2)}x`$ end"),
    ],
)
def test_formulas_on_lines_of_their_own(source: str, markdown: str) -> None:
    assert block(source) == markdown


@pytest.mark.parametrize(
    ("answer", "summary"),
    [
        ("Here is the summary:\n\n```markdown\n# A\n\ntext\n```", "#### A\n\ntext"),
        ("以下是总结：\n\n```Markdown\n# A\n```", "#### A"),
        ("A `b` paper:\n~~~md\n# A\n~~~\n", "#### A"),
        (
            "Sure!\n\n```markdown\n# A\n\n```py\nx\n```\n\nend\n```\n\nAsk me more!",
            "#### A\n\n```py\nx\n```\n\nend",
        ),
        ("````markdown\n# A\n```py\nx\n```\n````", "#### A\n\n```py\nx\n```"),
        ("```\n## A\n\n- b\n```", "#### A\n\n- b"),
        ("```markdown\n# A\n\ncut of", "#### A\n\ncut of"),
        # what is no wrapper
        ("# A\n\n```markdown\n# B\n```", "#### A\n\n```markdown\n# B\n```"),
        ("An example:\n\n```md\n# B\n```\n\nmore\n\n- x", "An example:\n\n```md\n# B\n```\n\nmore\n\n- x"),
        ("```python\n# A\n```", "```python\n# A\n```"),
        ("```\nx = 1\n```", "```\nx = 1\n```"),
    ],
)
def test_a_fence_around_the_whole_answer_goes(answer: str, summary: str) -> None:
    assert block(answer) == summary
