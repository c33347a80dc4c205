"""The settings that config.json may hold: every key, its default, what is allowed, and its description."""

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from paperbot.config.categories import ALIASES, category_names
from paperbot.config.values import (
    Category,
    Currency,
    Endpoint,
    EnvironmentName,
    Number,
    PdfAddress,
    Switch,
    Term,
    Text,
    TimeZone,
    WebAddress,
    Whole,
    is_arxiv,
    wrong,
)

MatchRule = Literal["word", "substring"]

ARXIV_PACE_SECONDS = 3.0
"""arXiv asks for one request in three seconds: https://info.arxiv.org/help/api/tou.html"""

DEFAULT_KEYWORDS = (
    *("State Space", "SSM", "Linear", "Attention", "Sparse"),
    *("LLM", "MOE", "RL", "RLHF", "Generation", "Video"),
    *("Training", "Inference", "Prefill", "Decode", "Decoding", "Speculative"),
    *("Quantization", "FP8", "FP4"),
    *("framework", "System", "Pipeline", "Kernel", "Hardware"),
    *("Parallel", "Distributed", "Cluster", "Network", "Communication"),
    *("Efficient", "Efficiency", "Fast", "Throughput", "Scalable", "Optimization"),
)


class Settings(BaseModel):
    """What all parts of the config have in common: they never change, and know no further keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )


class Keyword(Settings):
    """A term to look for in titles and abstracts."""

    term: Term = Field(
        description="The word or words. A star at the end makes it the beginning of a word: quantiz*.",
        examples=["LLM", "state space", "quantiz*"],
    )
    weight: Number = Field(
        default=1.0,
        ge=-1000,
        le=1000,
        allow_inf_nan=False,
        description="Points for a paper that has the term. Negative weights push papers down.",
    )
    match: MatchRule = Field(
        default="word", description='Overrides "match" of the whole config for this term.'
    )


class WatchedAuthor(Settings):
    """An author whose papers are worth more."""

    name: Text = Field(description="The name as arXiv writes it.", examples=["Yoshua Bengio"])
    weight: Number = Field(
        default=1.0, ge=-1000, le=1000, allow_inf_nan=False, description="Points for a paper by this author."
    )


class Price(Settings):
    """What the model costs."""

    input_per_million: Number = Field(ge=0, le=1_000_000, description="The price of a million input tokens.")
    output_per_million: Number = Field(
        ge=0, le=1_000_000, description="The price of a million output tokens."
    )
    currency: Currency = Field(description="A three-letter code.", examples=["CNY", "EUR", "USD"])


class AiSummary(Settings):
    """Summaries by a model behind an OpenAI-compatible address."""

    enabled: Switch = Field(default=True, description="false: abstracts only.")
    api_key_env: EnvironmentName = Field(
        default="DASHSCOPE_API_KEY",
        description="The NAME of the secret or environment variable with the key. Never the key itself.",
        examples=["DASHSCOPE_API_KEY", "OPENAI_API_KEY"],
    )
    base_url: Endpoint = Field(
        default="https://dashscope.aliyuncs.com/compatible-mode/v1",
        description="Where the model is served: any OpenAI-compatible address, without /chat/completions.",
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
        default=15, ge=0, le=200, description="The best so many papers of a day get a summary."
    )
    max_workers: Whole = Field(
        default=3, ge=1, le=16, description="So many summaries are made at the same time."
    )
    max_tokens_per_run: Whole | None = Field(
        default=None,
        ge=1000,
        le=1_000_000_000,
        description="After so many tokens, input and output together, no summary is begun. null: no limit.",
    )
    timeout_seconds: Number = Field(
        default=300.0, gt=0, le=3600, description="How long one answer of the model may take."
    )
    price: Price | None = Field(
        default=None,
        description="The model's price; then the page says what the summaries cost.",
        examples=[{"input_per_million": 0.5, "output_per_million": 2, "currency": "CNY"}],
    )


class Arxiv(Settings):
    """Where arXiv is, and how patiently it is asked."""

    api_url: WebAddress = Field(
        default="https://export.arxiv.org/api/query", description="The address of the query API."
    )
    pdf_url: PdfAddress = Field(
        default="https://arxiv.org/pdf/{id}",
        description="The address of a paper's PDF; {id} becomes its id with the version.",
    )
    held_days: Whole = Field(
        default=30,
        ge=0,
        le=90,
        description="Moderators hold some papers for weeks. Once a week the bot looks so many days back "
        "for them; 0: never.",
    )
    delay_seconds: Number = Field(
        default=ARXIV_PACE_SECONDS,
        ge=0,
        le=600,
        validate_default=True,
        description="The pause after every request. Never less than 3 for arXiv itself, which asks for it.",
    )
    timeout_seconds: Number = Field(
        default=60.0, gt=0, le=600, description="How long one answer of arXiv may take."
    )
    patience_seconds: Number = Field(
        default=900.0,
        ge=0,
        le=18_000,
        description="How long to keep trying when arXiv does not answer, before giving up.",
    )

    @field_validator("delay_seconds")
    @classmethod
    def _never_faster_than_asked(cls, seconds: float, info: ValidationInfo) -> float:
        addresses = (info.data.get("api_url", ""), info.data.get("pdf_url", ""))
        return max(seconds, ARXIV_PACE_SECONDS) if any(map(is_arxiv, addresses)) else seconds


class Site(Settings):
    """The feeds and the static page in site/."""

    enabled: Switch = Field(default=True, description="false: no feeds, no static page.")
    base_url: WebAddress | None = Field(
        default=None,
        description="Where you publish the folder site/, so that feeds can name their own address.",
        examples=["https://someone.github.io/arxiv-papers-bot"],
    )

    @field_validator("base_url", mode="before")
    @classmethod
    def _nothing_is_none(cls, url: Any) -> Any:
        return (url.strip().rstrip("/") or None) if isinstance(url, str) else url

    def address(self, repository_url: str) -> str:
        """Where the files of site/ are to be had; empty if nowhere.

        GitHub serves any file of a public repository: a feed needs no other host.
        """
        return self.base_url or (f"{repository_url}/raw/HEAD/site" if repository_url else "")


def _as_objects(key: str) -> Any:
    """Plain texts in a list become objects; keywords get the config's own `match`."""

    def objects(items: Any, info: ValidationInfo) -> Any:
        common = {"match": info.data.get("match", "word")} if key == "term" else {}
        if not isinstance(items, (list, tuple)):
            return items
        return [_as_object(item, key, common) for item in items]

    return objects


