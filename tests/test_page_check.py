"""The check before a page replaces the old one: what it finds, and how it says so."""

from dataclasses import replace

import pytest

from paperbot.text.page_check import MAX_PROBLEMS, ExpectedPage, PaperSection, page_problems

PAGE = """# Papers

1. [First $x$](#first)
2. [Second](#second)

## List

### <a name="first"></a>1. [First x](https://arxiv.org/abs/1)

<picture><source media="(x)" srcset="site/dark.svg"><img src="site/light.svg" alt="x > y"></picture>

<details>
<summary><strong>Summary</strong></summary>

#### Results

</details>

### <a name="second"></a>2. [Second](https://arxiv.org/abs/2)

Text, [archive](archive/README.md), [end](#-the-end).

## 🔚 The end
"""
FIRST = "near line 10, in 'First x': "
ABOVE = "near line 19, in 'Second': "
SECOND = "near line 21, in 'Second': "
EXPECTED = ExpectedPage(
    papers=(PaperSection("First $x$", folds=1), PaperSection("Second", folds=0)),
    max_bytes=2_000,
    other_headings=("Papers", "List", "🔚 The end"),
)


def test_a_whole_page_has_no_problems() -> None:
    assert page_problems(PAGE, EXPECTED) == []


@pytest.mark.parametrize(
    ("old", "new", "problems"),
    [
        ("2. [Second](h", "2. [Other](h",
         ["near line 19, in 'First x': a heading '2. Other' that is no paper's, or out of place",
          "near line 23: the paper 'Second' is missing, or not in its place"]),
        ("#### Results", "### Results",
         ["near line 15, in 'First x': a heading 'Results' that is no paper's, or out of place",
          "near line 15, in 'First x': a heading 'Results' of level 3 inside a fold"]),
        ("Text,", "Text\n\n# Shout\n\n", ["near line 23: a heading 'Shout'"]),
        ("#### Results", "</details>", [FIRST + "</details> closes nothing"]),
        ("#### Results", "<details>\n<summary>x</summary>\n\n</details>",
         [FIRST + "a fold within a fold", "near line 22, in 'First x': 2 folds instead of 1"]),
        ("<summary><strong>Summary</strong></summary>", "",
         ["near line 15, in 'First x': a fold without a <summary>"]),
        ("Text", "x <script>x</script>", [SECOND + "an element <script>"]),
        ("Text", "<b style='color:red'>x</b>", [SECOND + "an element <b>"]),
        ("Text", "<span style='color:red'>x</span>", [SECOND + "an attribute style of <span>"]),
        ("Text", "- [ ] x\n\nText", [SECOND + "an element <input>"]),
        ("Text", "x <!-- a note --> y", []),
        ("Text", "\n\n<!--> <script>x</script> -->\n\nText", [ABOVE + "an element <script>"]),
        ("Text", "\n\n<!-- --!> <script>x</script> -->\n\nText", [ABOVE + "an element <script>"]),
        ("Text", "<a href='archive/README.md' HREF='javascript:x'>x</a>",
         [SECOND + "an attribute of <a> that is there twice", SECOND + "a link to 'javascript:x'"]),
        ("Text", "<em data-sourcepos='x'>y</em>", [SECOND + "an attribute data-sourcepos of <em>"]),
        ("site/dark.svg", "site/dark.svg 1x, //evil.example/x 2x",
         [FIRST + "an image from 'site/dark.svg 1x, //evil.example/x 2x'"]),
        ("site/dark.svg", "a,//evil.example/x", [FIRST + "an image from 'a,//evil.example/x'"]),
        ("site/light.svg", "https://evil.example/x", [FIRST + "an image from 'https://evil.example/x'"]),
        ("site/dark.svg", "//evil.example/x", [FIRST + "an image from '//evil.example/x'"]),
        ("site/light.svg", "https://evil.example/X", [FIRST + "an image from 'https://evil.example/X'"]),
        ("site/light.svg", "https://[evil", [FIRST + "an image from 'https://[evil'"]),
        ("archive/README.md", "HTTPS://arxiv.org/abs/3", []),
        ("archive/README.md", "javascript:x", [SECOND + "a link to 'javascript:x'"]),
        ("archive/README.md", "/settings", [SECOND + "a link to '/settings'"]),
        ("Text", "<a href=' /settings'>x</a>", [SECOND + "a link to ' /settings'"]),
        ("Text", "<a href='\\evil'>x</a>", [SECOND + r"a link to '\\evil'"]),
        ("Text", "<em>x <strong>y</em>", [SECOND + "<strong> is not closed before </em>"]),
        ("Text", "Text\n\n<!-- never closed", [SECOND + "a '<' that begins no tag"]),
        ("Text", "a@b.example", [SECOND + "a link to 'mailto:a@b.example'"]),
        ('name="second"', 'name="third"', ["near line 4: a link to #second, which is not on the page"]),
    ],
)  # fmt: skip
def test_each_problem_names_line_and_paper(old: str, new: str, problems: list[str]) -> None:
    assert PAGE.count(old) == 1
    assert page_problems(PAGE.replace(old, new), EXPECTED) == problems


def test_what_is_never_closed_is_found() -> None:
    assert "near line 22: <details> is never closed" in page_problems(
        PAGE.replace("</details>\n", ""), EXPECTED
    )


def test_an_empty_page_lacks_every_paper_from_line_0_on() -> None:
    assert page_problems("", EXPECTED) == [
        f"near line 0: the paper {title!r} is missing, or not in its place" for title in ("First x", "Second")
    ]


@pytest.mark.parametrize("heading", ["# Papers", "## Papers"])
def test_a_page_of_no_papers_is_whole_without_any(heading: str) -> None:
    assert page_problems(heading, ExpectedPage((), max_bytes=10, other_headings=("Papers",))) == []


def test_a_fold_above_all_headings_is_no_papers() -> None:
    fold = "<details>\n<summary>x</summary>\n\n</details>\n\n"
    assert page_problems(fold + PAGE, EXPECTED) == []


def test_footnotes_are_a_problem() -> None:
    problems = page_problems(PAGE.replace("Text", "Text[^1]") + "\n[^1]: note\n", EXPECTED)
    assert any("an element <section>" in problem for problem in problems)


@pytest.mark.parametrize(("spare", "problems"), [(0, []), (-1, ["444 bytes are more than the 443 allowed"])])
def test_a_page_may_have_just_the_bytes_allowed(spare: int, problems: list[str]) -> None:
    assert page_problems(PAGE, replace(EXPECTED, max_bytes=len(PAGE.encode()) + spare)) == problems


def test_a_page_too_large_says_by_how_much() -> None:
    problems = page_problems(PAGE + "词" * 1_000, EXPECTED)
    assert problems == [f"{len(PAGE.encode()) + 3_000:,} bytes are more than the 2,000 allowed"]


def test_a_ruined_page_is_described_briefly() -> None:
    assert len(page_problems("<b>\n\n" * 100, EXPECTED)) == MAX_PROBLEMS


def test_a_users_own_template_may_add_but_not_lose_anything() -> None:
    expected = replace(EXPECTED, has_own_template=True)
    page = PAGE.replace(
        "Text", "<div align='center'><img src='https://img.example/x.svg'></div>\n\n### More\n\n"
    )
    assert page_problems(page, expected) == []
    assert page_problems(page.replace("[Second](https:", "[Gone](https:"), expected) == [
        "near line 27: the paper 'Second' is missing, or not in its place"
    ]
    unclosed = page_problems(page.replace("</details>", ""), expected)
    assert "near line 27: <details> is never closed" in unclosed
