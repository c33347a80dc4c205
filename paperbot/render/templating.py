"""Templates: where they are found, what they may call, and their mistakes in words."""

import datetime as dt
import traceback
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from paperbot.errors import Problem, UserError

FOLDER = "templates"
SUFFIX = ".j2"
ESCAPED_BY_JINJA = (".html.j2", ".svg.j2", ".xml.j2")
"""In Markdown templates nothing needs escaping: their values are safe as they are."""

TEMPLATE_MISTAKES = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a template can raise while it is rendered: it is given frozen values, so the mistake is its own."""


def load_templates(root: Path, bundled: Path) -> Environment:
    """`root`/templates wins, file by file, over the bot's own folder `bundled`."""
    environment = _Sandbox(
        loader=FileSystemLoader([root / FOLDER, bundled]),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name) and name.endswith(ESCAPED_BY_JINJA),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        optimized=False,  # there is next to nothing to fold, and looking for it costs each start
    )
    environment.filters |= {"counted": counted, "figure": figure, "long_date": long_date}
    return environment


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's own, but it judges each attribute of a type once, not a thousand times a page."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._judged: dict[tuple[type, str], bool] = {}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """The sandbox's rules look at the type and the name alone."""
        known = (type(obj), attr)
        if known not in self._judged:
            self._judged[known] = super().is_safe_attribute(obj, attr, value)
        return self._judged[known]


def render(templates: Environment, name: str, **context: object) -> str:
    """UserError that names the template's file and line, whatever is wrong with it."""
    template = compiled(templates, name)
    try:
        return template.render(context)
    except TEMPLATE_MISTAKES as error:
        raise UserError(_problem(error, name)) from error


def compiled(templates: Environment, name: str) -> Template:
    """UserError likewise."""
    try:
        return templates.get_template(name)
    except (TemplateError, UnicodeDecodeError, OSError) as error:
        raise UserError(_problem(error, name)) from error


def _problem(error: Exception, name: str) -> Problem:
    """The place is that of the innermost template: the partial, not the page that includes it."""
    if isinstance(error, TemplateSyntaxError):
        return Problem(str(error.message), f"{FOLDER}/{error.name or name}", error.lineno)
    if isinstance(error, UnicodeDecodeError):
        return Problem(f"is not UTF-8 text: {error.reason}", f"{FOLDER}/{name}")
    message = f"there is no template {error.name}" if isinstance(error, TemplateNotFound) else str(error)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(SUFFIX)]
    if not frames:
        return Problem(message, f"{FOLDER}/{name}")
    return Problem(message, f"{FOLDER}/{_name_of(frames[-1].filename)}", frames[-1].lineno or 0)


def _name_of(path: str) -> str:
    """Of a template below one of the two folders, both of which are called `templates` in messages."""
    return Path(path).as_posix().rpartition(f"/{FOLDER}/")[2]


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 paper`, `2,412 papers`, `no papers`."""
    many = plural or noun + "s"
    return f"{figure(number) if number else 'no'} {noun if number == 1 else many}"


def figure(number: float) -> str:
    """`2,412`, `11.5`, `3`: at most two decimals, none that are zero."""
    return f"{number:,.2f}".rstrip("0").rstrip(".") if isinstance(number, float) else f"{number:,}"


def long_date(date: dt.date) -> str:
    """`Wednesday 24 December 2025`"""
    return f"{date:%A} {date.day} {date:%B %Y}"
