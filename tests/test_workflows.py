"""digest.yml, action.yml and the example run their own steps; all workflows keep CONTRIBUTING.md's rules."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paperbot import VERSION, config, schedule
from tests.support.host_runner import JobResult, Machine, Remote, check_out, evaluate, load_yaml

ROOT = Path(__file__).resolve().parents[1]
DIGEST = ROOT / ".github/workflows/digest.yml"
EXAMPLE = ROOT / "docs/example-workflow.yml"
ACTIONS = (ROOT / "action.yml", ROOT / ".github/update/action.yml")
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
UPSTREAM = "arxiv-papers-bot/arxiv-papers-bot"

FAKE_BOT = """\
import json, os, pathlib, sys
plan = json.loads(os.environ["PLAN"])
seen = {"arguments": sys.argv[1:], "environ": dict(os.environ)}
pathlib.Path(os.environ["RUNNER_TEMP"], "seen.json").write_text(json.dumps(seen))
root = pathlib.Path(sys.argv[sys.argv.index("--root") + 1] if "--root" in sys.argv else ".")
for name, text in plan["files"].items():
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
manifest = {"written": list(plan["files"]), "site_branch": "site"}
(root / "archive").mkdir(exist_ok=True)
(root / "archive/.run.json").write_text(json.dumps(manifest))
with open(os.environ["GITHUB_OUTPUT"], "a") as file:
    file.writelines(f"{name}={value}\\n" for name, value in plan["outputs"].items())
