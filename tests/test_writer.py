"""What becomes of each piece of a model's Markdown, to the letter."""

import re

import pytest

from paperbot.text import FigureMarks, block, block_html
from paperbot.text.figure_marks import OTHER_ROW, UNVERIFIED
from paperbot.text.urls import MAX_URL_CHARS, link_destination

NOT_FOUND = f"<sup>{UNVERIFIED}</sup>"
FIVE = f"<ins>5%</ins>{NOT_FOUND}"
SIX = f"<ins>6%</ins>{NOT_FOUND}"


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("###### A", "#### A"),
        ("## A\n\n## B\n\n#### C", "#### A\n\n#### B\n\n##### C"),
        (
            "# A\n\n## B\n\n### C\n\n#### D\n\n##### E",
            "#### A\n\n##### B\n\n###### C\n\n###### D\n\n###### E",
        ),
        ("> # A\n\n## B", "> #### A\n\n##### B"),
        ("- ## A\n\n# B", "- ##### A\n\n#### B"),
        ("# a<br>X<br/>b", "#### a X b"),
        ("# <br>a<br>", "#### a"),
        ("# 1. a", "#### 1. a"),
        ("#\n\na", "a"),
    ],
)
def test_headings_begin_at_the_fourth_level_and_are_one_line(source: str, markdown: str) -> None:
    assert block(source) == markdown


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("a\n\nb", "a\n\nb"),
        ("a\n\n***\n\nb", "a\n\nb"),
        ("a\n\n&#8203;\n\nb", "a\n\nb"),
        ("a\n\n<br>\n\nb", "a\n\nb"),
        ("1\\. a\n\n\\- b", "1\\. a\n\n\\- b"),
        ("> a\n>\n> b\n>\n> > c", "> a\n>\n> b\n>\n> > c"),
        ("> a\n\n***\n\n> b", "> a\n\n> b"),
        ("> 1\\. a", "> 1\\. a"),
        ("> # a\n> b", "> #### a\n>\n> b"),
        ("> ```\n> x\n>\n> y\n> ```", "> ```\n> x\n>\n> y\n> ```"),
        (">", ""),
        ("> ***", ""),
    ],
)
def test_paragraphs_and_quotes_are_a_line_each_and_none_is_empty(source: str, markdown: str) -> None:
    assert block(source) == markdown


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("* a\n* b", "- a\n- b"),
        ("5) a\n9) b", "5. a\n6. b"),
        ("0. a\n1. b", "0. a\n1. b"),
        ("007. a", "7. a"),
        ("1. a\n2.\n3. c", "1. a\n2. c"),
        ("- a\n-\n- ***\n- b", "- a\n- b"),
        ("9. a\n10. b\n\n    c", "9. a\n10. b\n\n    c"),
        ("- 1\\. a", "- 1\\. a"),
        ("- # h\n  b", "- #### h\n\n  b"),
        ("- ```\n  x\n\n  y\n  ```\n- z", "- ```\n  x\n\n  y\n  ```\n- z"),
        ("- a\n\n  | x |\n  |---|\n  | 1 |", "- a\n\n  | x |\n  | --- |\n  | 1 |"),
        ("- > a\n  >\n  > b", "- > a\n  >\n  > b"),
    ],
)
def test_items_are_marked_alike_and_numbered_anew(source: str, markdown: str) -> None:
    assert block(source) == markdown


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("- a\n* b\n+ c\n- d", "- a\n\n* b\n\n- c\n\n* d"),
        ("1. a\n1) b\n1. c", "1. a\n\n1) b\n\n1. c"),
        ("- a\n\n***\n\n- b", "- a\n\n* b"),
        ("- a\n\n#\n\n- b", "- a\n\n* b"),
        ("- a\n\n1. b\n\n- c", "- a\n\n1. b\n\n- c"),
        ("- a\n\nb\n\n- c", "- a\n\nb\n\n- c"),
        ("- - a\n  * b", "- - a\n\n  * b"),
        ("- a\n  - b\n  * c", "- a\n  - b\n\n  * c"),
        ("- a\n  1. b\n  1) c", "- a\n  1. b\n\n  1) c"),
    ],
)
def test_lists_side_by_side_have_other_marks(source: str, markdown: str) -> None:
    assert block(source) == markdown


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("- a\n\n  - b\n\n  c", "- a\n  - b\n\n  c"),
        ("- a\n\n  1. b", "- a\n  1. b"),
        ("- a\n\n  2. b", "- a\n\n  2. b"),
        ("- a\n\n  0. b", "- a\n\n  0. b"),
        ("- a\n\n  10. b", "- a\n\n  10. b"),
        ("- a\n\n  c\n  - b", "- a\n\n  c\n  - b"),
        ("- # a\n  - b", "- #### a\n\n  - b"),
        ("- > a\n\n  - b", "- > a\n\n  - b"),
        ("- a\n\n  > b", "- a\n\n  > b"),
        ("- a\n\n  b", "- a\n\n  b"),
        ("- a\n\n  \\- b", "- a\n\n  \\- b"),
        ("> a\n>\n> 1. b\n>\n> c", "> a\n> 1. b\n>\n> c"),
    ],
)
def test_only_a_list_that_markdown_knows_there_follows_its_paragraph_closely(
    source: str, markdown: str
) -> None:
    assert block(source) == markdown


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        (
            "|a|b|c|d|\n|:--|:-:|--:|---|\n|1|2|3|4|",
            "| a | b | c | d |\n| :-- | :-: | --: | --- |\n| 1 | 2 | 3 | 4 |",
        ),
        ("|a|\n|---|", "| a |\n| --- |"),
        ("||\n|---|\n|a|", "|  |\n| --- |\n| a |"),
        ("|a|b|\n|---|---|\n|||\n|c|", "| a | b |\n| --- | --- |\n|  |  |\n| c |  |"),
        ("||\n|---|\n||", ""),
        ("|<br>a<br>|\n|---|\n|1. b|", "| a |\n| --- |\n| 1. b |"),
        (
            "|**a**|`b`|\n|---|---|\n|$x$|[c](https://d.e)|",
            "| **a** | `b` |\n| --- | --- |\n| $`x`$ | [c](https://d.e) |",
        ),
    ],
)
def test_tables_keep_their_cells_and_alignment(source: str, markdown: str) -> None:
    assert block(source) == markdown


