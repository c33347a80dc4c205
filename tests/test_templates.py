"""Templates: which file wins, what they are given, and how their mistakes are reported."""

import re
from dataclasses import fields, is_dataclass
from inspect import getmembers
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

import pytest
from jinja2 import Environment, meta

from paperbot.errors import UserError
from paperbot.render import charts as trends
from paperbot.render import views
from paperbot.render.page_views import Place
from paperbot.render.pages import render_pages
from paperbot.render.template_check import check_templates, example_archives
from paperbot.render.templating import counted, figure, load_templates, long_date, render
from tests.support import invented

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


def test_a_users_file_wins_and_the_others_stay(own: Path) -> None:
    (own / "templates" / "manual_trigger.md.j2").write_text(
        "Ask {{ page.settings.language }} Santa.\n", "utf-8"
    )
    templates = load_templates(own, BUNDLED)
    check_templates(templates, invented.CONFIG)
    readme = render_pages(invented.archive(), invented.CONFIG, templates, invented.PLACE)["README.md"]
    assert "## 🔍 Manual Trigger\n\nAsk Chinese Santa.\n" in readme
    assert "### <a name=" in readme


def test_a_page_of_ones_own_may_look_quite_different(own: Path) -> None:
    text = (
        "# Mine\n\n![badge](https://example.org/b.svg)\n\n"
        "{% for paper in page.digest.papers %}\n## {{ paper.title }}\n\n{{ paper.abstract }}\n\n"
        "### Why\n\n<details><summary>x</summary></details>\n\n{% endfor %}"
    )
    (own / "templates" / "README.md.j2").write_text(text, "utf-8")
    templates = load_templates(own, BUNDLED)
    readme = render_pages(invented.archive(), invented.CONFIG, templates, invented.PLACE)["README.md"]
    assert readme.count("### Why") == invented.SHOWN


# Mistakes


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("\n{% if %}", "templates/day.md.j2, line 2: Expected an expression, got 'end of statement block'"),
        ("{{ x | nofilter }}", "templates/day.md.j2, line 1: No filter named 'nofilter'."),
        (
            "\n\n{{ page.papers }}",
            "line 3: 'paperbot.render.views.DayPageView object' has no attribute 'papers'",
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
    changed = text.replace("{{ paper.comment }}", "{{ paper.coment }}")
    line = changed[: changed.index("paper.coment")].count("\n") + 1
    (own / "templates" / "paper.md.j2").write_text(changed, "utf-8")
    (problem,) = problems(own)
    assert problem.startswith(f"templates/paper.md.j2, line {line}: ")
    assert problem.endswith("PaperView object' has no attribute 'coment'")


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
        render_pages(invented.archive(), invented.CONFIG, templates, invented.PLACE)


def test_svg_is_escaped_by_itself_and_markdown_is_not(own: Path) -> None:
    for name in ("x.svg.j2", "x.md.j2"):
        (own / "templates" / name).write_text("{{ text }}", "utf-8")
    templates = load_templates(own, BUNDLED)
    assert render(templates, "x.svg.j2", text="a & b") == "a &amp; b"
    assert render(templates, "x.md.j2", text="a & b") == "a & b"


# What templates/README.md says


def described_fields(view: str) -> dict[str, str]:
    section = re.search(rf"^### {view}\n(.*?)(?=^### |\Z)", DESCRIBED, re.MULTILINE | re.DOTALL)
    return dict(re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", section[1], re.MULTILINE)) if section else {}


def type_name(hint: object) -> str:
    if get_origin(hint) is tuple:
        return f"tuple[{type_name(get_args(hint)[0])}]"
    if get_args(hint):
        return " or ".join("None" if part is type(None) else type_name(part) for part in get_args(hint))
    return str(getattr(hint, "__name__", hint))


VIEWS = [member for _, member in getmembers(views, is_dataclass) if isinstance(member, type)]
VIEWS += [trends.ChartView, trends.Bar, trends.Mark]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_every_variable_is_described_with_its_type(view: type) -> None:
    hints = get_type_hints(view)
    assert described_fields(view.__name__) == {
        field.name: type_name(hints[field.name]) for field in fields(view)
    }


def test_nothing_else_is_described() -> None:
    described = re.findall(r"^### (\w+)$", DESCRIBED, re.MULTILINE)
    assert sorted(described) == sorted(view.__name__ for view in VIEWS)


@pytest.mark.parametrize("name", PAGE_TEMPLATES)
def test_a_template_is_listed_and_uses_only_the_variables_listed(name: str) -> None:
    (row,) = re.findall(rf"^\|.*`{re.escape(name)}`.*\|$", DESCRIBED, re.MULTILINE)[:1]
    templates = load_templates(ROOT, BUNDLED)
    used = meta.find_undeclared_variables(templates.parse((BUNDLED / name).read_text("utf-8")))
    assert used <= set(re.findall(r"`(page|chart|theme)`:", row))


def test_the_filters_are_described() -> None:
    described = re.findall(r"^\| `\w+ \\\| (\w+)", DESCRIBED, re.MULTILINE)
    assert load_templates(ROOT, BUNDLED).filters.keys() - Environment().filters.keys() == set(described)


def test_the_examples_of_the_filters_are_true() -> None:
    assert [counted(number, "paper") for number in (0, 1, 2412)] == ["no papers", "1 paper", "2,412 papers"]
    assert counted(2, "summary", "summaries") == "2 summaries"
    assert [figure(number) for number in (2412, 11.5, 3.0, 0.125)] == ["2,412", "11.5", "3", "0.12"]
    assert long_date(invented.TODAY) == "Thursday 25 December 2025"


def test_the_examples_reach_every_state() -> None:
    templates = load_templates(ROOT, BUNDLED)
    drawn = [
        render_pages(archive, invented.CONFIG, templates, Place())["README.md"]
        for archive in example_archives()
    ]
    for part in (
        "make sample",
        "No paper has matched",
        "AI Summary</strong>|AI Summary (by",
        "Nothing new since",
    ):
        assert any(re.search(re.escape(part).replace(r"\|", "|"), readme) for readme in drawn)
