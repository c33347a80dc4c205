"""Templates: where they are found, what they may call, how their values are escaped and mistakes reported."""

import datetime as dt
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import (
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    pass_context,
)
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from paperbot.containment import FAULT_TEXT, Faults
from paperbot.errors import Problem, UserError
from paperbot.model import Entry, Paper
from paperbot.render import facts, safe
from paperbot.render.charts import text_width
from paperbot.render.citations import bibtex_block
from paperbot.render.safe import SafeMarkdown, SafeUrl
from paperbot.text import truncate
from paperbot.text.authors import author_names

FOLDER = "templates"
SUFFIX = ".j2"
HTML_SUFFIXES = (".html.j2", ".svg.j2", ".xml.j2")
PACKAGE = Path(__file__).resolve().parents[1]
MAX_FAULTS = 5
"""Of one kind; after this many it is not tried again."""

TEMPLATE_MISTAKES = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a mistake in a template raises. The same from the bot's own code is a fault of the bot."""


@dataclass(frozen=True, slots=True)
class _Fact:
    """A filter about a paper, which may fail for one paper without harm to the others."""

    function: Callable[..., object]
    takes: type[Paper] | type[Entry]
    part: str
    on_fault: Callable[[Paper, SafeMarkdown], object]
    """Makes the value in its place, given a sentence that says so."""


FACTS = {
    "paper_title": _Fact(facts.paper_title, Paper, "title", lambda paper, _: paper.id),
    "anchor": _Fact(facts.anchor, Paper, "anchor", lambda *_: SafeMarkdown()),
    "abs_url": _Fact(facts.abs_url, Paper, "link", lambda *_: SafeUrl()),
    "pdf_url": _Fact(facts.pdf_url, Paper, "link", lambda *_: SafeUrl()),
    "html_url": _Fact(facts.html_url, Paper, "link", lambda *_: SafeUrl()),
    "doi_url": _Fact(facts.doi_url, Paper, "DOI", lambda *_: SafeUrl()),
    "first_authors": _Fact(facts.first_authors, Paper, "list of authors", lambda _, sentence: sentence),
    "other_authors": _Fact(facts.other_authors, Paper, "list of authors", lambda *_: ""),
    "links": _Fact(facts.links, Paper, "links", lambda *_: ()),
    "bibtex": _Fact(bibtex_block, Paper, "BibTeX", lambda _, sentence: sentence),
    "venue": _Fact(facts.venue, Paper, "venue", lambda *_: ""),
    "points": _Fact(facts.points, Entry, "explanation of the score", lambda *_: ()),
    "abstract": _Fact(facts.abstract, Entry, "abstract", lambda _, sentence: facts.Abstract(sentence)),
    "likeness": _Fact(facts.likeness, Entry, "likeness", lambda *_: None),
    "tldr": _Fact(facts.tldr, Entry, "TL;DR", lambda *_: ""),
    "summary_text": _Fact(facts.summary_text, Entry, "summary", lambda _, sentence: sentence),
}


class _MacroCodeGenerator(CodeGenerator):
    """Marks what a macro of a Markdown template returns as safe: its values were escaped inside of it.

    Jinja does the same with Markup where it escapes for HTML, but Markup escapes what is joined to it for
    HTML alone.
    """

    def return_buffer_contents(self, frame: Frame, force_unescaped: bool = False) -> None:
        if (self.name or "").endswith(HTML_SUFFIXES):
            super().return_buffer_contents(frame, force_unescaped)
        else:
            self.writeline(f"return environment.safe_markdown(concat({frame.buffer}))")


class Templates(ImmutableSandboxedEnvironment):
    """Files of `root`/templates win over the bot's own folder `bundled`, file by file.

    In HTML, SVG and XML templates every value is escaped for HTML, in all others it becomes one line of safe
    Markdown; what a filter of the bot's has made safe stays as it is.
    """

    code_generator_class = _MacroCodeGenerator
    safe_markdown = SafeMarkdown

    def __init__(self, root: Path, bundled: Path, faults: Faults) -> None:
        super().__init__(
            loader=FileSystemLoader([root / FOLDER, bundled], encoding="utf-8-sig"),
            undefined=StrictUndefined,
            autoescape=lambda name: bool(name) and name.endswith(HTML_SUFFIXES),
            finalize=self._printed,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            optimized=False,  # there is next to nothing to fold, and looking for it costs each start
        )
        self.folders = (root / FOLDER, bundled)
        self.faults = faults
        self._failed_lines = 0
        self.filters |= {name: self._contained(fact) for name, fact in FACTS.items()} | FORMATS

    @pass_context
    def _printed(self, context: Context, value: object) -> str:
        """What `{{ value }}` prints."""
        kind = type(value)
        if (context.name or "").endswith(HTML_SUFFIXES):
            if kind is int or kind is float or kind is Markup:
                return Markup(value)
            return self._escaped(value, safe.html_value, lambda text: Markup(safe.escape_everything(text)))
        if kind is SafeMarkdown:
            return value  # type: ignore[return-value]
        return self._escaped(value, safe.markdown_value, safe.escape_everything)

    def _escaped(
        self, value: object, escape: Callable[[object], str], last_resort: Callable[[str], str]
    ) -> str:
        text = str(value)  # raises for what is undefined
        if self._failed_lines < MAX_FAULTS:
            with self.faults.contained("A line of text"):
                return escape(value)
            self._failed_lines += 1
        return last_resort(text)

    def _contained(self, fact: _Fact) -> Callable[..., object]:
        failed: set[str] = set()

        def apply(value: object, *arguments: object) -> object:
            wanted = value.paper if fact.takes is Paper and isinstance(value, Entry) else value
            if not isinstance(wanted, fact.takes):
                raise TypeError(f"this filter takes a paper, not {type(value).__name__}")
            paper = wanted.paper if isinstance(wanted, Entry) else wanted
            part = f"The {fact.part} of {paper.id}"
            if part not in failed and len(failed) < MAX_FAULTS:
                with self.faults.contained(part):
                    return fact.function(wanted, *arguments)
                failed.add(part)
            return fact.on_fault(paper, SafeMarkdown(f"{part} {FAULT_TEXT}."))

        return apply