sys.exit(plan["code"])
"""
BOT = {
    **{str(path.relative_to(ROOT)): path.read_text("utf-8") for path in ROOT.glob(".github/scripts/*.py")},
    ".gitignore": (ROOT / ".gitignore").read_text("utf-8"),
    "action.yml": (ROOT / "action.yml").read_text("utf-8"),
    "vercel.json": (ROOT / "vercel.json").read_text("utf-8"),
    "fetch_papers.py": FAKE_BOT,
}
PAGES = {
    "README.md": "# Today\n",
    "archive/2025/2025-12.jsonl": "1\n",
    "archive/2025/2025-12-25.md": "# Today\n",
}
SITE = {"site/rss.xml": "<rss/>\n"}
OWNER = "archive/repository.txt"
OUTPUTS = {"shown": "30", "summarised": "15", "degraded": "false"}
MAKE, COMMIT, KEEP, TELL = (
    "Make the digest",
    "Commit it",
    "Keep a digest that could not be committed",
    "Fail if the endpoint refused to make summaries",
)


def plan(code: int = 0, files: dict[str, str] = PAGES | SITE, **more: Any) -> dict[str, str]:
    """What the replacement of fetch_papers.py does."""
    return {"PLAN": json.dumps({"code": code, "files": files, "outputs": OUTPUTS, **more})}


def event(name: str = "schedule", branch: str = "main", repository: str = "ada/papers") -> dict[str, Any]:
    return {
        "event_name": name,
        "repository": repository,
        "repository_id": "7",
        "ref": f"refs/heads/{branch}",
        "ref_name": branch,
        "token": "ghs_token",
        "event": {"repository": {"default_branch": "main"}},
    }


@pytest.fixture
def fork(tmp_path: Path) -> Remote:
    fork = Remote(tmp_path / "fork")
    fork.commit(BOT | {"README.md": "# Fork me\n", "config.json": "{}\n"})
    return fork


RunDigest = Callable[..., JobResult]


@pytest.fixture
def kept() -> list[str]:
    """The paths given to actions/upload-artifact."""
    return []


@pytest.fixture
def run_digest(tmp_path: Path, fork: Remote, kept: list[str]) -> RunDigest:
    """Run digest.yml on a new machine."""
    runs = iter(range(100))

    def keep(machine: Machine, given: dict[str, str]) -> JobResult:
        kept.extend(path for path in given["path"].split() if (machine.workspace / path).exists())
        return JobResult("success")

    def run(environ: dict[str, str], **about: Any) -> JobResult:
        machine = Machine(
            tmp_path / f"run{next(runs)}",
            about.pop("github", event()),
            environ=environ,
            uses={"actions/checkout": check_out(fork.url), "actions/upload-artifact": keep},
            **about,
        )
        return machine.run_job(DIGEST, "digest")

    return run


def seen(tmp_path: Path, run: int = 0) -> Any:
    """What it was started with."""
    return json.loads((tmp_path / f"run{run}/temp/seen.json").read_text("utf-8"))


def test_the_first_run_in_a_fork(fork: Remote, run_digest: RunDigest) -> None:
    result = run_digest(plan())
    assert result.conclusion == "success", result.log
    assert {name: fork.read(name) for name in PAGES} == PAGES
    assert fork.read(OWNER) == "7 ada/papers\n"
    assert fork.files("site") == {"rss.xml", "vercel.json", ".nojekyll"}
    assert fork.log("%an <%ae> %s")[0] == (
        "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com> "
        "Digest of 2025-12-25: 30 shown, 15 summarised"
    )
    assert "Committed to `main`" in result.summary
    assert f"https://github.com/ada/papers/commit/{fork.tip()}" in result.summary


def test_a_run_with_nothing_new_commits_nothing(fork: Remote, run_digest: RunDigest) -> None:
    run_digest(plan())
    before = fork.tip(), fork.tip("site")
    result = run_digest(plan())
    assert (result.conclusion, fork.tip(), fork.tip("site")) == ("success", *before)
    assert "Nothing to commit." in result.summary


def test_a_protected_branch(fork: Remote, run_digest: RunDigest, kept: list[str]) -> None:
    before = fork.tip()
    fork.refuse_pushes("GH006: Protected branch update failed")
    result = run_digest(plan())
    assert (result.conclusion, fork.tip()) == ("failure", before)
    assert "::error title=The digest was not committed::The branch main is protected." in result.log
    assert PAGES["README.md"] in result.summary
    assert kept == ["./README.md", "./archive/", "./site/"]


@pytest.mark.parametrize("code", [1, 2])
def test_a_run_that_failed_or_a_wrong_config_commits_nothing(
    fork: Remote, run_digest: RunDigest, code: int
) -> None:
    before = fork.tip()
    result = run_digest(plan(code, files={"README.md": "half a page"}))
    assert (result.conclusion, fork.tip()) == ("failure", before)
    outcomes = [result.outcome(step) for step in (MAKE, COMMIT, KEEP, TELL)]
    assert outcomes == ["failure", "skipped", "skipped", "skipped"]


def test_a_digest_without_its_summaries_is_committed_before_the_job_fails(
    fork: Remote, run_digest: RunDigest
) -> None:
    result = run_digest(plan(3, outputs=OUTPUTS | {"degraded": "true"}))
    assert {name: fork.read(name) for name in PAGES} == PAGES
    outcomes = [result.outcome(step) for step in (MAKE, COMMIT, KEEP, TELL)]
    assert outcomes == ["success", "success", "skipped", "failure"]
    assert (result.conclusion, result.steps[-1].outputs["degraded"]) == ("failure", "true")
    assert "::error title=Published without new summaries::" in result.log


def test_a_dry_run_commits_nothing(fork: Remote, run_digest: RunDigest) -> None:
    before = fork.tip()
    result = run_digest(plan(files={}), github=event("workflow_dispatch"), inputs={"dry_run": True})
    assert (result.conclusion, result.outcome(COMMIT)) == ("success", "skipped")
    assert fork.tip() == before


def test_a_fork_of_a_fork_starts_its_own_archive(fork: Remote, run_digest: RunDigest) -> None:
    before = fork.commit({OWNER: "6 grace/papers\n", "archive/2025/2025-11.jsonl": "theirs\n"})
    run_digest(plan(1))
    assert fork.tip() == before
    result = run_digest(plan())
    assert "::notice title=A new archive begins::" in result.log
    assert "archive/2025/2025-11.jsonl" not in fork.files()
    assert fork.read(OWNER) == "7 ada/papers\n"


def test_what_was_asked_by_hand_and_the_keys_reach_the_bot(tmp_path: Path, run_digest: RunDigest) -> None:
    asked = {"days_back": "$(touch oops)", "no_summaries": True, "dry_run": False}
    secrets = {"OPENAI_API_KEY": "sk-1", "GITHUB_TOKEN": "ghs_token", "APPRISE_URLS": "ntfy://topic"}
    by_hand = {"github": event("workflow_dispatch"), "variables": {"APPRISE_ON_FAILURE": "true"}}
    run_digest(plan(), inputs=asked, secrets=secrets, **by_hand)
    environ = seen(tmp_path)["environ"]
    assert (environ[config.NOTIFICATION_URLS], environ[config.NOTIFY_ON_FAILURE]) == ("ntfy://topic", "true")
    assert environ[config.DAYS_BACK] == "$(touch oops)"
    assert (environ[config.NO_SUMMARIES], environ[config.DRY_RUN]) == ("true", "false")
    assert (environ["OPENAI_API_KEY"], environ["DASHSCOPE_API_KEY"]) == ("sk-1", "")
    assert "ghs_token" not in environ.values()


def test_on_schedule_nothing_is_asked(tmp_path: Path, run_digest: RunDigest) -> None:
    run_digest(plan())
    environ = seen(tmp_path)["environ"]
    asked = (config.DAYS_BACK, config.NO_SUMMARIES, config.DRY_RUN)
    assert {environ[name] for name in (*asked, config.NOTIFICATION_URLS, config.NOTIFY_ON_FAILURE)} == {""}


@pytest.mark.parametrize(
    ("github", "conclusion"),
    [
        (event("schedule"), "success"),
        (event("workflow_dispatch", branch="main"), "success"),
        (event("push"), "success"),
        (event("push", branch="try-out"), "skipped"),
        (event("schedule", repository=UPSTREAM), "skipped"),
        (event("workflow_dispatch", repository=UPSTREAM), "skipped"),
        (event("push", repository=UPSTREAM), "skipped"),
    ],
)
def test_when_the_bot_runs(run_digest: RunDigest, github: dict[str, Any], conclusion: str) -> None:
    assert run_digest(plan(), github=github).conclusion == conclusion


@pytest.fixture
def own(tmp_path: Path) -> Remote:
    """Somebody's repository that is no fork."""
    own = Remote(tmp_path / "own")
    own.commit({"README.md": "# My notes\n", "config.json": "{}\n"})
    return own


