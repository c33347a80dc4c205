"""What each keyword does: how many papers of the newest digest it matched, topic by topic."""

from collections import Counter
from collections.abc import Iterator, Sequence

from paperbot.archive import Archive
from paperbot.config import Config, TopicRules
from paperbot.model import Entry, Score
from paperbot.ranking.keywords import Scorer
from paperbot.render.templating import counted, long_date

NO_DIGEST = "Run the bot once; then --check shows how many papers each keyword matches."


def explain_keywords(config: Config, archive: Archive) -> Iterator[str]:
    """Lines for the person who chose the keywords."""
    if archive.newest_date is None:
        yield NO_DIGEST
        return
    entries = archive.of(archive.newest_date)
    shown = archive.shown(archive.newest_date)
    date = long_date(archive.newest_date)
    yield f"Of the {counted(len(entries), 'paper')} in the digest of {date}, this many have your keywords:"
    for rules in config.topic_rules:
        if rules.name:
            in_topic = sum(entry.topic == rules.name for entry in entries)
            yield f"Topic {rules.name} ({counted(in_topic, 'paper')}):"
        yield from _explain_topic(matched_papers(rules, entries), len(entries))
    yield from (f"Topic {topic.name}: paused." for topic in config.topics if topic.paused)
    if archive.listed(archive.newest_date):
        yield (
            f"New keywords were counted only in the {counted(len(shown), 'paper')} shown in full; "
            "the archive has no abstracts of the others."
        )
    if any(rules.exclude_keywords for rules in config.topic_rules):
        yield "Excluded keywords can't be counted: the archive does not have the papers that they exclude."


def matched_papers(rules: TopicRules, entries: Sequence[Entry]) -> dict[str, int]:
    """The papers of the digest by the keyword or watched author they match, in the config's order."""
    terms = [keyword.term for keyword in rules.keywords] + [author.name for author in rules.watch_authors]
    scorer = Scorer(rules)
    found: Counter[str] = Counter()
    for entry in entries:
        # By the present config where the archive has the abstract, else as the paper was scored on its day.
        scores = {other.topic: other.score for other in entry.also_in} | {entry.topic: entry.score}
        score = scorer.score(entry.paper) if entry.paper.abstract else scores.get(rules.name, Score(0.0))
        found.update({match.keyword for match in score.matches})
    return {term: found[term] for term in terms}


def _explain_topic(counts: dict[str, int], total: int) -> Iterator[str]:
    for term, papers in sorted(counts.items(), key=lambda item: -item[1]):
        yield f"{papers:6}  {term}"
    in_all = [term for term, papers in counts.items() if papers == total > 1]
    in_none = [term for term, papers in counts.items() if not papers]
    if in_all:
        yield f"In every paper, so of no use for the order: {', '.join(in_all)}."
    if in_none:
        yield f"In no paper, so rare or misspelt: {', '.join(in_none)}."
