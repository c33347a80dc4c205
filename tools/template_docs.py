"""`python -m tools.template_docs` writes the lists of filters and variables in templates/README.md."""

import ast
import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from paperbot.render import charts, job_summary, mail, page_data
from paperbot.render.templating import FACTS, FORMATS

README = Path(__file__).resolve().parents[1] / "templates" / "README.md"
START = "## Filters"
PAGES: tuple[type, ...] = (
    *(page_data.ReadmePage, page_data.DayPage, page_data.IndexPage, page_data.WeekPage),
    *(page_data.ReadingListPage, job_summary.JobSummaryPage, mail.MailPage, charts.Chart),
)


def described() -> str:
    """templates/README.md with its lists as the code has them."""
    before = README.read_text("utf-8").partition(START)[0]
    return before + "\n".join([*_filters(), "", "## Variables", "", *_variables()]) + "\n"


def _filters() -> Iterator[str]:
    yield f"{START}\n\nBeside [Jinja's](https://jinja.palletsprojects.com/en/stable/templates/#builtin-filters):\n"
    yield "| filter | of | gives |\n|---|---|---|"
    for name, fact in FACTS.items():
        yield f"| `{_call(name, fact.function)}` | {fact.takes.__name__} | {_summary(fact.function)} |"
    for name, function in FORMATS.items():
        yield f"| `{_call(name, function)}` | {_first_type(function)} | {_summary(function)} |"


def _call(name: str, function: Callable[..., object]) -> str:
    arguments = list(inspect.signature(function).parameters)[1:]
    return f"{name}({', '.join(arguments)})" if arguments else name


def _first_type(function: Callable[..., object]) -> str:
    parameter = next(iter(inspect.signature(function).parameters))
    return type_name(get_type_hints(function)[parameter])


def _variables() -> Iterator[str]:
    yield "`page` is of the type that the table of files names; a `tuple[X]` is a list of X."
    yield "`page.config` holds the settings of config.json by their names, with their defaults.\n"
    for described_type in described_types():
        yield f"### {described_type.__name__}\n\n{_cell(described_type.__doc__)}\n"
        yield "| field | type | |\n|---|---|---|"
        for name, hint, text in members(described_type):
            yield f"| `{name}` | `{type_name(hint)}` | {_cell(text)} |"
        yield ""


def described_types() -> list[type]:
    """The pages, what the filters give, and whatever these lead to."""
    functions = [*(fact.function for fact in FACTS.values()), *FORMATS.values()]
    given = (get_type_hints(function).get("return") for function in functions)
    found = [*PAGES, *(inner for hint in given for inner in _dataclasses_in(hint))]
    for described_type in found:
        for _, hint, _ in members(described_type):
            found += (inner for inner in _dataclasses_in(hint) if inner not in found)
    return list(dict.fromkeys(found))


def _dataclasses_in(hint: object) -> Iterator[type]:
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
    for part in get_args(hint):
        yield from _dataclasses_in(part)


def members(described_type: type) -> Iterator[tuple[str, object, str]]:
    """Fields and properties of a dataclass: name, type, what its docstring says."""
    hints, texts = get_type_hints(described_type), field_docstrings(described_type)
    if is_dataclass(described_type):
        for field in fields(described_type):
            yield field.name, hints[field.name], texts.get(field.name, "")
    for name, member in vars(described_type).items():
        function = getattr(member, "fget", None) or getattr(member, "func", None)
        if function and not name.startswith("_"):
            yield name, get_type_hints(function)["return"], inspect.getdoc(function) or ""


def field_docstrings(described_type: type) -> dict[str, str]:
    """The string behind each field, which Python itself does not keep."""
    (definition,) = ast.parse(inspect.cleandoc("\n" + inspect.getsource(described_type))).body
    body: list[Any] = definition.body  # type: ignore[attr-defined]
    return {
        ast.unparse(field.target): inspect.cleandoc(str(text.value.value))
        for field, text in zip(body, body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def type_name(hint: object) -> str:
    """As a template's author reads it: `tuple[Match]`, `date or None`, `text`."""
    arguments = [part for part in get_args(hint) if part is not Ellipsis]
    if get_origin(hint) is tuple:
        return f"tuple[{type_name(arguments[0])}]"
    if arguments and "Mapping" in str(hint):
        return f"mapping of {type_name(arguments[0])} to {type_name(arguments[1])}"
    if arguments:
        return " or ".join("None" if part is type(None) else type_name(part) for part in arguments)
    return str(getattr(hint, "__name__", hint))


def _summary(function: Callable[..., object]) -> str:
    return _cell((inspect.getdoc(function) or "").partition("\n\n")[0])


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def main() -> None:
    """Overwrites the lists."""
    README.write_text(described(), "utf-8")


if __name__ == "__main__":
    main()
