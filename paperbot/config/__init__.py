"""The user's settings: config.json, and environment variables, which no other module reads.

`python -m paperbot.config` writes config.schema.json, with which editors complete and check config.json.
"""

import json
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from paperbot.config.document import read_document
from paperbot.config.errors import explain_error, find_conflicts, find_errors, key_name, problems_at, shown
from paperbot.config.settings import AiSummary, Arxiv, Config, Price, Site
from paperbot.config.topics import Keyword, Topic, TopicRules, WatchedAuthor
from paperbot.config.warnings import DEAD_KEYS, find_warnings, without_repeats
from paperbot.errors import Problem, UserError

__all__ = [
    "LIBRARY_URL",
    "AiSummary",
    "Arxiv",
    "Config",
    "Environment",
    "Keyword",
    "Price",
    "Site",
    "Topic",
    "TopicRules",
    "WatchedAuthor",
    "apply_overrides",
    "load_config",
    "read_environment",
    "read_ci_environment",
    "resolve_prompt_file",
    "schema_text",
]

OWN_ROOT = Path(__file__).resolve().parents[2]
OWN_PROMPT = "templates/summary_prompt.md.j2"
ORIGINAL_PROMPT = "ai_summary_prompt.txt"

DAYS_BACK, NO_SUMMARIES, DRY_RUN = "PAPERBOT_DAYS_BACK", "PAPERBOT_NO_SUMMARIES", "PAPERBOT_DRY_RUN"
"""Variables that a manual run in Actions may set."""
LIBRARY_URL = "LIBRARY_BIB_URL"
"""The secret address of a BibTeX file."""
NOTIFICATION_URLS, NOTIFY_ON_FAILURE = "APPRISE_URLS", "APPRISE_ON_FAILURE"
"""Where notifications are sent, and whether failures are reported there too."""
SWITCHES = {"": False, "false": False, "no": False, "0": False, "true": True, "yes": True, "1": True}
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
GITHUB_URL = "https://github.com"
JSON_SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def load_config(path: Path) -> tuple[Config, tuple[Problem, ...]]:
    """The config and the warnings about it. Raises `UserError` with every error in the file."""
    document = read_document(path)
    file = path.as_posix()
    if not isinstance(document.value, dict):
        raise UserError(
            Problem(f"The file holds {shown(document.value)}; it must be an object in {{ }}.", file, 1)
        )
    live = {key: value for key, value in document.value.items() if key not in DEAD_KEYS and key != "$schema"}
    try:
        config = Config.model_validate(live)
    except ValidationError as error:
        invalid = error.errors(include_url=False)
        raise UserError(*find_errors(document, file, invalid, _schema())) from None
    if problems := [
        *find_errors(document, file),
        *problems_at(find_conflicts(config), document, file),
    ]:
        raise UserError(*problems)
    warnings = [(key, f"{key_name(key)}: {text}") for key, text in find_warnings(config, document.value)]
    return without_repeats(config), tuple(problems_at(warnings, document, file))


def resolve_prompt_file(config: Config, root: Path, config_path: Path) -> tuple[Path, tuple[Problem, ...]]:
    """The prompt file, and a warning if it is not the one that the config names.

    Raises `UserError` if there is no such file below `root`. Only the bot's own prompt
    and that of the original bot fall back to the one that comes with the bot.
    """
    named = config.ai_summary.prompt_file
    if (root / named).is_file():
        return root / named, ()
    if named == OWN_PROMPT:
        return OWN_ROOT / OWN_PROMPT, ()
    line = read_document(config_path).line_of(("ai_summary", "prompt_file"))
    if named == ORIGINAL_PROMPT:
        advice = f"There is no {named} here; the bot's own prompt is used. Delete the key prompt_file."
        return OWN_ROOT / OWN_PROMPT, (Problem(advice, config_path.as_posix(), line),)
    missing = (
        f"ai_summary.prompt_file is {shown(named)}, but there is no such file in {root.as_posix()}. "
        "Add it, or delete the key to use the bot's own prompt."
    )
    raise UserError(Problem(missing, config_path.as_posix(), line))


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment variables that matter to a run."""

    api_key: str = field(default="", repr=False)
    """Empty if there is none."""
    in_actions: bool = False
    """Run by GitHub Actions."""
    step_summary_path: Path | None = None
    output_path: Path | None = None
    repository: str = ""
    """`owner/name`, or empty."""
    server_url: str = GITHUB_URL
    workspace: Path | None = None
    """Where Actions has checked out the repository."""
    run_url: str = ""
    """The run's page; empty outside of Actions."""
    notification_urls: str = field(default="", repr=False)
    """Secrets, like the key; empty if there are none."""
    notify_on_failure: bool = False
    library_url: str = field(default="", repr=False)
    """A secret too: of a BibTeX file that is in no public place."""
    branch: str = ""
    """On which the run works; empty outside of Actions."""
    no_summaries: bool = False
    dry_run: bool = False


