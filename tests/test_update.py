"""update.yml through several releases: a bare upstream, a bare fork, and the workflow's own steps."""

import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.host_runner import JobResult, Machine, Remote, check_out, git

ROOT = Path(__file__).resolve().parents[1]
WORKFLOW = ".github/workflows/update.yml"
UPSTREAM = "https://github.com/arxiv-papers-bot/arxiv-papers-bot"

CHECK = """\
import json, sys
assert sys.argv[1:] == ["--check"]
sys.exit(2 if "gone" in json.load(open("config.json")) and VERSION > 2 else 0)
"""
FIRST_RELEASE = {
    **{str(path.relative_to(ROOT)): path.read_text("utf-8") for path in ROOT.glob(".github/scripts/*.py")},
    WORKFLOW: (ROOT / WORKFLOW).read_text("utf-8"),
    ".github/update/action.yml": (ROOT / ".github/update/action.yml").read_text("utf-8"),
    ".github/workflows/digest.yml": "on:\n  schedule:\n    - cron: '17 8 * * 1-5'\n\n\n\nversion: 1\n",
    "README.md": "Fork me, release 1\n",
    "config.json": '{"release": 1}\n',
    "fetch_papers.py": "VERSION = 1\n" + CHECK,
    "paperbot/ranking/keywords.py": "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\n",
    "requirements.txt": "requests==1\n",
    "templates/README.md.j2": "page 1\n",
    "templates/summary_prompt.md.j2": "prompt 1\n",
}
REFUSED = "refusing to allow a GitHub App to create or update workflow without `workflows` permission"
THE_FORKS_OWN = {
    "README.md": "The digest of today\n",
    "config.json": '{"categories": ["cs.AI"]}\n',
    "archive/2025/2025-12.jsonl": "1\n",
    "site/rss.xml": "<rss/>\n",
    "templates/summary_prompt.md.j2": "my prompt\n",
    "my_prompt.txt": "mine as well\n",
}


def release(number: int) -> dict[str, str | None]:
    """A release changes everything but the workflows."""
    return {
        "README.md": f"Fork me, release {number}\n",
        "config.json": f'{{"release": {number}}}\n',
        "fetch_papers.py": f"VERSION = {number}\n" + CHECK,
        "paperbot/ranking/keywords.py": f"a = {number}\nb = 2\nc = 3\nd = 4\ne = 5\n",
        f"paperbot/module_{number}.py": "",
        "requirements.txt": f"requests=={number}\n",
        "templates/README.md.j2": f"page {number}\n",
        "templates/summary_prompt.md.j2": f"prompt {number}\n",
    }


@pytest.fixture
def upstream(tmp_path: Path) -> Remote:
    upstream = Remote(tmp_path / "upstream")
    upstream.commit({"README.md": "Before the first release\n"})
    upstream.commit(FIRST_RELEASE, "Release 1")
    return upstream


@pytest.fixture
def fork(tmp_path: Path, upstream: Remote) -> Remote:
    fork = Remote(tmp_path / "fork", copy_of=upstream)
    fork.refuse_pushes(
        REFUSED, 'test "$GITHUB_TOKEN" && git diff --name-only $old $new | grep -q ^.github/workflows/'
    )
    fork.commit(THE_FORKS_OWN, "Make it mine")
    return fork


Update = Callable[..., JobResult]


@pytest.fixture
def update(tmp_path: Path, upstream: Remote) -> Update:
    """Someone clicks "Run workflow", as often as they like."""
    runs = itertools.count(1)
    settings = tmp_path / "gitconfig"
    settings.write_text(f'[url "{upstream.url}"]\n  insteadOf = {UPSTREAM}\n')

    def run(fork: Remote, repository: str = "ada/papers") -> JobResult:
        github = {"repository": repository, "repository_id": "7", "token": "ghs_x"}
        machine = Machine(
            tmp_path / f"run{next(runs)}",
            github=github | {"ref": "refs/heads/main", "ref_name": "main"},
            environ={"GIT_CONFIG_GLOBAL": str(settings)},
            uses={"actions/checkout": check_out(fork.url)},
        )
        return machine.run_job(ROOT / WORKFLOW, "update")

    return run


