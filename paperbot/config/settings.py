"""The settings in config.json: every key, its default, what is allowed, and its description."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from paperbot.config.topics import (
    DEFAULT_CATEGORIES,
    DEFAULT_KEYWORDS,
    TOPIC_KEYS,
    Categories,
    Keywords,
    MatchRule,
    Topic,
    TopicRules,
    WatchedAuthors,
    enumerate_categories,
    topic_defaults,
    with_match,
)
from paperbot.config.values import (
    BibPath,
    Branch,
    Currency,
    Endpoint,
    EnvironmentName,
    FeedAddress,
    Number,
    PdfAddress,
    Settings,
    Switch,
    Text,
    TimeZone,
    WebAddress,
    Whole,
    without_last_slash,
)
from paperbot.network import is_arxiv

ARXIV_PACE_SECONDS = 3.0
"""arXiv asks for one request in three seconds: https://info.arxiv.org/help/api/tou.html"""

Types = Annotated[
    tuple[Literal["new", "cross"], ...],
    Field(min_length=1),
    AfterValidator(lambda types: tuple(dict.fromkeys(types))),
]


class Price(Settings):
    """What the model costs."""

    input_per_million: Number = Field(ge=0, le=1_000_000, description="The price of a million input tokens.")
    output_per_million: Number = Field(
        ge=0, le=1_000_000, description="The price of a million output tokens."
    )
    currency: Currency = Field(description="A three-letter code.", examples=["CNY", "EUR", "USD"])


class AiSummary(Settings):
    """Summaries by a language model with an OpenAI-compatible API."""

    enabled: Switch = Field(default=True, description="false: abstracts only.")
    api_key_env: EnvironmentName = Field(
        default="DASHSCOPE_API_KEY",
        description="The NAME of the secret or environment variable with the key. Never the key itself.",
        examples=["DASHSCOPE_API_KEY", "OPENAI_API_KEY"],
    )
    base_url: Endpoint = Field(
        default="https://dashscope.aliyuncs.com/compatible-mode/v1",
        description="The address of any OpenAI-compatible API, without /chat/completions.",
        examples=["https://api.openai.com/v1", "http://localhost:11434/v1"],
    )
    model: Text = Field(default="qwen-long", description="The model's name at that address.")
    language: Text = Field(
        default="Chinese",
        description="The language of the summaries; technical terms stay in English.",
        examples=["Chinese", "English", "German"],
    )
    prompt_file: Text = Field(
        default="templates/summary_prompt.md.j2",
        description="The file with the instructions to the model.",
    )
    source: Literal["auto", "file", "text", "abstract"] = Field(
        default="auto",
        description="What the model reads: the PDF uploaded (file), its text, or the abstract. "
        "auto: the best that the address is known to take.",
    )
    max_papers_to_summarize: Whole = Field(
        default=15, ge=0, le=200, description="Number of papers per day that get a summary, best first."
    )
    max_workers: Whole = Field(default=3, ge=1, le=16, description="Number of concurrent summary requests.")
    max_tokens_per_run: Whole | None = Field(
        default=None,
        ge=1000,
        le=1_000_000_000,
        description="No new summary is started after this many tokens, input and output together. "
        "null: no limit.",
    )
    timeout_seconds: Number = Field(
        default=300.0, gt=0, le=3600, description="Time limit for one response of the model."
    )
    max_minutes: Number = Field(
        default=40.0,
        gt=0,
        le=350,
        description="Time limit for all summaries of a run; later runs make the rest.",
    )
    tldr: Switch = Field(default=True, description="One sentence about every paper that is shown in full.")
    overview: Switch = Field(
        default=True, description="Three to five sentences about the day's papers, one request per topic."
    )
    price: Price | None = Field(
        default=None,
        description="The model's price, used to show what the summaries cost.",
        examples=[{"input_per_million": 0.5, "output_per_million": 2, "currency": "CNY"}],
    )