@pytest.mark.parametrize(
    ("info", "language"),
    [
        ("python", "python"),
        (" python title", "python"),
        ("C++", "C++"),
        ("a_b#c+d.e-F9", "a_b#c+d.e-F9"),
        ("a" * 20, "a" * 20),
        ("a" * 21, ""),
        ("{r}", ""),
        ("a/b", ""),
        ("词", ""),
        ("  ", ""),
        ("math", ""),
        ("mermaid", ""),
        ("geojson", ""),
        ("topojson", ""),
        ("stl", ""),
    ],
)
def test_code_has_a_language_if_github_does_not_draw_it(info: str, language: str) -> None:
    assert block(f"```{info}\nx\n```") == f"```{language}\nx\n```"


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("~~~\n``\n~~~", "```\n``\n```"),
        ("~~~\n```\n~~~", "````\n```\n````"),
        ("~~~\n````` ```\n~~~", "``````\n````` ```\n``````"),
        ("```\n\n a\tX  \n\n\n```", "```\n\n a\tX  \n```"),
        ("```sh\n# XX\n\n- b\n```", "```sh\n# XX\n\n- b\n```"),
        ("```\n```", "```\n\n```"),
        ("```\naX\n```", "```\naX\n```"),
        ("$$\nx\n= y\n$$", "```math\nx = y\n```"),
    ],
)
def test_code_stays_as_it_is_between_fences_that_it_does_not_hold(source: str, markdown: str) -> None:
    assert block(source) == markdown


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("`a`", "`a`"),
        ("` a `", "`a`"),
        ("`a\n  b`", "`a b`"),
        ("`&amp;<b>*c*`", "`&amp;<b>*c*`"),
        ("`a|b`", "<code>a&#124;b</code>"),
        ("`` a`b ``", "<code>a&#96;b</code>"),
        ("``  a``", "`a`"),
        ("``  https://d.e``", "`https://d.e`"),
        ("`a`[](https://d.e)`b` ww[](https://d.e)w.x.yz", "`a`<code>b</code> www<span>.</span>x.yz"),
        ("`X`", "`X`"),
    ],
)
def test_code_in_a_line_is_as_plain_as_can_be(source: str, markdown: str) -> None:
    assert block(source) == markdown


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("a\nb", "a b"),
        ("a  \nb", "a<br>b"),
        ("a\\\nb", "a<br>b"),
        ("a<br/><BR />b", "a<br><br>b"),
        ("<br> <br>a <br> <br>", "a"),
        ("a  b &#32;&#9;&nbsp; c", "a b c"),
        ("**a<br>**", "<strong>a<br></strong>"),
        ("**a** __a__", "**a** **a**"),
        ("*a* _a_", "*a* *a*"),
        ("~~a~~", "~~a~~"),
        ("~~(a)~~ *(a)* **(a)**", "<del>(a)</del> <em>(a)</em> <strong>(a)</strong>"),
        ("*&nbsp;*", ""),
        ("$x$**$y$**", "$`x`$<strong>$`y`$</strong>"),
    ],
)
def test_breaks_and_emphasis_are_written_in_one_way(source: str, markdown: str) -> None:
    assert block(source) == markdown


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("[a](https://d.e 't')", "[a](https://d.e)"),
        ("[**a** $x^2$ `b`](https://d.e)", "[**a** x<sup>2</sup> `b`](https://d.e)"),
        ("a[](https://d.e)b", "ab"),
        ("a[&#8203;](https://d.e)b", "ab"),
        ("[*https://x.y*](https://d.e)", "[*https<span>:</span>//x.y*](https://d.e)"),
        ("[![https://x.y](z)](https://d.e)", "[https<span>:</span>//x.y](https://d.e)"),
        ("[https://x.y](a:b)", "[https<span>:</span>//x.y](https://x.y)"),
        ("[**https&#58;//x.y**](a:b)", "<strong>[https<span>:</span>//x.y](https://x.y)</strong>"),
        ("a![](x)b", "ab"),
        ("![a **b** https://x.y](z)", "a **b** [https<span>:</span>//x.y](https://x.y)"),
        ("![a](https://b.c)", "a"),
        ("[![a](https://b.c)](https://d.e)", "[a](https://d.e)"),
        ("<https://d.e>", "[https<span>:</span>//d.e](https://d.e)"),
        ("<a@b.cd>", "a<span>@</span>b.cd"),
    ],
)
def test_links_stay_and_pictures_are_their_text(source: str, markdown: str) -> None:
    assert block(source) == markdown