@pytest.fixture
def run_example(tmp_path: Path, fork: Remote, own: Remote) -> RunDigest:
    """Run the example workflow in `own`, with the action from another folder."""

    def run(environ: dict[str, str], **given: str) -> JobResult:
        def our_action(machine: Machine, from_workflow: dict[str, str]) -> JobResult:
            return machine.run_action(fork.clone, from_workflow | given)

        machine = Machine(
            tmp_path / "run0",
            event(),
            secrets={"DASHSCOPE_API_KEY": "sk-1"},
            environ=environ,
            uses={"actions/checkout": check_out(own.url), UPSTREAM: our_action},
        )
        return machine.run_job(EXAMPLE, "digest")

    return run


def test_the_example_brings_the_digest_into_a_repository_of_ones_own(
    tmp_path: Path, own: Remote, run_example: RunDigest
) -> None:
    result = run_example(plan())
    assert result.conclusion == "success", result.log
    assert own.files() == {*PAGES, OWNER, "config.json"}
    assert own.files("site") == {"rss.xml", "vercel.json", ".nojekyll"}
    assert own.read("README.md") == PAGES["README.md"]
    assert result.steps[-1].outputs == OUTPUTS
    assert seen(tmp_path)["arguments"] == ["--config", "config.json", "--root", "."]
    assert seen(tmp_path)["environ"]["OPENAI_API_KEY"] == "sk-1"


def test_the_action_writes_into_a_folder(tmp_path: Path, own: Remote, run_example: RunDigest) -> None:
    news = {"news-to": "ntfy://topic", "news-on-failure": "true"}
    result = run_example(plan(), root="papers", config="papers/mine.json", **news)
    assert result.conclusion == "success", result.log
    assert own.files() == {*(f"papers/{name}" for name in (*PAGES, OWNER)), "README.md", "config.json"}
    assert own.read("README.md") == "# My notes\n"
    assert seen(tmp_path)["arguments"] == ["--config", "papers/mine.json", "--root", "papers"]
    environ = seen(tmp_path)["environ"]
    assert (environ[config.NOTIFICATION_URLS], environ[config.NOTIFY_ON_FAILURE]) == ("ntfy://topic", "true")


def test_the_example_is_pinned_to_this_version() -> None:
    assert f"uses: {UPSTREAM}@v{VERSION} #" in EXAMPLE.read_text("utf-8")


