"""How the workflows' scripts reach git, and how they speak to GitHub Actions.

Reads from the environment: GITHUB_TOKEN and GITHUB_SERVER_URL (to fetch and push), GITHUB_ACTIONS,
GITHUB_STEP_SUMMARY and GITHUB_OUTPUT (where Actions listens). Outside of Actions git uses what the
user has set up, and messages are plain text.
"""

import base64
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

BOT_NAME = "github-actions[bot]"
BOT_EMAIL = "41898282+github-actions[bot]@users.noreply.github.com"

RACES = ("cannot lock ref", "failed to update ref", "incorrect old value")
"""What a server says, beside `[remote rejected]`, when another push came first."""

NO_PERMISSION = ("denied to", "error: 403", "Authentication failed", "could not read Username")


class GitError(Exception):
    """A git command failed; the text is what git said."""


class BranchMoved(Exception):
    """The branch has commits that ours does not stand on."""


class PushRefused(Exception):
    """The server does not take this push, however often it is tried; the text is what it said."""


def git(folder: Path, *arguments: str, feed: str | None = None, **variables: str) -> str:
    """What a git command prints, run in `folder`."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        input=feed,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        env={**os.environ, **_settings(), **variables},
        check=False,
    )
    if done.returncode:
        raise GitError(f"git {arguments[0]}: {(done.stderr + done.stdout).strip()}")
    return done.stdout


def push(folder: Path, commit: str, branch: str) -> None:
    """Put `commit` on `branch` of origin; raises BranchMoved, PushRefused, or GitError for the rest."""
    try:
        git(folder, "push", "--porcelain", "origin", f"{commit}:refs/heads/{branch}")
    except GitError as error:
        said = str(error)
        if "[rejected]" in said or any(race in said for race in RACES):
            raise BranchMoved(said) from error
        if "[remote rejected]" in said or any(sign in said for sign in NO_PERMISSION):
            raise PushRefused(said) from error
        raise


def explain_refusal(said: str, branch: str) -> str:
    """What the owner of the repository can do about a push that was refused."""
    if any(sign in said for sign in NO_PERMISSION):
        return (
            "GitHub gave the workflow no right to write. In Settings > Actions > General > Workflow "
            'permissions choose "Read and write permissions", then run the workflow again.'
        )
    return (
        f"The branch {branch} is protected. Let the workflow commit to it: in Settings > Rules > Rulesets "
        f"(or Settings > Branches) take {branch} out of the rule that asks for pull requests or status "
        "checks, then run the workflow again."
    )


def annotate(level: str, title: str, message: str) -> None:
    """Say something on the run's page; `level` is error, warning or notice."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        title = _escape(title).replace(":", "%3A").replace(",", "%2C")
        say(f"::{level} title={title}::{_escape(message)}")
    else:
        say(f"{level}: {title}. {message}")


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
    settings = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
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
