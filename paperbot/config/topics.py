"""What a topic is made of: keywords, watched authors, categories, limits; and the values it inherits."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from paperbot.config.categories import ALIASES, category_names
from paperbot.config.values import (
    Category,
    Number,
    Settings,
    Switch,
    Term,
    Text,
    TopicName,
    Whole,
    topic_slug,
)

MatchRule = Literal["word", "substring"]

DEFAULT_CATEGORIES = ("cs.AI", "cs.CL", "cs.DC", "cs.LG")
DEFAULT_KEYWORDS = (
    *("State Space", "SSM", "Linear", "Attention", "Sparse"),
    *("LLM", "MOE", "RL", "RLHF", "Generation", "Video"),
    *("Training", "Inference", "Prefill", "Decode", "Decoding", "Speculative"),
    *("Quantization", "FP8", "FP4"),
    *("framework", "System", "Pipeline", "Kernel", "Hardware"),
    *("Parallel", "Distributed", "Cluster", "Network", "Communication"),
    *("Efficient", "Efficiency", "Fast", "Throughput", "Scalable", "Optimization"),
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


def _as_objects(key: str) -> Any:
    """Plain texts in a list become objects; keywords get the `match` of the whole config."""

    def objects(items: Any, info: ValidationInfo) -> Any:
        common = {"match": info.data.get("match", "word")} if key == "term" else {}
        if not isinstance(items, (list, tuple)):
            return items
        whole = ({key: item} if isinstance(item, str) else item for item in items)
        return [common | item if isinstance(item, dict) else item for item in whole]

    return objects


def enumerate_categories(schema: dict[str, Any]) -> None:
    """Add arXiv's categories with their names to the JSON schema of a list of them, for editors."""
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


Categories = Annotated[
    tuple[Category, ...],
    Field(min_length=1),
    # Papers have the first name of a category as their primary one, never an alias.
    AfterValidator(
        lambda names: tuple(
            dict.fromkeys(name for given in names for name in (given, ALIASES.get(given, given)))
        )
    ),
]


class Topic(Settings):
    """A group of papers with its own section. What it leaves out, it takes from the top level."""

    name: TopicName = Field(description="The heading of its section.", examples=["Inference", "Agents"])
    keywords: Keywords | None = Field(default=None, description="As at the top level.")
    exclude_keywords: Keywords | None = Field(default=None, description="As at the top level.")
    watch_authors: WatchedAuthors | None = Field(default=None, description="As at the top level.")
    categories: Categories | None = Field(
        default=None,
        description="Some of the categories of the top level; left out: all of them.",
        json_schema_extra=enumerate_categories,
    )
    min_score: Number | None = Field(
        default=None, ge=-1_000_000, le=1_000_000, description="As at the top level."
    )
    max_papers: Whole | None = Field(default=None, ge=1, le=200, description="As at the top level.")
    paused: Switch = Field(default=False, description="true: leave this topic out for now.")

    @property
    def slug(self) -> str:
        """Its name in addresses and file names."""
        return topic_slug(self.name)


@dataclass(frozen=True, slots=True)
class TopicRules:
    """Everything by which one topic ranks papers, the values of the top level filled in."""

    name: str
    """Empty where the config has no topics."""
    keywords: tuple[Keyword, ...]
    exclude_keywords: tuple[Keyword, ...]
    watch_authors: tuple[WatchedAuthor, ...]
    categories: tuple[str, ...]
    min_score: float
    max_papers: int
    title_bonus: float
    types: tuple[str, ...]


TOPIC_KEYS = ("keywords", "exclude_keywords", "watch_authors", "categories", "min_score", "max_papers")
"""What a topic may set for itself."""


def with_match(topics: Any, info: ValidationInfo) -> Any:
    """Keywords of topics get the `match` of the whole config too."""
    if not isinstance(topics, (list, tuple)):
        return topics
    convert = _as_objects("term")
    return [
        topic | {key: convert(topic[key], info) for key in ("keywords", "exclude_keywords") if key in topic}
        if isinstance(topic, dict)
        else topic
        for topic in topics
    ]


def topic_defaults(topics: list[Any] | tuple[Any, ...]) -> dict[str, Any]:
    """The top level's keywords and categories where the file has topics and leaves these out.

    The keywords are none; the categories are the union of the topics', and the default ones for a topic
    that names none.
    """
    named: list[str] = []
    for topic in topics:
        own = topic.get("categories") if isinstance(topic, dict) else None
        named += own if isinstance(own, list) else DEFAULT_CATEGORIES
    known = [name for name in named if isinstance(name, str) and name in category_names()]
    return {"keywords": [], "categories": list(dict.fromkeys(known)) or list(DEFAULT_CATEGORIES)}
