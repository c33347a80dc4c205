"""Which TeX is shown as a formula, in what form, and how many of them a page may have."""

import pytest

from paperbot.text import limit_formulas, link_label, plain_formulas
from paperbot.text.formulas import split_formulas
from paperbot.text.tex import MAX_DEPTH, MAX_FORMULA_CHARS, MAX_ROWS, MAX_SPACES, read_formula


@pytest.mark.parametrize(
    ("source", "tex"),
    [
        ("a  +\n b", "a + b"),
        ("a<b>c", r"a\lt b\gt c"),
        (r"|x| \|y\|", r"\vert x\vert \Vert y\Vert"),
        (r"5% 5\% #1 \#1", r"5\% 5\% \#1 \#1"),
        (r"\operatorname{sign}\operatorname*{arg\,max}_x", r"\mathrm{sign}\mathrm{arg\,max}_x"),
        (r"\bm{x}\boldsymbol\theta \mbox{if}", r"\mathbf{x}\mathbf\theta \text{if}"),
        (r"\hat\mathbf{x}^\mathrm{T}", r"\hat{\mathbf{x}}^{\mathrm{T}}"),
        (r"\alpha\!\!x \sum\limits_i \label{eq:1}\nonumber", r"\alpha x \sum_i"),
        (r"\text{a\_b}", r"{\text{a}\_\text{b}}"),
        (r"\text{a<b|c}_1", r"{\text{a}\lt\text{b}\vert\text{c}}_1"),
        (r"\begin{array}{c|c} |a| & b \end{array}", r"\begin{array}{cc} \vert a\vert & b \end{array}"),
        (r"\begin{cases} 1 & x \\ 0 \end{cases}", None),
        (r"\begin{align*} a &= b \\ c &= d \end{align*}", None),
        (r"\left\{ \frac12 \middle| \right\}", r"\left\{ \frac12 \middle\vert \right\}"),
        *((tex, None) for tex in (r"\left. a \right)", r"\Big\langle x\Big\rangle", r"x'^2_3", r"\not= 1")),
        *(
            (tex, None)
            for tex in (r"n \choose k", r"\sqrt[3]{x}", r"\substack{a \\ b}", r"{{a}{b}}", r"a \\ b")
        ),
        ("x" * MAX_FORMULA_CHARS, None),
    ],
)
def test_tex_that_github_shows(source: str, tex: str | None) -> None:
    assert read_formula(source).tex == (tex or source)


REFUSED = [
    # malformed; then boxes, lengths and what lies outside of its own place; then what defines, links or loads
    "", " \n", "a`b", "a$b", "{", "}", "}{", "{{a}", "{a}}", "{}}{", r"\{{", r"\}}", r"\\{", r"\\}", "a\\",
    "x^", "x^2^3", "x^2'", r"\left( a", r"a \right)", r"\left( a \right) \right)", r"\begin{matrix} a",
    r"a \end{matrix}", r"\begin{matrix} a \end{cases}", "a & b", "{a & b}", r"\begin{align} a \end{align} b",
    r"\leftX a", r"\frac{a}", r"\sqrt", r"\hat^2", r"a \over b \over c", r"\underset{a}{b}_c", r"\big x",
    r"\beginning", r"a \\[99em] b", r"a \\ [9em]", r"\begin{array}{p{9em}} a \end{array}",
    r"\begin{array}{@{}c} a\end{array}", r"\kern{9em}", r"\mkern{9em}", r"\hspace{9em}", r"\hskip{9em}",
    r"\mspace{9em}", r"\rule{9em}", r"\raise{9em}{9em}", r"\uproot{9}x", r"\leftroot{9}x", r"\phantom{9}x",
    r"\hphantom{9}x", r"\vphantom{9}x", r"\smash{9}x", r"\llap{9}x", r"\Rule{9em}{9em}{0em}",
    r"\Space{9em}{9em}{0em}", r"\genfrac{}{}{9em}{}{a}{b}", r"\above 9em", r"\Huge x", r"\colorbox{red}{x}",
    r"\color{white}x", r"\fbox{x}", r"\boxed{x}", r"\bbox[9em]{x}", r"\cssId{a}{x}", r"\def\x{1}",
    r"\newcommand{\x}{1}", r"\let\a\b", r"\newtagform{a}{b}{c}", r"\mathchoice{a}{b}{c}{d}",
    r"\href{https://x.example}{x}", r"\require{x}", r"\unicode{x5C}", r"\tag{1}", r"\ref{a}", r"\ce{H2O}",
    r"\text{phantom}", r"\text{$x$}", r"\text{\textbf{x}}", r"\unknown", r"\mmlToken{mi}{x}", r"\verb|x|",
    r"a \\\![9em]", r"a \\\label{x}[9em]", r"\begin{aligned}\![b] a \end{aligned}",
    "{{{{{{{{{{{{{{{{{}}}}}}}}}}}}}}}}}", "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~",
]  # fmt: skip
TOO_LARGE = [
    "x" * (MAX_FORMULA_CHARS + 1),
    "\\hat" * 490 + "x",
    "{" * (MAX_DEPTH + 1) + "}" * (MAX_DEPTH + 1),
    r"a\\" * (MAX_ROWS + 1),
    "~" * (MAX_SPACES + 1),
]


