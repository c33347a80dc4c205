"""`python -m paperbot.show_prompt 2512.20276` prints what would be sent to the model for one paper.

It asks arXiv for the paper's metadata; no key is needed, and no model is asked.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from paperbot.annotations import printable
from paperbot.arxiv_id import read_arxiv_id
from paperbot.config import read_ci_environment
from paperbot.containment import Faults
from paperbot.context import RunContext, read_context
from paperbot.errors import ExternalError, Problem, UserError
from paperbot.model import Paper, SummarySource
from paperbot.report import Report, configure_logging
from paperbot.sources.arxiv_api import ArxivSource
from paperbot.summaries import OUTPUT_TOKENS, PDF_TOKENS, pdf_address, sources_of
from paperbot.summaries.prompts import TEXT_CHARS, message_tokens, messages_for

PATIENCE_SECONDS = 60.0
PLACEHOLDERS: Mapping[SummarySource, str] = {
    SummarySource.FILE: "",
    SummarySource.TEXT: (
        f"(here comes the PDF's text without its references, at most {TEXT_CHARS[0]:,} characters)"
    ),
    SummarySource.ABSTRACT: "",
}
FILE_ID = "(the id that the server gives to the uploaded PDF)"


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """The exit code: 0 printed, 1 arXiv gave no answer, 2 wrong use or wrong config."""
    options = read_options(arguments)
    configure_logging(verbose=False)
    report = Report(read_ci_environment(environ), options.root, Faults())
    try:
        context, _ = read_context(options, environ, report.faults)
        settings = context.config.arxiv
        with context.session() as session:
            patience_seconds = min(PATIENCE_SECONDS, settings.patience_seconds)
            paper = ArxivSource(session, settings.api_url, patience_seconds).fetch_paper(options.id)
        if paper is None:
            raise UserError(Problem(f"arXiv has no paper {options.id}."))
    except UserError as error:
        report.mistakes(error)
        return 2
    except ExternalError as error:
        report.failure(error)
        return 1
    report.lines(what_is_sent(context, paper))
    return 0


def what_is_sent(context: RunContext, paper: Paper) -> Iterator[str]:
    """The first source's messages whole, and what comes instead where that source fails."""
    settings = context.config.ai_summary
    first, *others = sources_of(settings)
    messages = messages_for(
        context.prompt, paper, first, text=PLACEHOLDERS[SummarySource.TEXT], file_id=FILE_ID
    )
    tokens = message_tokens(messages) + (0 if first is SummarySource.ABSTRACT else PDF_TOKENS)
    yield f"To {settings.base_url}, model {settings.model}, from {first.words}:"
    if first is not SummarySource.ABSTRACT:
        url = pdf_address(context.config.arxiv.pdf_url, paper)
        upload = ", deleted at the server after the summary" if first is SummarySource.FILE else ""
        yield f"The PDF is {url}{upload}."
    for message in messages:
        yield ""
        yield f"--- {message['role']} ---"
        yield from message["content"].split("\n")
    yield ""
    yield f"--- about {tokens:,} tokens read, about {OUTPUT_TOKENS:,} written ---"
    if others:
        yield f"Where that does not work: from {', then from '.join(source.words for source in others)}."


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; ends the program where it is wrong."""
    parser = argparse.ArgumentParser(description="Print what would be sent to the model for one paper.")
    add = parser.add_argument
    add("id", type=_paper_id, metavar="ID", help="the paper's arXiv id or address: 2512.20276")
    add("--config", type=Path, default=Path("config.json"), help="the config (%(default)s)")
    add("--root", type=Path, default=Path(), help="where the prompt's path begins")
    parser.set_defaults(now=None, no_summaries=False, dry_run=False)
    return parser.parse_args(arguments)


def _paper_id(text: str) -> str:
    paper_id = read_arxiv_id(text)
    if paper_id is None:
        raise argparse.ArgumentTypeError(
            f"{printable(text)} is not an arXiv id or address such as 2512.20276 or https://arxiv.org/abs/2512.20276"
        )
    return paper_id


if __name__ == "__main__":
    sys.exit(main())
