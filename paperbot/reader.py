"""What the reader picked and has read: from the repository, completed with texts from arXiv."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from paperbot.archive import Archive
from paperbot.config import LIBRARY_URL, Config
from paperbot.errors import Problem, SourceError
from paperbot.model import KeptText, LibraryEntry, Paper
from paperbot.ranking.interests import Interests
from paperbot.ranking.picks import FOLDER, PickKind, pick_path
from paperbot.sources.arxiv_api import ArxivSource
from paperbot.sources.bib_address import fetch_bib

log = logging.getLogger(__name__)

MAX_IDS_PER_RUN = 1000
"""Five requests; the rest of a large library follows in later runs."""


def load_library(
    root: Path, config: Config, library_url: str
) -> tuple[tuple[LibraryEntry, ...], tuple[Problem, ...]]:
    """The entries of the files in config, and of the one at the secret address; and what can't be read."""
    if not config.interests.weight or not (config.interests.library or library_url):
        return (), ()
    from paperbot.ranking.library import read_bib_file, read_library  # brings along a parser of BibTeX

    public, problems = read_library(
        {path: partial(read_bib_file, root, path) for path in config.interests.library}
    )
    if not library_url:
        return public, problems
    private, more_problems = read_library({LIBRARY_URL: partial(fetch_bib, library_url)})
    return (*public, *(replace(entry, is_private=True) for entry in private)), (*problems, *more_problems)


def with_kept_texts(
    archive: Archive, interests: Interests, papers: Mapping[str, Paper], source: ArxivSource | None
) -> Archive:
    """The archive with the texts of picked papers, and of entries of the library without an abstract.

    They come from the archive's papers and `papers`, else from arXiv; without `source` they wait.
    """
    wanted = interests.unknown_ids()
    known = {paper_id: papers[paper_id] for paper_id in wanted if paper_id in papers}
    known |= {key: entry.paper for key, entry in archive.all_entries.items() if entry.paper.abstract}
    found = [_kept(known[paper_id]) for paper_id in wanted if paper_id in known]
    missing = [paper_id for paper_id in wanted if paper_id not in known][:MAX_IDS_PER_RUN]
    if missing and source:
        found += _fetched(missing, source)
    return archive.with_kept_texts(found) if found else archive


def unknown_picks(picks: Mapping[str, PickKind], archive: Archive) -> Iterator[Problem]:
    """A warning for each pick whose paper arXiv does not have."""
    for paper_id in picks:
        text = archive.kept_texts.get(paper_id)
        if text and not text.title:
            name = pick_path(paper_id).removeprefix(f"{FOLDER}/")
            yield Problem(f"{name} is not used: arXiv has no paper of this id.", FOLDER)


def _fetched(ids: Iterable[str], source: ArxivSource) -> list[KeptText]:
    ids = list(ids)
    try:
        fetched = source.fetch_by_ids(ids)
    except SourceError as error:
        log.warning(
            "the texts of %d papers that you picked or have: %s; the next run tries again", len(ids), error
        )
        return []
    broken = {entry.id for entry in fetched.broken}
    return [
        _kept(fetched.papers[paper_id]) if paper_id in fetched.papers else KeptText(paper_id)
        for paper_id in ids
        if paper_id not in broken
    ]


def _kept(paper: Paper) -> KeptText:
    return KeptText(paper.id, paper.title, paper.abstract, paper.authors)
