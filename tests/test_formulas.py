"""Which TeX is shown as a formula, and in what form; the rest stays text."""

import pytest

from paperbot.text.formulas import MAX_FORMULA_CHARS, safe_tex, split_formulas


@pytest.mark.parametrize(
    ("tex", "safe"),
    [
        ("a  +\n b", "a + b"),
        ("a<b>c", r"a\lt b\gt c"),
        (r"|x| \|y\|", r"\vert x\vert  \Vert y\Vert"),
        (r"5% 5\% #1 \#1", r"5\% 5\% \#1 \#1"),
        ("x" * MAX_FORMULA_CHARS, "x" * MAX_FORMULA_CHARS),
        *(
            (tex, tex)
            for tex in (
                *(r"{{a}{b}}", r"\{a", r"a\}", r"{\{}", r"{\}}", "a\\\\"),
                *(r"\left( \frac{a}{b} \right)", r"\begin{matrix} a \end{matrix}"),
                *(r"a \leftarrow b", r"a \Rightarrow b \rightarrow c", r"\begin{array}{c} a \end{array}"),
                *(
                    r"\left\{ a \right\}",
                    r"\left\{ a \right)",
                    r"\leftX a",
                    r"\rightX a",
                    r"\beginning",
                    r"\ending",
                ),
            )
        ),
    ],
)
def test_tex_that_is_safe(tex: str, safe: str) -> None:
    assert safe_tex(tex) == safe


@pytest.mark.parametrize(
    "tex",
    [
        *("", " \n", "a`b", "a$b", "x" * (MAX_FORMULA_CHARS + 1)),
        *("{", "}", "}{", "{{a}", "{a}}", "{}}{", r"\{{", r"\}}", r"\\{", r"\\}", "a\\"),
        *(r"\left( a", r"a \right)", r"\left( a \right) \right)", r"\begin{matrix} a", r"a \end{matrix}"),
        *(r"\begin{array}{c|c} a \end{array}", r"\begin{array}{c} |a| \end{array}"),
    ],
)
def test_tex_that_would_fail_or_spill(tex: str) -> None:
    assert safe_tex(tex) is None


@pytest.mark.parametrize(
    ("text", "is_formula"),
    [
        *((text, True) for text in ("$x$", "$ x $", "$5$", "$95%$", r"$\text{if so} abc$", r"$n \log n$")),
        *((text, False) for text in ("$x $", "$ x$", "$ $", "$x = 中$", "$so many words = 1$", "$word$")),
    ],
)
def test_what_looks_like_a_formula_between_dollars(text: str, is_formula: bool) -> None:
    assert any(tex for _, tex in split_formulas(text)) is is_formula