@pytest.mark.parametrize(
    ("address", "destination"),
    [
        ("http://d.e", "http://d.e"),
        ("HTTPS://D.e/X", "https://d.e/X"),
        ("https://d.e:80/a", "https://d.e:80/a"),
        ("https://d.e/%20~_!?a=1&b;c,d+e@f:g#h", "https://d.e/%20~_!?a=1&amp;b;c,d+e@f:g#h"),
        ("https://d.e/a b'\"`*|^{}$<>", "https://d.e/a%20b%27%22%60%2A%7C%5E%7B%7D%24%3C%3E"),
        ("https://d.e/(a)[b]", "https://d.e/%28a%29%5Bb%5D"),
        ("https://d.e/é", "https://d.e/%C3%A9"),
        ("https://d.e/" + "x" * (MAX_URL_CHARS - 12), "https://d.e/" + "x" * (MAX_URL_CHARS - 12)),
        ("https://d.e/" + "x" * (MAX_URL_CHARS - 11), None),
        ("https://dé.e/", "https://xn--d-bga.e/"),
        *(
            (address, None)
            for address in ("https://d\t.e", "https://d.e\\@f.g", "https://d.e:99999", "https://d..e")
        ),
        ("https://a@d.e", None),
        ("https://a:b@d.e", None),
        ("https:///a", None),
        ("https:", None),
        ("https://[::1", None),
        ("//d.e/a", None),
        ("d.e/a", None),
        ("ftp://d.e", None),
        ("javascript:a", None),
        ("", None),
    ],
)
def test_a_destination_is_a_web_address_without_a_user(address: str, destination: str | None) -> None:
    assert link_destination(address) == destination


