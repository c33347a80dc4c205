"""How the workflows' scripts use git, and how they report to GitHub Actions.

Reads from the environment: GITHUB_TOKEN and GITHUB_SERVER_URL (to fetch and push), GITHUB_ACTIONS,
GITHUB_STEP_SUMMARY and GITHUB_OUTPUT (files that Actions reads). Outside of Actions git uses the user's
own settings, and messages are plain text.
"""

import base64
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from refusals import REPORT, RUN_AGAIN, explain_refusal

BOT_NAME = "github-actions[bot]"
BOT_EMAIL = "41898282+github-actions[bot]@users.noreply.github.com"

RACES = ("cannot lock ref", "incorrect old value", "reference already exists")
"""What a server says, beside `[remote rejected]`, when another push came first."""
PAUSES_SECONDS = (2, 5, 15, 40, 90, 180)
"""Between tries; one more try than there are pauses. Most outages at a push are over within minutes."""
MAX_COMMAND_SECONDS = 300
"""A connection that hangs counts as an outage."""

T = TypeVar("T")


class GitError(Exception):
    """A git command failed; the text is what git said."""


class Unreachable(GitError):
    """The server did not do what it should: an outage, which may pass."""


class BranchMoved(Exception):
    """The branch has commits that ours does not stand on."""


class Refused(Exception):
    """GitHub refuses, however often it is tried; the text is what the owner can do."""


def git(folder: Path, *arguments: str, feed: str | None = None, **variables: str) -> str:
    """What a git command prints, run in `folder`."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            input=feed,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            env={**os.environ, **_settings(), **variables},
            timeout=MAX_COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GitError(f"git {arguments[0]}: no answer within {MAX_COMMAND_SECONDS} s") from None
    if done.returncode:
        raise GitError(f"git {arguments[0]}: {(done.stderr + done.stdout).strip()}")
    return done.stdout


def fetch(folder: Path, source: str, ref: str) -> str:
    """The commit at `ref` of `source`; raises Refused or Unreachable.

    A shallow clone stays shallow and a full one full: --depth would cut off the history of a full clone.
    """
    shallow = git(folder, "rev-parse", "--is-shallow-repository").strip() == "true"
    depth = ["--depth=1"] if shallow else []
    try:
        git(folder, "fetch", "--no-tags", *depth, source, ref)
    except GitError as error:
        if advice := explain_refusal(str(error), ref.removeprefix("refs/heads/")):
            say(str(error))
            raise Refused(advice) from error
        raise Unreachable(str(error)) from error
    return git(folder, "rev-parse", "FETCH_HEAD").strip()


def push(folder: Path, commit: str, branch: str, *options: str) -> None:
    """Put `commit` on `branch` of origin; raises BranchMoved, Refused or Unreachable."""
    try:
        git(folder, "push", "--porcelain", *options, "origin", f"{commit}:refs/heads/{branch}")
    except GitError as error:
        said = str(error)
        if "[rejected]" in said or any(race in said for race in RACES):
            raise BranchMoved(said) from error
        if advice := explain_refusal(said, branch):
            say(said)
            raise Refused(advice) from error
        raise Unreachable(said) from error


def list_remote(folder: Path, *arguments: str) -> str:
    """What `git ls-remote` prints; raises Unreachable."""
    try:
        return git(folder, "ls-remote", *arguments)
    except GitError as error:
        raise Unreachable(str(error)) from error


def with_retries(
    attempt: Callable[[], T],
    transient: tuple[type[Exception], ...],
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """What `attempt` returns, tried again after errors of the `transient` types, with growing pauses."""
    for pause_seconds in PAUSES_SECONDS:
        try:
            return attempt()
        except transient as error:
            say(f"{error}\nTrying again in {pause_seconds} s.")
            sleep(pause_seconds)
    try:
        return attempt()
    except transient as error:
        tries = len(PAUSES_SECONDS) + 1
        raise type(error)(
            f"It was tried {tries} times. The last answer: {error}\n"
            f"Wait until https://www.githubstatus.com shows no outage, then {RUN_AGAIN}."
        ) from error


def fail(title: str, error: Exception) -> int:
    """Say it on the run's page and in the job summary; the exit code."""
    text = str(error)
    if type(error) is GitError:  # neither an outage nor a refusal of GitHub
        text += f"\nPlease {RUN_AGAIN}. If that does not help, report it: {REPORT}"
    annotate("error", title, text)
    summarise(f"## {title}\n\n{text}\n")
    return 1


def annotate(level: str, title: str, message: str) -> None:
    """Say something on the run's page; `level` is error, warning or notice."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        title = _escape(title).replace(":", "%3A").replace(",", "%2C")
        say(f"::{level} title={title}::{_escape(message)}")
    else:
        say(f"{level}: {title}. {message}")


def repository_url() -> str:
    """The repository's page on GitHub, which Actions names; "/" elsewhere."""
    return f"{os.environ.get('GITHUB_SERVER_URL', '')}/{os.environ.get('GITHUB_REPOSITORY', '')}"


def say(text: str) -> None:
    """A line in the log."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def summarise(markdown: str) -> None:
    """Add to the job summary, where there is one."""
    _append("GITHUB_STEP_SUMMARY", markdown + "\n")


def set_output(name: str, value: str) -> None:
    """Hand a value to the steps after this one."""
    _append("GITHUB_OUTPUT", f"{name}={value}\n")


def _append(variable: str, text: str) -> None:
    if path := os.environ.get(variable):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


def _escape(text: str) -> str:
    """https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts"""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _settings() -> Mapping[str, str]:
    """The bot as author, and the token: in git's environment it is on no command line and on no disk."""
    settings = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_HTTP_LOW_SPEED_LIMIT": "1"}
    settings["GIT_HTTP_LOW_SPEED_TIME"] = "60"
    if os.environ.get("GITHUB_ACTIONS") == "true":
        settings |= dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), BOT_NAME)
        settings |= dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), BOT_EMAIL)
    if token := os.environ.get("GITHUB_TOKEN"):
        header = f"http.{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/.extraheader"
        login = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        # The empty value first drops a header that actions/checkout left in .git/config: two are refused.
        settings |= {
            "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_0": header,
            "GIT_CONFIG_VALUE_0": "",
            "GIT_CONFIG_KEY_1": header,
            "GIT_CONFIG_VALUE_1": f"AUTHORIZATION: basic {login}",
        }
    return settings
