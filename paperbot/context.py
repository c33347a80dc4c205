"""Everything a run is given, read and checked before anything else happens."""

import argparse
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from paperbot import VERSION
from paperbot.archive import Archive
from paperbot.config import (
    Config,
    Environment,
    apply_overrides,
    load_config,
    read_environment,
    resolve_prompt_file,
)
from paperbot.containment import Faults
from paperbot.errors import Problem
from paperbot.model import Entry
from paperbot.ranking.picks import read_picks
from paperbot.redaction import protect
from paperbot.render.original_templates import are_original
from paperbot.render.repository import DEFAULT_BRANCH, RepositoryInfo
from paperbot.render.templating import Templates, load_templates
from paperbot.schedule import load_schedule
from paperbot.sources.http import PoliteSession
from paperbot.summaries import BriefsDue, due, tldrs_due
from paperbot.summaries.prompts import Prompt, load_prompt
from paperbot.summaries.tldr_prompt import request_with_summary
from paperbot.weekly import best_of_week, finished_weeks, week_overviews

BUNDLED_TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


@dataclass(frozen=True, slots=True)
class RunContext:
    """Everything that a run is given: folder, config, environment, templates, clock."""

    root: Path
    config: Config
    environment: Environment
    prompt: Prompt
    templates: Templates
    repository: RepositoryInfo
    now: dt.datetime
    faults: Faults = field(default_factory=Faults)
    """Those of this run; every part that may fail alone is contained by it."""

    @property
    def today(self) -> dt.date:
        """The user's date."""
        return self.now.astimezone(self.config.zone).date()

    @property
    def wants_summaries(self) -> bool:
        """Both the config and this run ask for summaries."""
        return self.config.ai_summary.enabled and not self.environment.no_summaries

    def due(self, archive: Archive) -> tuple[Entry, ...]:
        """The papers to be summarised now, the most urgent first."""
        if not self.wants_summaries:
            return ()
        entries = list(archive.entries.values())
        return due(entries, self.today, self.config.ai_summary, self.prompt.fingerprint)

    def briefs_due(self, archive: Archive) -> BriefsDue:
        """The short texts that this run should make or look at."""
        settings = self.config.ai_summary
        if not self.wants_summaries:
            return BriefsDue()
        tldrs: tuple[Entry, ...] = ()
        if settings.tldr:
            in_full = [entry for entry in archive.entries.values() if entry.shown]
            related = [entry for entry in archive.related.values() if entry.paper.abstract]
            tldrs = tldrs_due(in_full, self.today, settings)
            tldrs += tldrs_due(related, self.today, settings)
        shown = tuple(entry for entry in archive.shown(self.today) if not entry.withdrawn)
        run = archive.runs.get(self.today)
        briefs = BriefsDue(tldrs, shown, run.overviews if run else ())
        for week in finished_weeks(archive)[:1]:
            best = tuple(entry for topic in best_of_week(archive, week) for entry in topic.entries)
            overviews = (*briefs.overviews, *week_overviews(archive, week))
            briefs = replace(briefs, overviews=overviews, week=week.name, best_of_week=best)
        return briefs

    def session(self) -> PoliteSession:
        """The one queue for all that goes to arXiv in this run."""
        settings = self.config.arxiv
        return PoliteSession(
            delay_seconds=settings.delay_seconds,
            timeout_seconds=settings.timeout_seconds,
            contact=self.contact,
        )

    @property
    def home(self) -> str:
        """GitHub's address of the files below the root, ending in a slash; empty outside of GitHub."""
        folder = folder_in_repository(self.root, self.environment.workspace)
        return "" if not self.contact or folder is None else f"{self.contact}/blob/HEAD/{folder}"

    @property
    def contact(self) -> str:
        """The repository's address, where arXiv can find out who asks; empty outside of GitHub."""
        return str(self.repository.url)


def read_context(
    options: argparse.Namespace, environ: Mapping[str, str], faults: Faults
) -> tuple[RunContext, tuple[Problem, ...]]:
    """The run's context, and warnings about it. Raises UserError: config, prompt or templates are wrong."""
    config, warnings = load_config(options.config)
    config = apply_overrides(config, environ)
    environment = read_environment(config, environ)
    protect(environment.api_key, f"{environment.notification_urls} {environment.library_url}")
    picks, pick_problems = read_picks(options.root)
    language, wants_tldr = config.ai_summary.language, config.ai_summary.tldr
    prompt_path, prompt_warnings = resolve_prompt_file(config, options.root, options.config)
    context = RunContext(
        root=options.root,
        config=config,
        environment=replace(
            environment,
            no_summaries=options.no_summaries or environment.no_summaries,
            dry_run=options.dry_run or environment.dry_run,
        ),
        prompt=load_prompt(prompt_path, language, request_with_summary(language) if wants_tldr else ""),
        templates=load_templates(options.root, BUNDLED_TEMPLATES, faults),
        repository=RepositoryInfo(
            schedule=load_schedule(options.root),
            repository=environment.repository,
            server_url=environment.server_url,
            version=VERSION,
            branch=environment.branch or DEFAULT_BRANCH,
            folder=folder_in_repository(options.root, environment.workspace) or "",
            picks=picks,
        ),
        now=options.now or dt.datetime.now(dt.UTC),
        faults=faults,
    )
    if not are_original(context.templates):
        from paperbot.render.template_check import check_templates  # brings along all that renders

        check_templates(context.templates, config)
    return context, (*warnings, *prompt_warnings, *pick_problems)


def folder_in_repository(root: Path, workspace: Path | None) -> str | None:
    """The path of `root` in the repository, ending in a slash; empty for its top, None outside of it.

    `workspace` is where Actions checked the repository out; None elsewhere, for the current folder.
    """
    root, top = root.resolve(), (workspace or Path()).resolve()
    if not root.is_relative_to(top):
        return None
    return "" if root == top else f"{root.relative_to(top).as_posix()}/"
