"""What a template may use: values that are safe to print as they are, and plain numbers and dates.

`Line`, `Block`, `Html` and `Url` are made here and by nothing else, so that no template can forget to escape.
templates/README.md lists every field.
"""

import datetime as dt
from dataclasses import dataclass
from typing import NewType

Line = NewType("Line", str)
"""Markdown on one line in which nothing is left that could break the page."""
Block = NewType("Block", str)
"""Markdown of several paragraphs, made for the text below a paper's heading."""
Html = NewType("Html", str)
"""Text for a line of HTML or an attribute: no Markdown is read there."""
Url = NewType("Url", str)
"""A relative or an http(s) address, fit for the brackets of a Markdown link."""


@dataclass(frozen=True, slots=True)
class MatchView:
    """One keyword or watched author that a paper's score counts."""

    keyword: Line
    points: float
    """What it adds to the score."""
    in_title: bool
    is_author: bool


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link that the authors gave in the comment or the abstract."""

    label: Line
    url: Url


@dataclass(frozen=True, slots=True)
class SummaryView:
    """A model's summary of a paper, or why there is none on this page."""

    text: Block
    """Empty where there is none, or where it has no room on this page."""
    reason: Line
    """Why there is none; empty where there is one."""
    elsewhere: Url
    """Where the text stands when it has no room here; otherwise empty."""
    model: Html
    source: str
    """`the uploaded PDF`, `the text of the PDF` or `the abstract`; empty when unknown."""
    version: int
    """The paper's version that the model read."""
    input_tokens: int
    output_tokens: int
    figure_check: str
    """How many of its figures are in the paper, for example "18 of 18 exact figures found in the paper; 14
    short ones prove little"; empty where none was looked for."""
    figures_warning: str
    """What to say above the summary where most of its figures are not in the paper; otherwise empty."""
    figures_missing: Line
    """The figures that were not found, separated by commas."""
    hidden_text: Line
    """The beginning of text that the PDF hides from human readers; mostly empty."""
    cut_short: bool
    """The model ran out of room before it had finished."""


@dataclass(frozen=True, slots=True)
class PaperView:
    """One paper shown in full."""

    place: int
    """Among those shown in full, counted from 1."""
    anchor: Html
    """The name by which links on this page reach it."""
    id: Line
    versioned_id: Line
    title: Line
    abstract_url: Url
    pdf_url: Url
    html_url: Url
    authors: Line
    """The first 12, separated by commas."""
    authors_rest: Line
    """The others; mostly empty."""
    authors_rest_count: int
    category: Line
    """The primary category."""
    cross_lists: Line
    """The other categories, separated by commas."""
    published: dt.date
    """When version 1 was submitted, in UTC as on arXiv."""
    updated: dt.date
    """When the current version was submitted, in UTC."""
    version: int
    score: float
    matches: tuple[MatchView, ...]
    """Empty where the points don't add up to the score, as after a change of `title_bonus`."""
    type: str
    """`new` or `cross`."""
    comment: Line
    links: tuple[LinkView, ...]
    abstract: Block
    """Its first sentences, with the keywords in bold."""
    abstract_rest: Block
    """The sentences after them; empty for a short abstract."""
    abstract_cut: bool
    """Some of the abstract has no room on this page."""
    summary: SummaryView | None
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class ListedView:
    """A matching paper below the cut, by its title."""

    title: Line
    url: Url
    score: float
    category: Line


@dataclass(frozen=True, slots=True)
class RunView:
    """What the runs of one date saw and spent."""

    date: dt.date
    last_run: dt.datetime
    """In the config's time zone."""
    window_start: dt.datetime
    """In the config's time zone."""
    fetched: int
    matching: int
    new: int
    shown: int
    covers: tuple[dt.date, ...]
    """arXiv's announcements that this digest takes in, oldest first."""
    looked_back: bool
    """Papers that arXiv held longer than the window were asked for as well."""
    input_tokens: int
    output_tokens: int
    cost: Line
    """For example `0.42 CNY`; empty without a price in the config."""


@dataclass(frozen=True, slots=True)
class BannerView:
    """Something the reader must know about the last run."""

    kind: str
    """As in the archive; `no-key` means that abstracts stand alone for want of an API key."""
    text: Line


@dataclass(frozen=True, slots=True)
class QuietView:
    """The latest runs brought no paper, so the page still shows an older digest."""

    since: dt.date
    """The date of the digest on the page."""
    last_announcement: dt.date | None
    """The newest of arXiv's announcements that any run took in."""
    without_match: tuple[dt.date, ...]
    """Announcements since then in which nothing new matched."""


@dataclass(frozen=True, slots=True)
class DateView:
    """Another date's digest."""

    date: dt.date
    url: Url
    papers: int | None
    """None for digests too old to have been loaded."""


