"""The digest as an HTML mail: inline styles, since mail programs drop others, and nothing from elsewhere."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from paperbot.config import Config
from paperbot.model import Entry
from paperbot.render.facts import title
from paperbot.render.safe import SafeUrl, safe_url
from paperbot.render.templating import Templates, render
from paperbot.render.topic_sections import TopicSection, topic_names, topic_sections, topics_in_use
from paperbot.text import plain_formulas

MAX_HTML_BYTES = 45_000
"""Mail programs cut a message at 100 kB: base64 makes the HTML a third larger, and its text comes on top."""


@dataclass(frozen=True, slots=True)
class MailPage:
    """`page` in mail.html.j2."""

    title: str
    sections: tuple[TopicSection, ...]
    """By topic; one without a name where the config has no topics."""
    troubles: tuple[str, ...]
    """Sentences about what is missing."""
    url: SafeUrl
    """The page with the whole digest; empty where it has no address."""
    left_out: int
    """Papers that the mail has no space for."""
    titles: Mapping[str, str]
    """The papers' titles by id, formulas in Unicode."""
    starred: Collection[str]
    """The ids of papers that the reader starred."""


def render_mail(
    templates: Templates,
    config: Config,
    subject: str,
    digest: Sequence[Entry],
    troubles: Sequence[str] = (),
    url: str = "",
    starred: Collection[str] = (),
) -> str:
    """The mail in HTML, with as many papers as fit into `MAX_HTML_BYTES`: titles are left out first."""
    shown = [entry for entry in digest if entry.shown]
    listed = [entry for entry in digest if not entry.shown]
    titles = {entry.paper.id: plain_formulas(title(entry.paper)) for entry in digest}
    in_full, by_title = len(shown), len(listed)
    while True:
        sections = _sections(config, digest, shown[:in_full], listed[:by_title])
        left_out = len(digest) - in_full - by_title
        page = MailPage(subject, sections, tuple(troubles), safe_url(url), left_out, titles, starred)
        html = render(templates, "mail.html.j2", page=page)
        if len(html.encode()) <= MAX_HTML_BYTES or not in_full + by_title:
            return html
        in_full, by_title = (in_full, by_title // 2) if by_title else (in_full // 2, 0)


def _sections(
    config: Config, digest: Sequence[Entry], in_full: Sequence[Entry], by_title: Sequence[Entry]
) -> tuple[TopicSection, ...]:
    names = topic_names(digest, topics_in_use(config))
    if not names:
        return (TopicSection("", tuple(in_full), tuple(by_title), len(digest), ()),)
    return topic_sections(names, digest, in_full, by_title, ())
