"""A small GitHub on this machine: bare repositories, and a runner for a workflow's own steps.

`run:` steps and the actions in the repository itself (`uses: ./...`) run as on GitHub, other `uses:` steps by
a replacement or not at all, and nothing is installed. The runner knows the expressions that the workflows of
this repository use, and refuses any other.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]
INSTALLS = "pip install"
TOKEN = re.compile(
    r"\s*(?:('(?:[^']|'')*')|(success|failure|always|cancelled)\(\)|([A-Za-z_][\w.-]*)|(&&|\|\||==|!=|[!()]))"
)
OPERATORS = {"&&": "and", "||": "or", "!": "not"}


class Remote:
    """A bare repository, as GitHub has it, and its owner's own clone of it."""

    def __init__(self, folder: Path, copy_of: "Remote | None" = None) -> None:
        folder.mkdir(parents=True)
        self.bare, self.clone = folder / "remote.git", folder / "laptop"
        if copy_of:
            git(folder, "clone", "--quiet", "--bare", str(copy_of.bare), "remote.git")
        else:
            git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
        git(folder, "clone", "--quiet", self.url, "laptop")
        git(self.clone, "symbolic-ref", "HEAD", "refs/heads/main")

    @property
    def url(self) -> str:
        return f"file://{self.bare}"

    def commit(self, files: Mapping[str, str | None], message: str = "Edit") -> str:
        """The owner pushes a commit of these files, None for one that goes."""
        if git(self.bare, "branch"):
            git(self.clone, "pull", "--quiet", "origin", "main")
        for name, text in files.items():
            path = self.clone / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_text(text, "utf-8")
        git(self.clone, "add", "--all", "--force")
        git(self.clone, "commit", "--quiet", "-m", message)
        git(self.clone, "push", "--quiet", "origin", "main")
        return self.tip()

    def refuse_pushes(self, message: str, test: str = "true") -> None:
        """Refuse, as a protected branch does, each push for which the shell test on $old and $new holds."""
        hook = self.bare / "hooks" / "pre-receive"
        hook.write_text(f"#!/bin/sh\nread old new ref\nif {test}; then echo '{message}'; exit 1; fi\n")
        hook.chmod(0o755)

    def fail_pushes(self, times: int, message: str) -> None:
        """Answer this many pushes as a server that is down."""
        count = self.bare / "failures"
        count.write_text("x" * times)
        self.refuse_pushes(message, f'[ -s "{count}" ] && truncate -s -1 "{count}"')

    def tip(self, branch: str = "main") -> str:
        return git(self.bare, "rev-parse", branch).strip()

    def files(self, branch: str = "main") -> set[str]:
        return set(git(self.bare, "ls-tree", "-r", "-z", "--name-only", branch).split("\0")[:-1])

    def read(self, path: str, branch: str = "main") -> str:
        return git(self.bare, "show", f"{branch}:{path}")

    def log(self, form: str = "%s") -> list[str]:
        """Newest first, without what merges brought in."""
        return git(self.bare, "log", "--first-parent", f"--format={form}", "main").splitlines()


def git(folder: Path, *arguments: str, feed: str = "", **variables: str) -> str:
    """What git prints, with nothing of this machine's settings."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    for role in ("AUTHOR", "COMMITTER"):
        environ |= {f"GIT_{role}_NAME": "Ada", f"GIT_{role}_EMAIL": "ada@example.org"}
    environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **variables}
    command = ["git", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environ, input=feed, check=True, capture_output=True, encoding="utf-8"
    ).stdout


@dataclass(frozen=True)
class JobResult:
    """What became of a job, of an action or of one step."""

    conclusion: str
    """success, failure or skipped."""
    steps: "tuple[JobResult, ...]" = ()
    summary: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    said: str = ""
    """By a step's own script."""

    @property
    def log(self) -> str:
        return self.said + "".join(step.log for step in self.steps)

    def outcome(self, name: str) -> str:
        inner = (step for outer in self.steps for step in (outer, *outer.steps))
        return next(step.conclusion for step in inner if step.name == name)


