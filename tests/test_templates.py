"""Templates: which file wins, what they are given, and how their mistakes are reported."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader, meta, nodes

from paperbot.errors import UserError
from paperbot.render import facts, safe, templating
from paperbot.render.last_resort import last_resort_page
from paperbot.render.original_templates import are_original
from paperbot.render.pages import render_pages
from paperbot.render.repository import RepositoryInfo
from paperbot.render.template_check import check_templates, example_archives
from paperbot.render.templating import FACTS, counted, figure, load_templates, long_date
from paperbot.text import block
from paperbot.text.gfm import gfm_html
from tests.support import invented
from tests.support.hostile import LINES, WHOLE
from tools import template_docs

ROOT = Path(__file__).resolve().parents[1]
BUNDLED = ROOT / "templates"
DESCRIBED = (BUNDLED / "README.md").read_text("utf-8")
PAGE_TEMPLATES = sorted(path.name for path in BUNDLED.glob("*.j2") if path.name != "summary_prompt.md.j2")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A user's folder with templates of their own."""
    (tmp_path / "templates").mkdir()
    return tmp_path


def problems(root: Path) -> list[str]:
    with pytest.raises(UserError) as raised:
        check_templates(load_templates(root, BUNDLED), invented.CONFIG)
    return [str(problem) for problem in raised.value.problems]


# Which file wins


def test_the_bundled_templates_are_right() -> None:
    check_templates(load_templates(ROOT, BUNDLED), invented.CONFIG)
    assert are_original(load_templates(ROOT, BUNDLED)), "see `python -m tools.golden`"


@pytest.mark.parametrize(
    ("name", "data"), [("front.md.j2", b"Mine"), ("my_part.md.j2", b""), ("site/mine.j2", b"\xff")]
)
def test_templates_that_are_changed_or_added_are_not_original(own: Path, name: str, data: bytes) -> None:
    assert are_original(load_templates(own, BUNDLED))
    (own / "templates" / name).parent.mkdir(exist_ok=True)
    (own / "templates" / name).write_bytes(data)
    assert not are_original(load_templates(own, BUNDLED))


def test_without_a_fingerprint_templates_are_not_original(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paperbot.render.original_templates.FINGERPRINT", own / "missing")
    assert not are_original(load_templates(own, BUNDLED))


def test_a_users_file_wins_and_the_others_stay(own: Path) -> None:
    text = "Ask {{ page.config.ai_summary.language }} Santa.\r\n"
    (own / "templates" / "manual_trigger.md.j2").write_text(text, "utf-8-sig")  # as Windows' Notepad does
    templates = load_templates(own, BUNDLED)
    check_templates(templates, invented.CONFIG)
    readme = render_pages(invented.archive(), invented.CONFIG, templates, invented.REPOSITORY)["README.md"]
    assert "## 🔍 Manual Trigger\n\nAsk Chinese Santa.\n" in readme
    assert "### <a name=" in readme


def test_a_page_of_ones_own_may_look_quite_different(own: Path) -> None:
    text = (
        "# Mine\n\n![badge](https://example.org/b.svg)\n\n"
        "{% for entry in page.digest.in_full %}\n## {{ entry | paper_title }}\n\n"
        "{{ (entry | abstract(page.config)).beginning }}\n\n"
        "### Why\n\n<details><summary>x</summary></details>\n\n{% endfor %}"
    )
    (own / "templates" / "README.md.j2").write_text(text, "utf-8")
    templates = load_templates(own, BUNDLED)
    readme = render_pages(invented.archive(), invented.CONFIG, templates, invented.REPOSITORY)["README.md"]
    assert readme.count("### Why") == invented.SHOWN


# Mistakes


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("\n{% if %}", "templates/day.md.j2, line 2: Expected an expression, got 'end of statement block'"),
        ("{{ x | nofilter }}", "templates/day.md.j2, line 1: No filter named 'nofilter'."),
        (
            "\n\n{{ page.papers }}",
            "line 3: 'paperbot.render.page_data.DayPage object' has no attribute 'papers'",
        ),
        ("{{ paeg }}", "line 1: 'paeg' is undefined"),
        ("{{ 1 / 0 }}", "line 1: division by zero"),
        ("{{ page.digest.total + 'x' }}", "line 1: unsupported operand type(s) for +: 'int' and 'str'"),
        ("\n{% include 'nope.j2' %}", "line 2: there is no template nope.j2"),
        ("{{ ''.__class__.__mro__ }}", "line 1: access to attribute '__class__' of 'str' object is unsafe."),
        ("{% include 'day.md.j2' %}", "maximum recursion depth exceeded"),
        ("{% for n in range(10 ** 9) %}{% endfor %}", "line 1: Range too big."),
    ],
)
def test_a_mistake_is_named_with_its_line(own: Path, text: str, problem: str) -> None:
    (own / "templates" / "day.md.j2").write_text(text, "utf-8")
    (found,) = problems(own)
    assert found.startswith("templates/")
    assert problem in found