def _as_object(item: Any, key: str, common: dict[str, str]) -> Any:
    if isinstance(item, str):
        return common | {key: item}
    return common | item if isinstance(item, dict) else item


def _enumerate_categories(schema: dict[str, Any]) -> None:
    names = category_names()
    schema["items"] = {"type": "string", "enum": list(names), "enumDescriptions": list(names.values())}


Keywords = Annotated[
    tuple[Keyword, ...],
    BeforeValidator(_as_objects("term"), json_schema_input_type=tuple[Text | Keyword, ...]),
]
WatchedAuthors = Annotated[
    tuple[WatchedAuthor, ...],
    BeforeValidator(_as_objects("name"), json_schema_input_type=tuple[Text | WatchedAuthor, ...]),
]


class Config(Settings):
    """The settings of the arXiv Papers Bot. A key that is left out has its default."""

    model_config = ConfigDict(
        title="config.json of the arXiv Papers Bot",
        json_schema_extra=lambda schema: schema["properties"].update({"$schema": {"type": "string"}}),
    )

    categories: tuple[Category, ...] = Field(
        default=("cs.AI", "cs.CL", "cs.DC", "cs.LG"),
        min_length=1,
        description="arXiv's categories to watch: https://arxiv.org/category_taxonomy",
        json_schema_extra=_enumerate_categories,
    )
    match: MatchRule = Field(
        default="word",
        description="word: keywords are whole words, or plurals. substring: they may stand inside of words.",
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
        default=30, ge=1, le=200, description="So many papers a day are shown in full; further ones by title."
    )
    days_back: Whole = Field(
        default=7,
        ge=1,
        le=30,
        description="The window: papers submitted in the last so many days are asked for.",
    )
    min_score: Number = Field(
        default=2.5, ge=-1_000_000, le=1_000_000, description="Papers with fewer points are left out."
    )
    types: tuple[Literal["new", "cross"], ...] = Field(
        default=("new",),
        min_length=1,
        description="new: your categories are a paper's primary one. cross: only listed there as well.",
    )
    timezone: TimeZone = Field(
        default="UTC",
        description="Whose midnight begins a new day: an IANA name.",
        examples=["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York"],
    )
    ai_summary: AiSummary = Field(
        default=AiSummary(), description="Summaries of the best papers by a language model."
    )
    arxiv: Arxiv = Field(
        default=Arxiv(), description="How arXiv is asked. There is seldom a reason to change it."
    )
    site: Site = Field(default=Site(), description="Feeds and a static page.")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @field_validator("categories")
    @classmethod
    def _with_first_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        """Papers have the first name of a category as their primary one, never a second name."""
        both = [name for given in names for name in (given, ALIASES.get(given, given))]
        return tuple(dict.fromkeys(both))

    @field_validator("types")
    @classmethod
    def _each_once(cls, types: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(types))

    @field_validator("keywords")
    @classmethod
    def _something_to_find(cls, keywords: tuple[Keyword, ...], info: ValidationInfo) -> tuple[Keyword, ...]:
        if not keywords and info.data.get("watch_authors") == ():
            raise wrong(
                "Name at least one keyword (or an author in watch_authors), or no paper can be found."
            )
        return keywords