def read_ci_environment(environ: Mapping[str, str]) -> Environment:
    """The part that needs no config: no key, no switches. Never raises.

    An empty variable, as Actions makes of an unset secret, is an absent one.
    """
    given = _trimmed(environ)
    server_url = given.get("GITHUB_SERVER_URL", "").rstrip("/") or GITHUB_URL
    repository = given.get("GITHUB_REPOSITORY", "")
    run_id, is_branch = given.get("GITHUB_RUN_ID", ""), given.get("GITHUB_REF_TYPE", "branch") == "branch"
    return Environment(
        in_actions=given.get("GITHUB_ACTIONS", "").lower() == "true",
        step_summary_path=_path(given, "GITHUB_STEP_SUMMARY"),
        output_path=_path(given, "GITHUB_OUTPUT"),
        repository=repository,
        server_url=server_url,
        workspace=_path(given, "GITHUB_WORKSPACE"),
        run_url=f"{server_url}/{repository}/actions/runs/{run_id}" if repository and run_id else "",
        branch=given.get("GITHUB_REF_NAME", "") if is_branch else "",
        library_url=given.get(LIBRARY_URL, ""),
        notification_urls=given.get(NOTIFICATION_URLS, ""),
        notify_on_failure=SWITCHES.get(given.get(NOTIFY_ON_FAILURE, "").lower(), False),
    )


def read_environment(config: Config, environ: Mapping[str, str]) -> Environment:
    """Everything, with the key and the switches. Raises `UserError`."""
    given = _trimmed(environ)
    problems = [
        Problem(f"{name} is {shown(given[name])}. Allowed: true or false.")
        for name in (NO_SUMMARIES, DRY_RUN, NOTIFY_ON_FAILURE)
        if given.get(name, "").lower() not in SWITCHES
    ]
    if problems:
        raise UserError(*problems)
    settings = config.ai_summary
    # Pasting adds spaces, quotes and invisible characters around a key.
    api_key = given.get(settings.api_key_env, "").strip("\"'\ufeff\u200b" + string.whitespace)
    if settings.enabled and not all("!" <= mark <= "~" for mark in api_key):
        raise UserError(
            Problem(
                f"{settings.api_key_env} holds a space, a line break or a letter that no API key has. "
                "Copy the key again, and store it alone as the secret's value."
            )
        )
    return replace(
        read_ci_environment(environ),
        api_key=api_key,
        no_summaries=SWITCHES[given.get(NO_SUMMARIES, "").lower()],
        dry_run=SWITCHES[given.get(DRY_RUN, "").lower()],
    )


def _trimmed(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value.strip() for name, value in environ.items()}


def _path(given: Mapping[str, str], name: str) -> Path | None:
    return Path(given[name]) if given.get(name) else None


def apply_overrides(config: Config, environ: Mapping[str, str]) -> Config:
    """The config with the settings of a manual run. Raises `UserError`."""
    given = environ.get(DAYS_BACK, "").strip()
    if not given:
        return config
    try:
        days_back = Config.model_validate(
            {"days_back": int(given) if WHOLE_NUMBER.fullmatch(given) else given}
        ).days_back
    except ValidationError as error:
        raise UserError(
            *(Problem(explain_error(item, DAYS_BACK, _schema())) for item in error.errors())
        ) from None
    return config.model_copy(update={"days_back": days_back})


@cache
def _schema() -> dict[str, Any]:
    return Config.model_json_schema()


def schema_text() -> str:
    """config.schema.json: JSON Schema draft 2020-12."""
    schema = {"$schema": JSON_SCHEMA_DIALECT} | _schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
