"""What becomes of each piece of a model's Markdown, to the letter."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from paperbot.text import FigureMarks, block, block_html
from paperbot.text.figure_marks import OTHER_ROW, UNVERIFIED
from paperbot.text.urls import MAX_URL_CHARS, link_destination

NOT_FOUND = f"<sup>{UNVERIFIED}</sup>"
CASES = json.loads((Path(__file__).parent / "data" / "markdown.json").read_text("utf-8"))
"""By rule: what a model writes, what becomes of it, and the figures that are flagged, if any."""


@pytest.mark.parametrize(("rule", "case"), [(rule, case) for rule, cases in CASES.items() for case in cases])
def test_each_piece_is_written_anew(rule: str, case: list[Any]) -> None:
    source, markdown, *flagged = case
    assert block(source, FigureMarks(tuple(*flagged))) == markdown


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
        *(
            (address, None)
            for address in ("https://:github.com@e.f", "https://@e.f", "https://u@e.f", "https:///a")
        ),
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
        ("٨٤", ["٨٤", "词٨٤词"], ["٨٤٥", "١٨٤", "٨٤٫٥", "٨٤٪"]),
        ("８４", ["８４"], ["８４．５", "１８４", "８４％"]),
    ],
)
def test_a_figure_is_flagged_only_where_it_stands_whole(
    figure: str, whole: list[str], part: list[str]
) -> None:
    for text in whole:
        assert UNVERIFIED in block(f"so {text} is", FigureMarks((figure,))), text
    for text in part:
        assert UNVERIFIED not in block(f"so {text} is", FigureMarks((figure,))), text


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
        (
            "`84.4% 2.5x` is",
            "`84.4% 2.5x`<sup>[p.7](https://a.b/1v1#page=7)</sup><sup>[p.3](https://a.b/1v1#page=3)</sup> is",
        ),
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
