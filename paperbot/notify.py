"""Notifications of a digest by mail, chat or phone, through Apprise; off without APPRISE_URLS.

How addresses are written: https://github.com/caronc/apprise/wiki. They are secrets: nothing here says more of
one than its place in the list. A channel that fails never fails a run.
"""

import logging
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

from paperbot.archive import Archive
from paperbot.config import NOTIFICATION_URLS, Environment
from paperbot.context import RunContext
from paperbot.errors import Problem
from paperbot.model import Entry, NoticeKind
from paperbot.ranking.topics import in_turn
from paperbot.redaction import redacted
from paperbot.render.facts import notices, tldr
from paperbot.render.facts import title as paper_title
from paperbot.render.mail import mail_digest, render_mail
from paperbot.render.templating import figure
from paperbot.render.topic_sections import NO_TOPIC, topic_names, topics_in_use
from paperbot.text import plain, plain_formulas, truncate

BEST = 5
MAX_TITLE_CHARS = 200
PATIENCE_SECONDS = 60
MIN_SPLIT_CHARS = 1_000
"""Services reject a text beyond their limit: Discord's is 2,000 characters, Pushover's 1,024. It becomes two
messages then, but not a dozen where the limit is that of an SMS."""
MAIL_SCHEMES = ("mailto:", "mailtos:")
MENTION = re.compile(r"(?<=[@<])(?=\w|[@!#])")
ZERO_WIDTH_SPACE = "\u200b"
"""Has no width; a text with it inside is no mention (`@everyone`, `<!channel>`) to any chat."""


def notify_of_digest(context: RunContext, archive: Archive) -> tuple[Archive, tuple[Problem, ...]]:
    """Tell of today's digest, once a date. The archive in which that is noted, and what went wrong."""
    day = archive.runs[context.today]
    digest = () if day.news_sent else archive.of(context.today)
    untold = notices(day) if context.environment.notify_on_failure and not day.trouble_sent else ()
    # That there is no key was somebody's choice.
    trouble = [notice.text for notice in untold if notice.kind != NoticeKind.NO_KEY]
    if not context.environment.notification_urls or not (digest or trouble):
        return archive, ()
    title = f"{len(digest)} new on arXiv, {context.today}" if digest else f"arXiv Papers Bot, {context.today}"
    best = in_turn(digest)[:BEST]
    lines = [_topics(digest, context), *map(_line, count(1), best), *trouble, _page_url(context)]
    html = ""
    if context.config.mail and digest:
        with context.faults.contained("The mail"):
            whole = mail_digest(archive, context.today, context.config, context.repository)
            html = render_mail(context.templates, whole, title, trouble, _page_url(context))
    was_sent, problems = _send(context.environment.notification_urls, title, lines, html)
    if was_sent and digest:
        day = replace(day, news_sent=context.now)
    if was_sent and trouble:
        day = replace(day, trouble_sent=context.now)
    return archive.with_run(day), problems


def notify_of_failure(environment: Environment, reasons: Sequence[Problem]) -> tuple[Problem, ...]:
    """Tell why there is no digest, if that was asked for; what went wrong with telling."""
    if not environment.notification_urls or not environment.notify_on_failure:
        return ()
    lines = [*map(str, reasons[:BEST]), environment.run_url]
    return _send(environment.notification_urls, "arXiv Papers Bot: no digest this time", lines)[1]


def _topics(digest: Sequence[Entry], context: RunContext) -> str:
    """How many papers each topic has; empty without topics."""
    found = Counter(entry.topic for entry in digest)
    names = topic_names(digest, topics_in_use(context.config))
    return " · ".join(f"{plain(name) or NO_TOPIC} {found[name]}" for name in names)


def _line(number: int, entry: Entry) -> str:
    title = truncate(plain_formulas(paper_title(entry.paper)), MAX_TITLE_CHARS)
    topic = f", {plain(entry.topic)}" if entry.topic else ""
    line = f"{number}. {title} ({figure(entry.points)}{topic})"
    return f"{line}\n   {text}" if (text := plain_formulas(tldr(entry))) else line


def _page_url(context: RunContext) -> str:
    """The page with the digest; empty where it is on this machine alone."""
    return f"{context.home}README.md" if context.home else context.config.site.base_url or ""


def _send(
    addresses: str, title: str, lines: Sequence[str], html: str = ""
) -> tuple[bool, tuple[Problem, ...]]:
    """Did any channel take it, and which did not? Mail addresses get `html`, if there is any."""
    # A list in quotes, or with commas between its addresses, is a list too.
    channels = [address for part in addresses.split() if (address := part.strip("\"',;"))]
    body = redacted("\n".join(MENTION.sub(ZERO_WIDTH_SPACE, line) for line in lines if line))
    failures = [_why_not_told(address, title, body, redacted(html)) for address in channels]
    problems = tuple(
        Problem(f"Notification failed: channel {place} of {len(channels)} in {NOTIFICATION_URLS} {why}.")
        for place, why in enumerate(failures, 1)
        if why
    )
    return not all(failures), problems


def _why_not_told(address: str, title: str, body: str, html: str) -> str:
    """Empty if the channel took the message. Apprise adds a text to a mail in HTML."""
    import apprise

    with _silence():
        try:
            asset = apprise.AppriseAsset(
                app_id="arXiv Papers Bot", storage_mode=apprise.PersistentStoreMode.MEMORY
            )
            channel = apprise.Apprise(asset=asset)
            if not channel.add(address):
                return "is not an address that Apprise knows"
            is_mail = bool(html) and address.lower().startswith(MAIL_SCHEMES)
            for service in channel if not is_mail and "overflow=" not in address.lower() else ():
                is_short_message = service.body_maxlen < MIN_SPLIT_CHARS
                service.overflow_mode = (
                    apprise.OverflowMode.TRUNCATE if is_short_message else apprise.OverflowMode.SPLIT
                )
            is_told = channel.notify(
                html if is_mail else body,
                title,
                body_format=apprise.NotifyFormat.HTML if is_mail else apprise.NotifyFormat.TEXT,
                timeout=PATIENCE_SECONDS,
            )
        except Exception as fault:  # noqa: BLE001 - a channel can be anything, and the digest is out already
            return f"failed ({type(fault).__name__})"
    return "" if is_told else "rejected the message"


@contextmanager
def _silence() -> Iterator[None]:
    """Whatever Apprise and the libraries below it log may hold an address."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