@dataclass
class Machine:
    """A runner: its folders, and what the event, the inputs and the secrets are.

    `uses` maps an action's name to its replacement, which gets the machine and the step's `with:`.
    """

    folder: Path
    github: dict[str, Any]
    inputs: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    """The repository's, in `vars`."""
    environ: dict[str, str] = field(default_factory=dict)
    uses: dict[str, Callable[["Machine", dict[str, str]], JobResult]] = field(default_factory=dict)

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    @property
    def temp(self) -> Path:
        return self._made("temp")

    def run_job(self, workflow: Path, job_id: str) -> JobResult:
        """Run one job, or skip it as its `if:` says."""
        self.folder.mkdir(exist_ok=True)
        job = load_yaml(workflow)["jobs"][job_id]
        context = {
            "github": self.github,
            "inputs": self.inputs,
            "secrets": self.secrets,
            "vars": self.variables,
            "failed": False,
        }
        if not evaluate(job.get("if", "success()"), context):
            return JobResult("skipped")
        return self._run_steps(job["steps"], context, {})

    def run_action(
        self, action: Path, given: Mapping[str, str], environ: Mapping[str, str] | None = None
    ) -> JobResult:
        """Run a composite action from its own folder; `environ` is the `env:` of the step that uses it."""
        definition = load_yaml(action / "action.yml")
        context: dict[str, Any] = {"github": self.github, "runner": {"temp": str(self.temp)}}
        context |= {"failed": False, "env": environ or {}}
        inputs = {name: about.get("default", "") for name, about in definition["inputs"].items()} | dict(
            given
        )
        context["inputs"] = {name: fill(value, context) for name, value in inputs.items()}
        steps = definition["runs"]["steps"]
        result = self._run_steps(steps, context, {**context["env"], "GITHUB_ACTION_PATH": str(action)})
        outputs = {
            name: fill(about["value"], context) for name, about in definition.get("outputs", {}).items()
        }
        return JobResult(result.conclusion, result.steps, result.summary, outputs)

    def _run_steps(
        self, steps: list[dict[str, Any]], context: dict[str, Any], environ: Mapping[str, str]
    ) -> JobResult:
        results = []
        context["steps"] = {}
        for step in steps:
            result = self._run_step(step, context, environ)
            results.append(result)
            if "id" in step:
                context["steps"][step["id"]] = {"outputs": result.outputs, "outcome": result.conclusion}
            if result.conclusion == "failure":
                context["failed"] = True
        summary = self.folder / "summary.md"
        return JobResult(
            "failure" if context["failed"] else "success",
            tuple(results),
            summary.read_text("utf-8") if summary.exists() else "",
        )

    def _run_step(
        self, step: Mapping[str, Any], context: Mapping[str, Any], environ: Mapping[str, str]
    ) -> JobResult:
        name = step["name"]
        if not evaluate(step.get("if", "success()"), context):
            return JobResult("skipped", name=name)
        given, settings = (
            {key: fill(value, context) for key, value in step.get(part, {}).items()}
            for part in ("with", "env")
        )
        if "uses" in step:
            return replace(self._use(step["uses"].partition("@")[0], given, settings), name=name)
        if INSTALLS in step["run"]:
            return JobResult("success", name=name)
        return self._run_script(name, step["run"], {**environ, **settings})

    def _use(self, action: str, given: dict[str, str], environ: Mapping[str, str]) -> JobResult:
        if action.startswith("./"):
            return self.run_action(self.workspace / action, given, environ)
        if action == "actions/setup-python":
            return JobResult("success", outputs={"python-path": sys.executable})
        replacement = self.uses.get(action)
        return replacement(self, given) if replacement else JobResult("success")

    def _run_script(self, name: str, script: str, environ: Mapping[str, str]) -> JobResult:
        if "${{" in script:
            raise AssertionError(f"{name}: an expression is pasted into a shell line")
        output = self._made("outputs") / name
        output.touch()
        done = subprocess.run(
            [*BASH, script],
            cwd=self.workspace,
            env=self._environ() | {"GITHUB_OUTPUT": str(output)} | dict(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        outputs = dict(line.split("=", 1) for line in output.read_text("utf-8").splitlines())
        conclusion = "failure" if done.returncode else "success"
        return JobResult(conclusion, outputs=outputs, name=name, said=done.stdout)

    def _environ(self) -> dict[str, str]:
        """What a step sees: of this machine nothing but the way to Python and git."""
        told = ("ref_name", "repository", "repository_id")
        return {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self._made("home")),
            "PYTHONDONTWRITEBYTECODE": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GITHUB_ACTIONS": "true",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "RUNNER_TEMP": str(self.temp),
            **{f"GITHUB_{key.upper()}": self.github[key] for key in told},
            **self.environ,
        }

    def _made(self, name: str) -> Path:
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        return self.folder / name


def check_out(url: str) -> Callable[[Machine, dict[str, str]], JobResult]:
    """A replacement for actions/checkout that clones from `url`."""

    def clone(machine: Machine, given: dict[str, str]) -> JobResult:
        branch = given["ref"].removeprefix("refs/heads/")
        depth = given.get("fetch-depth", "1")
        how_deep = [] if depth == "0" else ["--depth", depth]
        git(machine.folder, "clone", "--quiet", "--branch", branch, *how_deep, url, str(machine.workspace))
        return JobResult("success")

    return clone


def load_yaml(path: Path) -> Any:
    """Everything as text, so that `on` stays a word."""
    return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506


def fill(text: str, context: Mapping[str, Any]) -> str:
    """Replace each `${{ ... }}` in a value: nothing becomes nothing, true a word."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: _as_text(_value(found[1], context)), text)


def evaluate(condition: str, context: Mapping[str, Any]) -> bool:
    """A condition; `success()` is understood unless it asks for a status itself."""
    condition = condition.strip().removeprefix("${{").removesuffix("}}")
    value = bool(_value(condition, context))
    asks_status = re.search(r"\b(success|failure|always|cancelled)\(\)", condition)
    return value if asks_status else value and not context["failed"]


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _value(expression: str, context: Mapping[str, Any]) -> object:
    """Of `a == 'b' && (!c || failure())`: the same in Python, whose `and` and `or` give an operand, too."""
    if not re.fullmatch(rf"(?:{TOKEN.pattern})+", expression.strip()):
        raise ValueError(f"not understood: {expression}")
    values: list[object] = []

    def translate(found: re.Match[str]) -> str:
        text, status, name, sign = found.groups()
        if sign:
            return f" {OPERATORS.get(sign, sign)} "
        if status:
            failed = bool(context["failed"])
            values.append({"success": not failed, "failure": failed, "always": True}.get(status, False))
        else:
            values.append(_look_up(name, context) if name else text[1:-1].replace("''", "'"))
        return f" values[{len(values) - 1}] "

    return eval(TOKEN.sub(translate, expression).strip(), {"values": values})


def _look_up(dotted: str, context: Mapping[str, Any]) -> object:
    """What is not there is null, but the first name must be a context that the step has."""
    first, *rest = dotted.split(".")
    value = context[first]
    for name in rest:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