def test_the_workflows_have_no_steps_that_an_update_could_not_change() -> None:
    for name, action in (("digest", "./"), ("update", "./.github/update")):
        (job,) = load_yaml(ROOT / f".github/workflows/{name}.yml")["jobs"].values()
        used = [step["uses"].partition("@")[0] for step in job["steps"]]
        assert used == ["actions/checkout", action]


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS, EXAMPLE], ids=str)
def test_other_peoples_actions_are_pinned_by_hash_with_their_version_beside(path: Path) -> None:
    used = re.findall(r"uses: (\S+?)@(\S+)( # v[\d.]+)?$", path.read_text("utf-8"), re.M)
    others = [(commit, version) for name, commit, version in used if name != UPSTREAM]
    assert all(re.fullmatch("[0-9a-f]{40}", commit) and version for commit, version in others)


@pytest.mark.parametrize("path", [*WORKFLOWS, EXAMPLE], ids=lambda path: path.name)
def test_each_job_has_the_least_permissions_and_no_credentials_on_disk(path: Path) -> None:
    workflow = load_yaml(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        writes = path.name in ("digest.yml", "update.yml", EXAMPLE.name)
        assert job["permissions"]["contents"] == ("write" if writes else "read")
        checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert [step["with"]["persist-credentials"] for step in checkouts] == ["false"]


def test_a_run_that_waited_for_another_checks_out_what_that_one_committed() -> None:
    for path in (DIGEST, ROOT / ".github/workflows/update.yml", EXAMPLE):
        workflow = load_yaml(path)
        (job,) = workflow["jobs"].values()
        assert job["steps"][0]["with"]["ref"] == "${{ github.ref }}"
        assert workflow["concurrency"]["cancel-in-progress"] == "false"


def test_upstream_has_one_name_everywhere() -> None:
    places = {
        DIGEST: r"github\.repository != '(.+?)'",
        ROOT / ".github/workflows/update.yml": r"github\.repository != '(.+?)'",
        ROOT / ".github/workflows/ci.yml": r"github\.repository == '(.+?)'",
        ROOT / ".github/scripts/update.py": r'UPSTREAM = "https://github\.com/(.+?)"',
        ROOT / ".github/scripts/refusals.py": r'REPORT = "https://github\.com/(.+?)/issues/new"',
        EXAMPLE: r"uses: (arxiv.+?)@v",
    }
    names = [re.findall(pattern, path.read_text("utf-8"), re.M) for path, pattern in places.items()]
    assert names == [[UPSTREAM]] * len(places)


def test_the_times_that_the_page_names() -> None:
    digest = schedule.load_schedule(ROOT)
    assert digest.workflow == "arXiv Bot Daily Update"
    assert digest.words == "At 08:17 and 13:47, Monday through Friday (UTC)"


def test_a_changed_config_template_or_prompt_runs_the_bot_at_once() -> None:
    assert load_yaml(DIGEST)["on"]["push"]["paths"] == ["config.json", "templates/**", "*prompt*"]


def test_the_action_knows_the_keys_that_the_workflow_knows() -> None:
    named = [
        re.findall(r"^ +(\w+_API_KEY):", path.read_text("utf-8"), re.M)
        for path in (DIGEST, ROOT / "action.yml")
    ]
    assert named[0] == named[1]
    assert "DASHSCOPE_API_KEY" in named[0]


@pytest.mark.parametrize(
    ("condition", "failed", "holds"),
    [
        ("a.b == 'x' && !a.c", False, True),
        ("${{ !a.c }}", True, False),
        ("failure() && (a.b != 'y' || a.c)", True, True),
        ("always()", True, True),
        ("a.b == 'it''s'", False, False),
    ],
)
def test_the_runner_reads_conditions_as_github_does(condition: str, failed: bool, holds: bool) -> None:
    assert evaluate(condition, {"a": {"b": "x"}, "failed": failed}) is holds


@pytest.mark.parametrize("condition", ["fromJSON('1')", "a.b == 1 +", "contains(a.b, 'x')", "nowhere.b"])
def test_the_runner_refuses_what_it_does_not_know(condition: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        evaluate(condition, {"a": {"b": "x"}, "failed": False})