class Arxiv(Settings):
    """Where and how to query arXiv."""

    api_url: WebAddress = Field(
        default="https://export.arxiv.org/api/query", description="The address of the query API."
    )
    pdf_url: PdfAddress = Field(
        default="https://arxiv.org/pdf/{id}",
        description="The address of a paper's PDF; {id} becomes its id with the version.",
    )
    rss_url: FeedAddress | None = Field(
        default="https://rss.arxiv.org/atom/{categories}",
        description="The feed of the day: it names older papers that are newly cross-listed, and it is used "
        "alone when the API fails. {categories} becomes cs.AI+cs.LG. null: none.",
    )
    held_days: Whole = Field(
        default=30,
        ge=0,
        le=90,
        description="arXiv's moderators hold some papers for weeks. Once a week the bot searches this many "
        "days back for them. 0: never.",
    )
    delay_seconds: Number = Field(
        default=ARXIV_PACE_SECONDS,
        ge=0,
        le=600,
        validate_default=True,
        description="Seconds to wait after every request. arXiv itself asks for at least 3.",
    )
    timeout_seconds: Number = Field(
        default=60.0, gt=0, le=600, description="Time limit for one response of arXiv."
    )
    patience_seconds: Number = Field(
        default=900.0,
        ge=0,
        le=18_000,
        description="How long to retry when arXiv is overloaded, before giving up.",
    )

    @field_validator("delay_seconds")
    @classmethod
    def _at_least_arxivs_delay(cls, seconds: float, info: ValidationInfo) -> float:
        addresses = (info.data.get("api_url", ""), info.data.get("pdf_url", ""))
        return max(seconds, ARXIV_PACE_SECONDS) if any(map(is_arxiv, addresses)) else seconds


class Site(Settings):
    """The feeds and the website."""

    enabled: Switch = Field(default=True, description="false: no feeds and no website.")
    base_url: Annotated[WebAddress | None, BeforeValidator(without_last_slash)] = Field(
        default=None,
        description="Where you publish the website, so that feeds can name their own address.",
        examples=["https://someone.github.io/arxiv-papers-bot"],
    )

    branch: Branch | None = Field(
        default="site",
        description="The branch for the website and feeds. The bot replaces it as a whole, without history. "
        "null: the folder site/ on the main branch.",
    )

    def address(self, repository_url: str) -> str:
        """The address at which the files of site/ can be read; empty if they are published nowhere.

        GitHub serves any file of a public repository: a feed needs no other host.
        """
        folder = f"refs/heads/{self.branch}" if self.branch else "HEAD/site"
        return self.base_url or (f"{repository_url}/raw/{folder}" if repository_url else "")

    @property
    def publishing_branch(self) -> str | None:
        """The branch for the files of site/; None for that of the archive, or when there are none."""
        return self.branch if self.enabled else None


class Interests(Settings):
    """How the ranking learns from what you star, skip and have read."""

    library: tuple[BibPath, ...] = Field(
        default=(),
        description="BibTeX files in this repository with papers that you have read.",
        examples=[["library/zotero.bib"]],
    )
    weight: Number = Field(
        default=1.0,
        ge=0,
        le=10,
        description="Multiplies the points for likeness to your papers. 0: rank by keywords alone.",
    )
    related: Whole = Field(
        default=5,
        ge=0,
        le=50,
        description="At most this many related papers without a keyword, on days when fewer than max_papers "
        "match. 0: none.",
    )


class FollowUp(Settings):
    """News about papers that were shown: new versions, withdrawals, publication."""

    days: Whole = Field(
        default=60, ge=0, le=365, description="How long to follow shown papers. 0: not at all."
    )