def assert_is_release(fork: Remote, number: int) -> None:
    assert f"VERSION = {number}\n" in fork.read("fetch_papers.py")
    assert fork.read("requirements.txt") == f"requests=={number}\n"
    assert fork.read("templates/README.md.j2") == f"page {number}\n"
    assert f"paperbot/module_{number}.py" in fork.files()
    assert {name: fork.read(name) for name in THE_FORKS_OWN} == THE_FORKS_OWN


def test_release_after_release_comes_in_and_the_forks_own_stays(
    upstream: Remote, fork: Remote, update: Update
) -> None:
    for number in (2, 3, 4):
        upstream.commit(release(number), f"Release {number}")
        result = update(fork)
        assert result.conclusion == "success", result.log
        assert_is_release(fork, number)
        assert "templates/summary_prompt.md.j2" in result.summary
        assert fork.log("%an")[0] == "github-actions[bot]"
        fork.commit({"archive/2025/2025-12-25.md": f"The digest after release {number}\n"}, "A digest")
    # The button "Sync fork" has nothing left to do.
    assert "Already up to date" in git(fork.clone, "pull", "--no-rebase", upstream.url, "main")


def test_nothing_new_changes_nothing(fork: Remote, update: Update) -> None:
    before = fork.tip()
    result = update(fork)
    assert (result.conclusion, result.outcome("Commit it")) == ("success", "skipped")
    assert "There is nothing new." in result.log
    assert fork.tip() == before


def test_edits_of_the_fork_are_merged_and_upstreams_output_stays_out(
    upstream: Remote, fork: Remote, update: Update
) -> None:
    edited = "a = 1\nb = 2\nc = 3\nd = 4\ne = 'mine'\n"
    fork.commit({"paperbot/ranking/keywords.py": edited, "templates/README.md.j2": None})
    output = {"archive/2025/2025-12.jsonl": "theirs\n", "site/theirs.html": ""}
    upstream.commit(release(2) | output, "Release 2")
    assert update(fork).conclusion == "success"
    assert fork.read("paperbot/ranking/keywords.py") == "a = 2\nb = 2\nc = 3\nd = 4\ne = 'mine'\n"
    assert fork.read("archive/2025/2025-12.jsonl") == "1\n"
    assert {"templates/README.md.j2", "site/theirs.html"} & fork.files() == set()


SAME_LINES = {"paperbot/ranking/keywords.py": "a = 'mine'\nb = 2\nc = 3\nd = 4\ne = 5\n"}
EDIT = "https://github.com/ada/papers/edit/main/paperbot/ranking/keywords.py"


@pytest.mark.parametrize(
    ("mine", "words"),
    [
        (SAME_LINES, f"[Edit paperbot/ranking/keywords.py]({EDIT}): replace all by [the new text]"),
        ({"config.json": '{"gone": 1}\n'}, "The newest version does not accept your config.json"),
    ],
    ids=["the same lines", "a config that is refused"],
)
def test_a_version_that_does_not_fit_is_not_taken_and_the_place_is_named(
    upstream: Remote, fork: Remote, update: Update, mine: dict[str, str], words: str
) -> None:
    before = fork.commit(mine)
    upstream.commit(release(3), "Release 3")
    result = update(fork)
    assert (result.conclusion, result.outcome("Commit it")) == ("failure", "skipped")
    assert "::error title=The bot was not updated" in result.log
    assert words in result.log
    assert fork.tip() == before


def next_workflow() -> str:
    return FIRST_RELEASE[".github/workflows/digest.yml"].replace("version: 1", "version: 2")


BY_TREE = "git diff --name-only $old $new"
BY_COMMIT = (
    "git log --first-parent -m --name-only --format= $old..$new; git log --name-only --format= $old..$new"
)


@pytest.mark.parametrize("listing", [BY_TREE, BY_COMMIT], ids=["files", "history"])
def test_new_workflow_files_are_left_out_and_told(
    upstream: Remote, fork: Remote, update: Update, listing: str
) -> None:
    """Whether GitHub looks at the files alone or at each commit as well."""
    fork.refuse_pushes(REFUSED, f'test "$GITHUB_TOKEN" && ({listing}) | grep -q ^.github/workflows/')
    workflows: dict[str, str | None] = {
        ".github/workflows/digest.yml": next_workflow(),
        ".github/workflows/new.yml": "on: push\n",
    }
    upstream.commit(release(2) | workflows, "Release 2")
    result = update(fork)
    assert result.conclusion == "success", result.log
    assert_is_release(fork, 2)
    assert "version: 1" in fork.read(".github/workflows/digest.yml")
    assert ".github/workflows/new.yml" not in fork.files()
    home = "https://github.com/ada/papers"
    assert f"[Edit .github/workflows/digest.yml]({home}/edit/main/" in result.summary
    assert f"({home}/new/main?filename=.github/workflows/new.yml)" in result.summary
    upstream.commit(release(3), "Release 3")
    result = update(fork)
    assert result.conclusion == "success", result.log
    assert_is_release(fork, 3)
    assert "/edit/" not in result.summary.rpartition("Version ")[2]
    assert update(fork).outcome("Commit it") == "skipped"