@dataclass(frozen=True, slots=True)
class MonthView:
    """A month of the archive's index."""

    first: dt.date
    """The first of the month."""
    digests: tuple[DateView, ...]
    """Oldest first."""
    data_url: Url
    """The month's JSON lines."""


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture in two colourings, and its figures in a sentence."""

    light: Url
    dark: Url
    text: Html


@dataclass(frozen=True, slots=True)
class KeywordView:
    """A keyword, an excluded keyword or a watched author of the config."""

    term: Line
    weight: float


@dataclass(frozen=True, slots=True)
class SettingsView:
    """What the config says."""

    categories: tuple[Line, ...]
    keywords: tuple[KeywordView, ...]
    exclude_keywords: tuple[KeywordView, ...]
    watch_authors: tuple[KeywordView, ...]
    title_bonus: float
    min_score: float
    max_papers: int
    days_back: int
    types: tuple[str, ...]
    timezone: Line
    summaries: bool
    """AI summaries are wanted."""
    max_summaries: int
    model: Line
    language: Line
    api_key_env: Line
    """The name of the environment variable, and of the secret, that holds the key."""


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """When the bot runs, as its workflow file says."""

    words: Line
    """Empty when there is no schedule."""
    next_run: dt.datetime | None
    """After the last run, in the config's time zone."""
    problem: Line
    """Why nothing is known about the times; mostly empty."""
    workflow: Line
    """The workflow's name in the Actions tab; empty when unknown."""
    by_hand: bool
    """The Actions tab has a "Run workflow" button for it."""


@dataclass(frozen=True, slots=True)
class RepositoryView:
    """Where on GitHub this is; all empty outside of Actions."""

    name: Line
    """`owner/name`"""
    actions_url: Url
    """The workflow's page, with the button that starts it."""
    secrets_url: Url
    """The form that adds the API key."""


@dataclass(frozen=True, slots=True)
class SiteView:
    """The feeds and the website."""

    enabled: bool
    url: Url
    """Where they are published, as the config says; empty when it says nothing."""
    feed_url: Url
    """The feed of all papers: there, or else as GitHub serves it; empty outside of Actions."""
    vercel_url: Url
    """Vercel's form that publishes this repository."""
    branch: Line
    """The branch that holds them; empty when they are in site/."""


@dataclass(frozen=True, slots=True)
class RoomView:
    """What was left out to keep the page below its byte limit."""

    limit: int
    """In bytes."""
    summaries: int
    """Summaries that stand elsewhere."""
    abstracts: int
    """Abstracts that are not here in full."""
    papers: int
    """Papers shown by title only that would have been shown in full."""


@dataclass(frozen=True, slots=True)
class DigestView:
    """One date's papers."""

    date: dt.date
    total: int
    """Papers, in full and by title, whether or not there is room for them here."""
    run: RunView | None
    """None where an interrupted run left no figures."""
    papers: tuple[PaperView, ...]
    """Those shown in full, best first."""
    listed: tuple[ListedView, ...]
    """Those below the cut, best first, as many as there is room for."""
    listed_left_out: int
    """How many more there are."""
    summarised: int
    """How many have a summary, on this page or elsewhere."""
    url: Url
    """This date's page, as a link from the page it is on."""
    data_url: Url
    """The month's JSON lines, likewise."""
    left_out: RoomView


@dataclass(frozen=True, slots=True)
class ReadmeView:
    """`page` in README.md.j2."""

    digest: DigestView | None
    """None until a first paper has matched."""
    last_run: RunView | None
    """The latest run with or without papers; None on an archive where none has been."""
    quiet: QuietView | None
    banners: tuple[BannerView, ...]
    pictures: tuple[PictureView, ...]
    earlier: tuple[DateView, ...]
    """The digests before this one, newest first, at most 14."""
    digest_count: int
    """How many digests the archive holds."""
    index_url: Url
    settings: SettingsView
    schedule: ScheduleView
    repository: RepositoryView
    site: SiteView
    version: Line
    """The bot's."""


@dataclass(frozen=True, slots=True)
class DayPageView:
    """`page` in day.md.j2."""

    digest: DigestView
    banners: tuple[BannerView, ...]
    previous: DateView | None
    """The digest before this one."""
    index_url: Url
    readme_url: Url
    settings: SettingsView
    version: Line


@dataclass(frozen=True, slots=True)
class IndexView:
    """`page` in archive_index.md.j2."""

    months: tuple[MonthView, ...]
    """Newest first."""
    digest_count: int
    readme_url: Url
    version: Line


@dataclass(frozen=True, slots=True)
class ProblemView:
    """A mistake, a failure or a warning, and where it is."""

    message: Line
    file: Line
    """Empty where there is none."""
    line: int
    """Counted from 1; 0 where none can be named."""


@dataclass(frozen=True, slots=True)
class NoSummaryView:
    """A paper for which a run made no summary."""

    title: Line
    url: Url
    reason: Line


@dataclass(frozen=True, slots=True)
class SpentView:
    """What one run did about summaries; for a dry run, what it would do, by estimate."""

    made: int
    failed: int
    reasons: tuple[NoSummaryView, ...]
    """Of those that failed in earlier digests; those in today's say it themselves."""
    input_tokens: int
    output_tokens: int
    cost: Line
    """For example `0.42 CNY`; empty without a price in the config."""


@dataclass(frozen=True, slots=True)
class JobSummaryView:
    """`page` in job_summary.md.j2."""

    state: str
    """`done`, `dry run`, `failed` or `wrong` (used or configured so)."""
    problems: tuple[ProblemView, ...]
    """Why there is no digest; empty when there is one."""
    warnings: tuple[ProblemView, ...]
    banners: tuple[BannerView, ...]
    digest: DigestView | None
    """The date's; None when nothing was new."""
    run: RunView | None
    """None when there is no digest."""
    spent: SpentView | None
    """None when no summaries were wanted."""
    written: tuple[Line, ...]
    """The files that changed, by their paths from the root."""
    left_out: int
    """Rows for which GitHub has no room."""