def load_templates(root: Path, bundled: Path, faults: Faults | None = None) -> Templates:
    """`faults` records what goes wrong within the text of single papers."""
    return Templates(root, bundled, faults or Faults())


def render(templates: Templates, name: str, **context: object) -> str:
    """The rendered text. Raises UserError with file and line for a template's mistake; other faults pass."""
    template = compiled(templates, name)
    try:
        return template.render(context)
    except TEMPLATE_MISTAKES as error:
        if _is_own_fault(error):
            raise
        raise UserError(_problem(templates, error, name)) from error


def compiled(templates: Templates, name: str) -> Template:
    """The compiled template. Raises UserError with file and line for a mistake in it."""
    try:
        return templates.get_template(name)
    except (TemplateError, UnicodeDecodeError, OSError) as error:
        raise UserError(_problem(templates, error, name)) from error


def _is_own_fault(error: Exception) -> bool:
    """Raised by the bot's code, other than a filter that a template gave a value of another type."""
    if isinstance(error, (TemplateError, RecursionError)):
        return False
    frames = traceback.extract_tb(error.__traceback__)
    in_templates = [index for index, frame in enumerate(frames) if frame.filename.endswith(SUFFIX)]
    called = [
        frame
        for frame in frames[max(in_templates, default=0) + 1 :]
        if Path(frame.filename).is_relative_to(PACKAGE)
    ]
    filters = {function.__name__ for function in FORMATS.values()} | {"apply"}
    return bool(called) and called[0].name not in filters


def _problem(templates: Templates, error: Exception, name: str) -> Problem:
    """Names the innermost template of the user's, or else of the bot's: a partial, not what includes it."""
    if isinstance(error, TemplateSyntaxError):
        return Problem(
            str(error.message), _file_name(templates, error.filename, error.name or name), error.lineno
        )
    if isinstance(error, UnicodeDecodeError):
        return Problem(f"is not UTF-8 text: {error.reason}", f"{FOLDER}/{name}")
    message = f"there is no template {error.name}" if isinstance(error, TemplateNotFound) else str(error)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(SUFFIX)]
    if not frames:
        return Problem(message, f"{FOLDER}/{name}")
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(templates.folders[0])]
    frame = (own or frames)[-1]
    return Problem(message, _file_name(templates, frame.filename, name), frame.lineno or 0)


def _file_name(templates: Templates, path: str | None, name: str) -> str:
    """As the user knows it: below their own templates/, or the bot's where that is another folder."""
    own, bundled = templates.folders
    if path and Path(path).is_relative_to(own):
        return f"{FOLDER}/{Path(path).relative_to(own).as_posix()}"
    if path and Path(path).is_relative_to(bundled):
        return f"the bot's own {FOLDER}/{Path(path).relative_to(bundled).as_posix()}"
    return f"{FOLDER}/{name}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 paper`, `2,412 papers`, `no papers`; an irregular plural is the second argument."""
    many = plural or noun + "s"
    return f"{figure(number) if number else 'no'} {noun if number == 1 else many}"


def figure(number: float) -> SafeMarkdown:
    """`2,412`, `11.5`, `3`: at most two decimals, none that are zero."""
    text = f"{number:z,.2f}".rstrip("0").rstrip(".") if isinstance(number, float) else f"{number:,d}"
    return SafeMarkdown(text)


def long_date(date: dt.date) -> str:
    """`Wednesday 24 December 2025`"""
    return f"{date:%A} {date.day} {date:%B %Y}"


def time_text(moment: dt.date, pattern: str) -> str:
    """The time by a pattern of strftime: `2025-12-24 08:17 UTC` for `"%Y-%m-%d %H:%M %Z"`."""
    text = moment.strftime(pattern)
    return SafeMarkdown(text) if re.fullmatch(r"[\w :,+/-]*", text) else text


def attribute(text: str) -> SafeMarkdown:
    """The text escaped for a line of HTML, or for an attribute's value in quotes."""
    return safe.html_text(text)


def nonbreaking(text: str) -> SafeMarkdown:
    """One line that is never broken between words."""
    return SafeMarkdown(safe.safe_line(text).replace(" ", "&nbsp;"))


FORMATS: dict[str, Callable[..., Any]] = {
    "counted": counted,
    "figure": figure,
    "long_date": long_date,
    "time_text": time_text,
    "html": attribute,
    "url": safe.safe_url,
    "nonbreaking": nonbreaking,
    "truncate": truncate,
    "author_names": author_names,
    "notices": facts.notices,
    "figure_check": facts.figure_check,
    "figures_warning": facts.figures_warning,
    "text_width": text_width,
}
