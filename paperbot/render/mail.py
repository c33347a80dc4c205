"""The digest as an HTML mail: inline styles, since mail programs drop others, and nothing from elsewhere."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from paperbot.archive import Archive
from paperbot.config import Config
from paperbot.render.facts import title
from paperbot.render.page_data import DigestOnPage, digest_on_page, entries_of_page
from paperbot.render.repository import RepositoryInfo
from paperbot.render.safe import SafeUrl, safe_url
from paperbot.render.templating import Templates, render
from paperbot.render.topic_sections import TopicSection, topics_in_use
from paperbot.text import plain_formulas

MAX_HTML_BYTES = 45_000
"""Mail programs cut a message at 100 kB: base64 makes the HTML a third larger, and its text comes on top."""
MAX_TITLES = 1_000


@dataclass(frozen=True, slots=True)
class MailPage:
    """`page` in mail.html.j2."""

    title: str
    digest: DigestOnPage
    troubles: tuple[str, ...]
    """Sentences about what is missing."""
    url: SafeUrl
    """The page with the whole digest; empty where it has no address."""
    titles: Mapping[str, str]
    """The papers' titles by id, formulas in Unicode."""

    @property
    def sections(self) -> tuple[TopicSection, ...]:
        """By topic; one without a name where the config has no topics."""
        digest = self.digest
        all_papers = TopicSection("", digest.in_full, digest.by_title, digest.total, digest.related)
        return digest.sections or (all_papers,)


def mail_digest(archive: Archive, date: dt.date, config: Config, repository: RepositoryInfo) -> DigestOnPage:
    """All that a mail without a size limit would show of a date."""
    entries = entries_of_page(archive, date)
    return digest_on_page(date, entries, archive, config, "", MAX_TITLES, repository, topics_in_use(config))


def render_mail(
    templates: Templates, digest: DigestOnPage, subject: str, troubles: Sequence[str] = (), url: str = ""
) -> str:
    """The mail in HTML, with as many papers as fit into `MAX_HTML_BYTES`: titles are left out first."""
    named = (*digest.shown, *digest.listed, *digest.related, *digest.changed)
    titles = {entry.paper.id: plain_formulas(title(entry.paper)) for entry in named}
    detail = digest.detail
    while True:
        shortened = replace(digest, detail=detail)
        page = MailPage(subject, shortened, tuple(troubles), safe_url(url), titles)
        html = render(templates, "mail.html.j2", page=page)
        if len(html.encode()) <= MAX_HTML_BYTES or not detail.papers + detail.titles:
            return html
        is_listing = detail.titles > 0
        detail = replace(
            detail,
            papers=detail.papers if is_listing else detail.papers // 2,
            titles=detail.titles // 2,
        )