def link(address: str, label: str = "") -> str:
    return f"[{(label or address).replace(':', '<span>:</span>', 1)}]({address})"


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("x https://d.e y http://f.g z", f"x {link('https://d.e')} y {link('http://f.g')} z"),
        ("https://d.e http://f.g", f"{link('https://d.e')} {link('http://f.g')}"),
        ("HTTPS://d.e", link("https://d.e", "HTTPS://d.e")),
        ("https://d.e/a.,:;!?*_'~ b", link("https://d.e/a") + ".,:;!?\\*\\_'\\~ b"),
        ("https://d.e/X.", link("https://d.e/X") + "."),
        ("(https://d.e/a)", f"({link('https://d.e/a')})"),
        ("https://d.e/a_(b.c-d)", link("https://d.e/a_%28b.c-d%29", "https://d.e/a\\_(b.c-d)")),
        ("https://d.e/a(b c)", link("https://d.e/a") + "(b c)"),
        ("https://d.e/%20?c=d&e=+g:h!j,k;l", link("https://d.e/%20?c=d&amp;e=+g:h!j,k;l")),
        ("https://d.e/a。", link("https://d.e/a") + "。"),
        (
            "https://u@d.e https://f.g",
            f"https<span>:</span>//u<span>@</span>d.e {link('https://f.g')}",
        ),
        ("https://-d.e", "https<span>:</span>//-d.e"),
        ("https://", "https<span>:</span>//"),
    ],
)
def test_bare_addresses_are_links_without_the_signs_behind_them(source: str, markdown: str) -> None:
    assert block(source) == markdown


@pytest.mark.parametrize(
    ("figure", "whole", "part"),
    [
        ("5%", ["5%", "(5%)", "5%, 6", ".5%", "a,5%", "é5%", "5%é", "5%."], []),
        ("5%", [], ["15%", "1.5%", "1,5%", "v5%", "V5%", "_5%", "5%5", "5%x", "5", "5 %"]),
        (
            "5",
            ["5", "5.", "5,", "5x", "5_", "x.5", "5-fold"],
            ["15", "55", "5%", "5.1", "5,1", "1.5", "é1,5"],
        ),
        ("12.3x", ["12.3x", "12.3x.", "12.3x.5", "12.3x,"], ["12.3xy", "12.3x2", "12.3x_", "12x3x"]),
        ("3 points", ["3 points", "3points"], ["3 pointsy", "3 point"]),
        ("-5", ["-5"], ["5", "6-5"]),
        ("X", ["X"], ["x", "XX", "aX"]),
    ],
)
def test_a_figure_is_flagged_only_where_it_stands_whole(
    figure: str, whole: list[str], part: list[str]
) -> None:
    for text in whole:
        assert UNVERIFIED in block(f"so {text} is", FigureMarks((figure,))), text
    for text in part:
        assert UNVERIFIED not in block(f"so {text} is", FigureMarks((figure,))), text


@pytest.mark.parametrize(
    ("source", "flagged", "markdown"),
    [
        ("a 5% b 5% 6% c", ["5%", "6%"], f"a {FIVE} b {FIVE} {SIX} c"),
        ("5% or 15%", ["5%", "15%"], f"{FIVE} or <ins>15%</ins>{NOT_FOUND}"),
        ("3.5x 3.5y", ["3.5", "3.5x"], f"<ins>3.5x</ins>{NOT_FOUND} <ins>3.5</ins>{NOT_FOUND}y"),
        ("3.5x 3.5y", ["3.5x", "3.5"], f"<ins>3.5x</ins>{NOT_FOUND} <ins>3.5</ins>{NOT_FOUND}y"),
        ("3points more", ["3points", "3 points more"], f"<ins>3points more</ins>{NOT_FOUND}"),
        ("3 points", [" 3  points\n"], f"<ins>3 points</ins>{NOT_FOUND}"),
        ("5%", ["", " ", "\u200b", "5%"], FIVE),
        ("5%", ["", " ", "\u200b"], "5%"),
        ("a*b a.b acb", ["a*b", "a.b"], f"<ins>a\\*b</ins>{NOT_FOUND} <ins>a.b</ins>{NOT_FOUND} acb"),
        ("XXXX", [], "XXXX"),
    ],
)
def test_each_flagged_figure_is_marked_beside_itself(source: str, flagged: list[str], markdown: str) -> None:
    assert block(source, FigureMarks(tuple(flagged))) == markdown


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("# a 5%", f"#### a {FIVE}"),
        ("- 5%\n\n> 5%", f"- {FIVE}\n\n> {FIVE}"),
        ("*a 5%* ~~5%~~", f"<em>a {FIVE}</em> <del>{FIVE}</del>"),
        ("![5%](x)", FIVE),
        ("[a 5% b](https://d.e)", f"[a {FIVE} b](https://d.e)"),
        ("https://d.e/5% 5%", f"[https<span>:</span>//d.e/5%](https://d.e/5%) {FIVE}"),
        ("5% https://d.e 6%", f"{FIVE} {link('https://d.e')} {SIX}"),
        ("`5%` `7%`", f"<code>{FIVE}</code> `7%`"),
        ("`5%|6%`", f"<code>{FIVE}&#124;{SIX}</code>"),
        ("$x=5\\%$ $7$", f"$`x=5\\%`${NOT_FOUND} $`7`$"),
        ("[$5\\%$](https://d.e)", f"[5%{NOT_FOUND}](https://d.e)"),
    ],
)
def test_flagged_figures_are_marked_inside_of_any_line(source: str, markdown: str) -> None:
    assert block(source, FigureMarks(("5%", "6%"))) == markdown


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("```py\n6% 5%\n6%\n```", f"```py\n6% 5%\n6%\n```\n\n{UNVERIFIED}: 6%, 5%"),
        ("```\n7%\n```", "```\n7%\n```"),
        ("```\n2*3\n```", f"```\n2*3\n```\n\n{UNVERIFIED}: 2\\*3"),
        ("$$\n6+1\n$$", f"```math\n6+1\n```\n\n{UNVERIFIED}: 6+1"),
        ("$$\n7\n$$", "```math\n7\n```"),
        ("- ```\n  5%\n  ```", f"- ```\n  5%\n  ```\n\n  {UNVERIFIED}: 5%"),
    ],
)
def test_below_code_and_formulas_stands_which_figures_are_flagged(source: str, markdown: str) -> None:
    assert block(source, FigureMarks(("5%", "6%", "2*3", "6+1"))) == markdown