def test_a_mistake_in_a_partial_is_named_there(own: Path) -> None:
    text = (BUNDLED / "paper.md.j2").read_text("utf-8")
    changed = text.replace("{{ paper.comment |", "{{ paper.coment |")
    line = changed[: changed.index("paper.coment")].count("\n") + 1
    (own / "templates" / "paper.md.j2").write_text(changed, "utf-8")
    (problem,) = problems(own)
    assert problem.startswith(f"templates/paper.md.j2, line {line}: ")
    assert problem.endswith("Paper object' has no attribute 'coment'")


@pytest.mark.parametrize("name", ["site/feed_item.html.j2", "site/index.html.j2"])
def test_a_mistake_in_a_template_of_the_site_is_named_there(own: Path, name: str) -> None:
    (own / "templates" / "site").mkdir()
    (own / "templates" / name).write_text("Mine\n{{ weather }}", "utf-8")
    assert problems(own) == [f"templates/{name}, line 2: 'weather' is undefined"]


def test_every_broken_file_is_named(own: Path) -> None:
    (own / "templates" / "day.md.j2").write_text("{{", "utf-8")
    (own / "templates" / "mine.j2").write_text("{% endif %}", "utf-8")
    (own / "templates" / "README.md.j2").write_bytes(b"caf\xe9")
    found = problems(own)
    assert [problem.partition(":")[0].partition(",")[0] for problem in found] == [
        "templates/README.md.j2",
        "templates/day.md.j2",
        "templates/mine.j2",
    ]
    assert "is not UTF-8 text" in found[0]


def test_a_mistake_that_only_the_run_shows_is_reported_likewise(own: Path) -> None:
    (own / "templates" / "README.md.j2").write_text(
        "{% if page.digest.total == 88 %}{{ oh }}{% endif %}", "utf-8"
    )
    templates = load_templates(own, BUNDLED)
    with pytest.raises(UserError, match=r"templates/README.md.j2, line 1: 'oh' is undefined"):
        render_pages(invented.archive(), invented.CONFIG, templates, invented.REPOSITORY)


# Escaping


PRINTED = [
    "{{ text }}",
    "{{ text ~ text }}",
    "{{ [text, 1] | join(' ') }}",
    "{{ text | upper }}",
    "{{ text | safe }}",
    "{{ text | e }}",
    "{{ (text | html) ~ text }}",
    "{{ text | nonbreaking }}",
    "{% set line %}{{ text }}{% endset %}{{ line }}",
    "{% macro show(value) %}{{ value }}{% endmacro %}{{ show(text) }}",
    "{% macro show() %}{{ caller() }}{% endmacro %}{% call show() %}{{ text }}{% endcall %}",
    "{% autoescape true %}{{ text }}{% endautoescape %}",
]