class Config(Settings):
    """The settings of the arXiv Papers Bot. A key that is left out has its default."""

    model_config = ConfigDict(
        title="config.json of the arXiv Papers Bot",
        json_schema_extra=lambda schema: schema["properties"].update({"$schema": {"type": "string"}}),
    )

    categories: Categories = Field(
        default=DEFAULT_CATEGORIES,
        description="arXiv's categories to watch: https://arxiv.org/category_taxonomy",
        json_schema_extra=enumerate_categories,
    )
    match: MatchRule = Field(
        default="word",
        description="word: keywords match whole words and plurals. substring: also parts of words.",
    )
    watch_authors: WatchedAuthors = Field(
        default=(), description="Authors whose papers get extra points.", examples=[["Yoshua Bengio"]]
    )
    keywords: Keywords = Field(
        default=DEFAULT_KEYWORDS,
        validate_default=True,
        description="What you want to read about. A paper gets 1 point for each keyword in its title or "
        "abstract; use an object to give another weight.",
        examples=[["LLM", {"term": "state space", "weight": 2}]],
    )
    exclude_keywords: Keywords = Field(
        default=("survey", "review", "tutorial"),
        validate_default=True,
        description="A paper with one of these in its title or abstract is left out.",
    )
    title_bonus: Number = Field(
        default=0.5,
        ge=0,
        le=100,
        description="A keyword in the title counts its weight times this in addition.",
    )
    max_papers: Whole = Field(
        default=30,
        ge=1,
        le=200,
        description="Number of papers per day (and topic) shown in full; further ones are listed by title.",
    )
    days_back: Whole = Field(
        default=7,
        ge=1,
        le=30,
        description="How many days back to search: papers that arXiv announced in these days.",
    )
    min_score: Number = Field(
        default=2.5, ge=-1_000_000, le=1_000_000, description="Papers with fewer points are left out."
    )
    types: Types = Field(
        default=("new",),
        description="new: your categories are a paper's primary one. cross: only listed there as well.",
    )
    topics: Annotated[tuple[Topic, ...], BeforeValidator(with_match)] = Field(
        default=(),
        max_length=30,
        description="Sections of the page with keywords of their own.",
        examples=[[{"name": "Inference", "keywords": ["KV cache", "speculative decod*"]}]],
    )
    timezone: TimeZone = Field(
        default="UTC",
        description="The time zone in which a new day begins: an IANA name.",
        examples=["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York"],
    )
    ai_summary: AiSummary = Field(
        default=AiSummary(), description="Summaries of the best papers by a language model."
    )
    arxiv: Arxiv = Field(
        default=Arxiv(), description="How to query arXiv. There is rarely a reason to change it."
    )
    site: Site = Field(default=Site(), description="Feeds and a website.")
    interests: Interests = Field(default=Interests(), description="Ranking by what you star and have read.")
    follow_up: FollowUp = Field(default=FollowUp(), description="News about papers that were shown.")
    mail: Switch | None = Field(
        default=None,
        description="true: mail addresses in APPRISE_URLS get the whole digest.",
    )

    @property
    def zone(self) -> ZoneInfo:
        """The time zone by which a run's date is decided."""
        return ZoneInfo(self.timezone)

    @property
    def topic_rules(self) -> tuple[TopicRules, ...]:
        """The topics that are not paused; without any topics, the top level as one without a name."""
        if not self.topics:
            return (self._rules(""),)
        own = [(topic, {key: getattr(topic, key) for key in TOPIC_KEYS}) for topic in self.topics]
        return tuple(self._rules(topic.name, **given) for topic, given in own if not topic.paused)

    def _rules(self, name: str, **given: Any) -> TopicRules:
        values = {key: getattr(self, key) if given.get(key) is None else given[key] for key in TOPIC_KEYS}
        return TopicRules(name=name, title_bonus=self.title_bonus, types=self.types, **values)

    @model_validator(mode="before")
    @classmethod
    def _leave_defaults_to_topics(cls, given: Any) -> Any:
        """With topics of their own, readers do not want the default keywords as well."""
        topics = given.get("topics") if isinstance(given, Mapping) else None
        return topic_defaults(topics) | dict(given) if isinstance(topics, (list, tuple)) and topics else given
