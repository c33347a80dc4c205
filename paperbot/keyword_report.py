"""What each keyword does: how many papers of the newest digest it matched."""

from collections import Counter
from collections.abc import Iterator, Sequence

from paperbot.archive import Archive
from paperbot.config import Config
from paperbot.model import Entry
from paperbot.ranking.keywords import Scorer
from paperbot.render.templating import counted, long_date

NO_DIGEST = (
    "Nothing is known about your keywords yet: run the bot once, then --check says what each of them matches."
)


def explain_keywords(config: Config, archive: Archive) -> Iterator[str]:
    """Lines for the person who chose the keywords."""
    if archive.newest_date is None:
        yield NO_DIGEST
        return
    entries = archive.of(archive.newest_date)
    counts = matched_papers(config, entries)
    total = len(entries)
    date = long_date(archive.newest_date)
    yield f"Of the {counted(total, 'paper')} in the digest of {date}, this many have your keywords:"
    for term, papers in sorted(counts.items(), key=lambda item: -item[1]):
        yield f"{papers:6}  {term}"
    yield from _remarks(counts, total)
    if archive.listed(archive.newest_date):
        yield (
            "A keyword that is new since then was looked for in the papers shown in full alone "
            f"({len(archive.shown(archive.newest_date))}), "
            "since the archive holds no abstracts of the others."
        )
    if config.exclude_keywords:
        yield "Excluded keywords can't be counted: the papers that have them are not in the archive."


def matched_papers(config: Config, entries: Sequence[Entry]) -> dict[str, int]:
    """By keyword and watched author, in the config's order: the papers of the digest that have it."""
    terms = [keyword.term for keyword in config.keywords] + [author.name for author in config.watch_authors]
    scorer = Scorer(config)
    found = Counter(term for entry in entries for term in _terms_in(entry, scorer))
    return {term: found[term] for term in terms}


def _terms_in(entry: Entry, scorer: Scorer) -> set[str]:
    """By today's config where the abstract is at hand, else as the paper was scored on its day."""
    score = scorer.score(entry.paper) if entry.paper.abstract else entry.score
    return {match.keyword for match in score.matches}


def _remarks(counts: dict[str, int], total: int) -> Iterator[str]:
    everything = [term for term, papers in counts.items() if papers == total > 1]
    nothing = [term for term, papers in counts.items() if not papers]
    if everything:
        yield f"In every paper, so they tell none from another: {', '.join(everything)}."
    if nothing:
        yield f"In no paper, so they are rare or misspelt: {', '.join(nothing)}."