@pytest.mark.parametrize("printed", PRINTED)
@given(st.one_of(st.sampled_from(LINES + WHOLE), st.text(max_size=40)))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_markdown_template_can_forget_to_escape(printed: str, text: str) -> None:
    templates = load_templates(ROOT, BUNDLED)
    for place in ("# a {} b", "- a {}", "{} end", "[a {} b](https://a.org)", "| a |\n|---|\n| {} |"):
        page = templates.from_string(place.replace("{}", printed)).render(text=text)
        plain = templates.from_string(place.replace("{}", "word")).render()
        tags = re.compile(r"<(?!/?(?:span|strong|br|code)\b)[^>]*>")  # what an escaped text itself may hold
        assert tags.findall(gfm_html(page)) == tags.findall(gfm_html(plain))


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_no_html_template_can_forget_to_escape(text: str) -> None:
    templates = load_templates(ROOT, BUNDLED)
    source = '<a b="{{ text }}">{{ text }}{{ text ~ text }}</a>'
    templates.loader = DictLoader({"x.svg.j2": source})
    made = templates.get_template("x.svg.j2").render(text=text)
    root = ET.fromstring(made)
    assert [element.tag for element in root.iter()] == ["a"]


def test_numbers_dates_and_marks_of_the_template_are_printed_as_they_are() -> None:
    templates = load_templates(ROOT, BUNDLED)
    text = "{{ 11.5 }} {{ 3 | figure }}{{ ', ' if true }}{{ date }} {{ nothing }}|"
    assert templates.from_string(text).render(date=invented.TODAY, nothing=None) == "11.5 3, 2025-12-25 |"


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://a.org/b?c=1&d=2#e", "https://a.org/b?c=1&amp;d=2#e"),
        ("https://a.org/(b) <c>|`$*", "https://a.org/%28b%29%20%3Cc%3E%7C%60%24%2A"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//a.org", ""),
        ("http://[", ""),
        ("HTTPS://a.org", "https://a.org"),
    ],
)
def test_an_address_is_safe_between_brackets(address: str, safe: str) -> None:
    templates = load_templates(ROOT, BUNDLED)
    assert templates.from_string("{{ address | url }}").render(address=address) == safe


# Faults of the bot's own


def broken(*_: object) -> str:
    raise KeyError("a fault in the bot")


def test_a_fault_in_one_summary_costs_that_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = block
    bad = invented.archive().of(invented.TODAY)[1].summary
    assert bad
    monkeypatch.setattr(facts, "block", lambda text, marks: broken() if "x9" in text else whole(text, marks))
    archive = invented.archive()
    first, second = archive.of(invented.TODAY)[:2]
    archive = archive.with_entries([replace(second, summary=replace(bad, text="x9 " + bad.text))])
    templates = load_templates(ROOT, BUNDLED)
    pages = render_pages(archive, invented.CONFIG, templates, invented.REPOSITORY)
    sentence = f"The summary of {second.paper.id} could not be made because of a fault in the bot."
    assert all(pages[path].count(sentence) == 1 for path in ("README.md", "archive/2025/2025-12-25.md"))
    assert "**Lantern**" in pages["README.md"] and first.paper.title in pages["README.md"]
    assert [fault.part for fault in templates.faults.recorded] == [f"The summary of {second.paper.id}"]


