"""What a model's Markdown means: uneven tables, emphasis in Chinese, formulas on lines of their own."""

import pytest

from paperbot.text import block
from paperbot.text.tables import MAX_EMPTY_CELLS, MAX_TABLE_COLUMNS


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


@pytest.mark.parametrize("delimiters", ["|——|——|", "|:–|─|", "|-----+-----|", "> |—|—|"])
def test_a_delimiter_row_may_be_drawn_otherwise(delimiters: str) -> None:
    quote = "> " if delimiters.startswith("> ") else ""
    head, _, row = block(f"{quote}| a | b |\n{delimiters}\n{quote}| 1 | 2 |").split("\n")
    assert (head, row) == (f"{quote}| a | b |", f"{quote}| 1 | 2 |")


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


@pytest.mark.parametrize(
    "item",
    [
        "• {}",
        "▪{}",
        "– {}",
        "✅ {}",
        "① {}",
        "1、{}",
        "（2）{}",
        "3){}",
        "一、{}",
        "【{}】",
        "**{}:** x",
        "-{}",
        "##{}",
    ],
)
def test_lines_meant_as_items_stay_lines(item: str) -> None:
    lines = [item.format(word) for word in ("one", "two", "three")]
    written = block("\n".join(["Such as", *lines]))
    assert written.count("<br>") == len(lines)


@pytest.mark.parametrize(
    "line",
    [
        "words",
        "(in brackets)",
        "“quoted”",
        "$x$ and",
        "`code`",
        "2025 was",
        "[a](http://b.c)",
        "12.5 of",
        "数字",
    ],
)
def test_lines_of_prose_are_joined(line: str) -> None:
    assert "<br>" not in block(f"Some words\n{line}")


@pytest.mark.parametrize(
    ("html", "written"),
    [
        (
            "H<sub>2</sub>O, 10<SUP>-3</SUP>, x<sub>*i*</sub>",
            "H<sub>2</sub>O, 10<sup>-3</sup>, x<sub>*i*</sub>",
        ),
        ("<b>one</b> <em>two</em> <i>@me</i>", "**one** *two* <em><span>@</span>me</em>"),
        ("**a <i>b** c</i>", r"\*\*a <em>b\*\* c</em>"),
        (
            "<b>a <script>b</b> <u>c</u> <sub></sub>",
            "&lt;b&gt;a &lt;script&gt;b&lt;/b&gt; &lt;u&gt;c&lt;/u&gt; &lt;sub&gt;&lt;/sub&gt;",
        ),
        ("<b> </b> <sub onclick=x>y</sub>", "&lt;sub onclick=x&gt;y&lt;/sub&gt;"),
    ],
)
def test_emphasis_may_be_html_and_no_other_element(html: str, written: str) -> None:
    assert block(html) == written


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        ("\\begin{equation}\nx=1\n\\end{equation}", "```math\n\\begin{equation} x=1 \\end{equation}\n```"),
        (
            "\\begin{align*}x&=1\\\\y&=2\\end{align*}",
            "```math\n\\begin{align*}x&=1\\\\y&=2\\end{align*}\n```",
        ),
        ("\\begin{gather}\n\\foo\n\\end{gather}", "```tex\n\\begin{gather}\n\\foo\n\\end{gather}\n```"),
        ("\\begin{equation}\nx", "\\\\begin{equation} x"),
        ("\\begin{itemize}\nx\n\\end{itemize}", "\\\\begin{itemize} x \\\\end{itemize}"),
    ],
)
def test_formulas_may_be_environments(formula: str, written: str) -> None:
    assert block(f"As in\n{formula}\nabove") in (f"As in\n\n{written}\n\nabove", f"As in {written} above")