def test_an_older_version_of_the_script_merged_the_workflow_files(
    tmp_path: Path, upstream: Remote, fork: Remote
) -> None:
    """Its workflow then runs the new version's `push`."""
    upstream.commit(release(2) | {".github/workflows/digest.yml": next_workflow()}, "Release 2")
    git(fork.clone, "pull", "--quiet", "--no-rebase", upstream.url, "main", "-X", "ours")
    script = str(ROOT / ".github/scripts/update.py")
    environ = os.environ | {"GITHUB_TOKEN": "ghs_x", "GITHUB_ACTIONS": "true", "GITHUB_REF_NAME": "main"}
    done = subprocess.run(
        [sys.executable, "-B", script, "push"], cwd=fork.clone, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert "VERSION = 2" in fork.read("fetch_papers.py")
    assert "version: 1" in fork.read(".github/workflows/digest.yml")
    assert "Edit .github/workflows/digest.yml" in done.stdout


def test_the_owners_own_computer_may_change_workflows(upstream: Remote, fork: Remote, update: Update) -> None:
    mine = FIRST_RELEASE[".github/workflows/digest.yml"].replace("17 8", "3 22")
    fork.commit({".github/workflows/digest.yml": mine})
    upstream.commit(release(2) | {".github/workflows/digest.yml": next_workflow()}, "Release 2")
    git(fork.clone, "pull", "--quiet")
    git(fork.clone, "config", f"url.{upstream.url}.insteadOf", UPSTREAM)
    git(fork.clone, "-c", "alias.run=!python3 -B .github/scripts/update.py merge", "run")
    git(fork.clone, "push", "--quiet", "origin", "main")
    assert_is_release(fork, 2)
    assert fork.read(".github/workflows/digest.yml") == mine.replace("version: 1", "version: 2")


def test_a_copy_made_by_use_this_template_and_outages(
    tmp_path: Path, upstream: Remote, update: Update
) -> None:
    copy = Remote(tmp_path / "copy")
    copy.commit(FIRST_RELEASE, "Initial commit")
    copy.commit(THE_FORKS_OWN, "Make it mine")
    for number in (2, 3):
        upstream.commit(release(number), f"Release {number}")
        copy.fail_pushes(1, "remote: Internal Server Error")
        result = update(copy)
        assert result.conclusion == "success", result.log
        assert_is_release(copy, number)


def test_a_repository_that_never_was_a_copy(tmp_path: Path, upstream: Remote, update: Update) -> None:
    other = Remote(tmp_path / "other")
    before = other.commit(FIRST_RELEASE | {"README.md": "Not quite the same\n"})
    result = update(other)
    assert result.conclusion == "failure"
    assert "shares no history" in result.log
    assert other.tip() == before


def test_a_branch_that_moved_meanwhile_is_left_alone(
    tmp_path: Path, upstream: Remote, fork: Remote, update: Update
) -> None:
    upstream.commit(
        {"fetch_papers.py": f"import subprocess\nsubprocess.run(['sh', '{tmp_path}/meanwhile'])\n"}
    )
    git(fork.clone, "config", "user.name", "Ada")
    git(fork.clone, "config", "user.email", "ada@example.org")
    (tmp_path / "meanwhile").write_text(
        f"cd {fork.clone}\ngit pull -q origin main\n"
        "echo edited > config.json\ngit commit -qam Edit\ngit push -q origin main\n"
    )
    result = update(fork)
    assert result.conclusion == "failure"
    assert "main has changed in the meantime. Please run it again" in result.log
    assert fork.read("config.json") == "edited\n"


def test_upstream_does_not_update_itself(upstream: Remote, update: Update) -> None:
    assert update(upstream, "arxiv-papers-bot/arxiv-papers-bot").conclusion == "skipped"