@pytest.mark.parametrize("name", sorted(FACTS))
def test_a_fault_in_a_fact_of_a_paper_costs_that_fact(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(templating.FACTS, name, replace(FACTS[name], function=broken))
    templates = load_templates(ROOT, BUNDLED)
    readme = render_pages(invented.archive(), invented.CONFIG, templates, invented.REPOSITORY)["README.md"]
    assert "## 🔍 Manual Trigger" in readme
    assert ("2512.99001" if name == "paper_title" else "Lantern") in readme
    assert templates.faults.recorded


def test_text_that_cannot_be_escaped_as_usual_is_spelt_out_in_entities(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(safe, "inline", broken)
    safe.safe_line.cache_clear()
    templates = load_templates(ROOT, BUNDLED)
    text = templates.from_string("{{ text }}").render(text="</a> *x*\n# 論文")
    assert text == "&#60;&#47;a&#62; &#42;x&#42; &#35; 論文"
    assert [fault.part for fault in templates.faults.recorded] == ["A line of text"]


@pytest.mark.parametrize(
    ("function", "lost", "sentence"),
    [
        ("paperbot.render.charts.draw_days", "archive/trend-light.svg", "The trend chart could not be made"),
        (
            "paperbot.render.charts.draw_keywords",
            "archive/keywords-dark.svg",
            "The keyword chart could not be",
        ),
        ("paperbot.render.pages.IndexPage", "archive/README.md", ""),
        ("paperbot.render.pages.shrink_to_limit", "", "The page could not be made because of a fault"),
        ("paperbot.render.pages.digest_on_page", "", "The page could not be made because of a fault"),
        ("paperbot.render.pages.readme_pages", "", ""),
        ("paperbot.render.validated.page_problems", "", "The page could not be made because of a fault"),
    ],
)
def test_a_fault_costs_one_page_or_chart(
    monkeypatch: pytest.MonkeyPatch, function: str, lost: str, sentence: str
) -> None:
    monkeypatch.setattr(function, broken)
    templates = load_templates(ROOT, BUNDLED)
    pages = render_pages(invented.archive(), invented.CONFIG, templates, invented.REPOSITORY)
    assert lost not in pages
    assert sentence in pages["README.md"] and invented.TITLES[0].partition(":")[0] in pages["README.md"]
    assert templates.faults.recorded or not sentence


def test_the_last_resort_is_safe_whatever_a_title_says() -> None:
    entry = invented.entry(1, shown=True)
    paper = replace(
        entry.paper, title="</details> ](javascript:x) # `$x$` <b>\x00論文", id="2512.20276) [x](y"
    )
    reader = gfm_html(last_resort_page([entry, replace(entry, paper=paper)]))
    assert set(re.findall(r"<(\w+)", reader)) == {"h1", "blockquote", "p", "ol", "li", "a"}
    assert (
        re.findall(r'href="([^"]*)"', reader) == ["https://arxiv.org/abs/2512.99001"]
        or "2512.99001" in reader
    )


# What templates/README.md says


def test_the_lists_of_filters_and_variables_are_those_of_the_code() -> None:
    assert template_docs.described() == DESCRIBED, "run `python -m tools.template_docs`"


@pytest.mark.parametrize("name", PAGE_TEMPLATES)
def test_a_template_is_listed_and_uses_only_the_variables_listed(name: str) -> None:
    (row,) = re.findall(rf"^\|.*`{re.escape(name)}`.*\|$", DESCRIBED, re.MULTILINE)[:1]
    templates = load_templates(ROOT, BUNDLED)
    tree = templates.parse((BUNDLED / name).read_text("utf-8"))
    assigned = {found.name for found in tree.find_all(nodes.Name) if found.ctx == "store"}
    used = meta.find_undeclared_variables(tree) - assigned
    assert used <= set(re.findall(r"`(page|chart|theme)`:", row))


def test_the_examples_of_the_filters_are_true() -> None:
    assert [counted(number, "paper") for number in (0, 1, 2412)] == ["no papers", "1 paper", "2,412 papers"]
    assert counted(2, "summary", "summaries") == "2 summaries"
    assert [figure(number) for number in (2412, 11.5, 3.0, 0.125, -0.001)] == [
        "2,412",
        "11.5",
        "3",
        "0.12",
        "0",
    ]
    assert long_date(invented.TODAY) == "Thursday 25 December 2025"


def test_the_examples_reach_every_state() -> None:
    templates = load_templates(ROOT, BUNDLED)
    drawn = [
        render_pages(archive, invented.CONFIG, templates, RepositoryInfo())["README.md"]
        for archive in example_archives()
    ]
    for part in (
        "make sample",
        "No paper has matched",
        "AI Summary</strong>|AI Summary (by",
        "Nothing new since",
    ):
        assert any(re.search(re.escape(part).replace(r"\|", "|"), readme) for readme in drawn)