LINKED = FigureMarks(
    missing=("6%",),
    other_row=("7.5",),
    pages=(("84.4%", 7), ("2.5x", 3), ("6%", 2)),
    pdf_url="https://a.b/1v1",
)


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("so 84.4%, again 84.4%", "so 84.4%<sup>[p.7](https://a.b/1v1#page=7)</sup>, again 84.4%"),
        ("| a |\n|---|\n| 2.5x |", "| a |\n| --- |\n| 2.5x<sup>[p.3](https://a.b/1v1#page=3)</sup> |"),
        ("$84.4\\%$ is", "$`84.4\\%`$<sup>[p.7](https://a.b/1v1#page=7)</sup> is"),
        ("`84.4%` is", "`84.4%`<sup>[p.7](https://a.b/1v1#page=7)</sup> is"),
        ("**84.4%**", "<strong>84.4%<sup>[p.7](https://a.b/1v1#page=7)</sup></strong>"),
        ("[84.4%](https://c.d) 84.4%", "[84.4%](https://c.d) 84.4%<sup>[p.7](https://a.b/1v1#page=7)</sup>"),
        ("so 184.4% and 6%", f"so 184.4% and <ins>6%</ins>{NOT_FOUND}"),
        ("it is 7.5", f"it is <ins>7.5</ins><sup>{OTHER_ROW}</sup>"),
        ("```\n84.4%\n7.5 6%\n```", f"```\n84.4%\n7.5 6%\n```\n\n{OTHER_ROW}: 7.5\n\n{UNVERIFIED}: 6%"),
    ],
)
def test_the_first_of_a_figure_is_linked_to_its_page(source: str, markdown: str) -> None:
    assert block(source, LINKED) == markdown
    for url in re.findall("https://a.b[^)]*", markdown):
        assert f'<a href="{url}"' in block_html(source, LINKED)


@pytest.mark.parametrize(
    "address", ["https://:github.com@evil.example", "https://@evil.example", "https://u@evil.example"]
)
def test_an_address_that_shows_another_host_than_it_leads_to_is_no_link(address: str) -> None:
    assert link_destination(address) is None


def test_the_numbers_of_a_list_never_grow_too_long() -> None:
    assert block("999999999. a\n1. b") == "999999997. a\n999999998. b"


def test_a_percentage_in_a_formula_is_named_without_tex() -> None:
    written = block("$$\nx=5\\% + 5\\%\n$$", FigureMarks(("5%",)))
    assert written == f"```math\nx=5\\% + 5\\%\n```\n\n{UNVERIFIED}: 5%"