@pytest.mark.parametrize("source", REFUSED + TOO_LARGE)
def test_tex_that_github_refuses_or_that_would_spill(source: str) -> None:
    assert read_formula(source).tex is None


@pytest.mark.parametrize(
    ("text", "is_formula"),
    [
        *((text, True) for text in ("$x$", "$ x $", "$5$", "$95%$", r"$\text{if so} abc$", r"$n \log n$")),
        ("$Spin(7)$ and $poly(n)$", True),
        ("$5k(approx)/$6k", False),
        *((text, False) for text in ("$x $", "$ x$", "$ $", "$x = 中$", "$so many words = 1$", "$word$")),
    ],
)
def test_what_looks_like_a_formula_between_dollars(text: str, is_formula: bool) -> None:
    assert any(formula for _, formula in split_formulas(text)) is is_formula


@pytest.mark.parametrize(
    ("title", "label", "plain"),
    [
        (r"$O(n \log n)$ Sorting", "O(n log n) Sorting", "O(n log n) Sorting"),
        (r"$\ell_\infty$-norm", "ℓ<sub>∞</sub>-norm", "ℓ_∞-norm"),
        (
            r"$\log^2 n$ and $x_{i}^{-1}$",
            "log<sup>2</sup> n and x<sub>i</sub><sup>−1</sup>",
            "log² n and xᵢ⁻¹",
        ),
        (r"$\mathbb{R}^{d \times k}$", "ℝ<sup>d × k</sup>", "ℝ^(d × k)"),
        (r"$\mathcal{O}(\sqrt{T})$", "𝒪(√T)", "𝒪(√T)"),
        (r"$\tilde O(\frac{a+1}{b})$ at $90^\circ$", "Õ((a+1)/b) at 90°", "Õ((a+1)/b) at 90°"),
        (r"$\mathfrak{C}$ mod $a \pmod p$", "ℭ mod a (mod p)", "ℭ mod a (mod p)"),
        (r"$<2\%$ of $A|B$", "&lt;2% of A&#124;B", "<2% of A|B"),
        (
            r"At $1.2\,\AA$, $5\degree$, $\text{\AA}$, $x\coloneqq y$",
            "At 1.2 Å, 5°, Å, x≔ y",
            "At 1.2 Å, 5°, Å, x≔ y",
        ),
        (r"$\textsc{Abc}$-$H^\dag$", "Abc-H<sup>†</sup>", "Abc-H^†"),
        (r"$\binom{n}{k}$", r"`\binom{n}{k}`", r"\binom{n}{k}"),
        (r"A $\foo|$ B", r"A <code>\\foo&#124;</code> B", r"A \foo| B"),
    ],
)
def test_titles_in_links_and_messages(title: str, label: str, plain: str) -> None:
    assert (link_label(title), plain_formulas(title)) == (label, plain)


def test_a_page_keeps_the_formulas_that_github_shows() -> None:
    dear = "{" * 1_000 + "}" * 1_000
    page = [
        "| $`x`$ | `$` $`y`$ `` `$`z`$ `` |",
        "````",
        "$`not a formula`$",
        "````",
        f"$`{dear}`$",
        *[f"> - $`{'{}' * 998}`$"] * 2,
        "> ```math",
        "> {x}",
        "> ```",
        "",
    ]
    shown = page.copy()
    shown[4] = f"`{dear}`"
    shown[7] = "> ```math"
    assert limit_formulas("\n".join(page[:6] + page[7:])) == "\n".join(shown[:6] + shown[7:])
    shown = [*page, "$`a`$"]
    spent = limit_formulas("\n".join([*["$`x{}`$"] * 1_000, *shown]))
    assert spent == "\n".join(
        [
            *["$`x{}`$"] * 1_000,
            "| `x` | `$` `y` `` `$`z`$ `` |",
            *page[1:4],
            f"`{dear}`",
            *[f"> - `{'{}' * 998}`"] * 2,
            "> ```tex",
            *page[8:],
            "`a`",
        ]
    )
