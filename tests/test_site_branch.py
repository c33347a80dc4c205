"""The site's own branch over days of runs: real repositories, and the scripts as the workflow runs them."""

import json
import shutil
from pathlib import Path

import pytest

from paperbot.render.feeds import FAREWELL
from paperbot.sample import SAMPLE_CLOCKS, SampleWorld
from tests.support.fork import Fork
from tests.support.host_runner import Remote, git
from tests.test_publish import record, run, write

INDEX = '{"format":1,"months":[]}'
OLD_SITE = {
    "site/index.html": "<html>old",
    "site/papers.json": INDEX,
    "site/rss.xml": "<rss>old",
    "site/rss/cs.AI.xml": "<rss>old",
    "site/papers/2025-11.json": "november",
}


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    remote = Remote(tmp_path / "github")
    remote.commit({"README.md": "Fork me\n", "config.json": "{}\n"}, "The bot")
    return remote


class Days:
    """Each day a new machine checks out the branch, runs the bot and publishes."""

    def __init__(self, folder: Path, remote: Remote, root: str = ".") -> None:
        self.folder, self.remote, self.root, self.number = folder, remote, root, 0

    def begin(self) -> Path:
        """Check out and start; the root."""
        self.number += 1
        git(self.folder, "clone", "--quiet", "--depth=1", self.remote.url, f"day{self.number}")
        self.checkout = self.folder / f"day{self.number}"
        done = run(self.checkout, "start_archive.py", "--root", self.root)
        assert done.returncode == 0, done.stdout
        return self.checkout / self.root

    def end(self, months: list[str], branch: str | None = "site", ends_with: int = 0) -> str:
        """Write what a run writes that changes these months, and publish; the log."""
        files = {
            "README.md": f"day {self.number}",
            **{f"archive/2025/{month}.jsonl": f"{self.number}" for month in months},
            **{f"site/papers/{month}.json": f"{self.number}" for month in months},
            "site/papers.json": INDEX,
            "site/index.html": "<html>",
            "site/rss.xml": f"<rss>{self.number}",
            "site/status.json": "{}",
        }
        record(self.checkout / self.root, files, branch)
        done = run(self.checkout, "publish.py", "--root", self.root)
        assert done.returncode == ends_with, done.stdout
        return done.stdout

    def run(self, *months: str, branch: str | None = "site") -> str:
        self.begin()
        return self.end(list(months), branch)


@pytest.fixture
def days(tmp_path: Path, remote: Remote) -> Days:
    return Days(tmp_path, remote)


def commits(remote: Remote, branch: str) -> list[str]:
    return git(remote.bare, "log", "--format=%P|%an", branch).splitlines()


def test_the_site_is_one_commit_and_main_has_none_of_it(remote: Remote, days: Days) -> None:
    for number in range(1, 5):
        log = days.run("2025-11" if number < 3 else "2025-12")
        assert "The site is on the branch site" in log
        assert commits(remote, "site") == ["|github-actions[bot]"]
    assert not [path for path in remote.files() if path.startswith("site/")]
    assert remote.read("papers/2025-11.json", "site") == "2"
    assert remote.read("papers/2025-12.json", "site") == "4"
    assert {".nojekyll", "vercel.json", "index.html", "rss.xml"} <= remote.files("site")
    assert json.loads(remote.read("vercel.json", "site"))["outputDirectory"] == "."


def test_the_run_begins_with_the_site_of_the_same_archive_and_with_no_other(
    remote: Remote, days: Days
) -> None:
    days.run("2025-12")
    assert (days.begin() / "site/papers/2025-12.json").read_text() == "1"
    remote.commit({"archive/2025/2025-12.jsonl": "edited by hand"})
    assert not (days.begin() / "site").exists()
    days.end(["2025-12"])
    (days.begin() / "site/rss.xml").unlink()  # as a feed that the run takes away
    record(days.checkout, {"README.md": "x", "site/index.html": "x"}, "site")
    assert run(days.checkout, "publish.py").returncode == 0
    assert "rss.xml" not in remote.files("site")


def test_a_site_that_could_not_be_published_is_complete_after_the_next_run(
    remote: Remote, days: Days
) -> None:
    days.run("2025-11")
    days.begin()
    remote.refuse_pushes("error: GH013: Repository rule violations found", 'test "$ref" = refs/heads/site')
    log = days.end(["2025-11"], ends_with=1)
    assert "::error title=The digest is committed%2C but not its site::" in log
    assert remote.read("README.md") == "day 2"
    (remote.bare / "hooks/pre-receive").unlink()
    assert not (days.begin() / "site").exists(), "the run renders all of it"
    days.end(["2025-11", "2025-12"])
    assert remote.read("papers/2025-11.json", "site") == "3"


def test_a_second_runner_and_an_outage(remote: Remote, days: Days, tmp_path: Path) -> None:
    days.run("2025-12")
    days.begin()
    other = Days(tmp_path / "other", remote)
    other.folder.mkdir()
    other.run("2025-11")
    remote.fail_pushes(1, "remote: fatal error in commit_refs")
    days.end(["2025-12"])
    assert {"archive/2025/2025-11.jsonl", "archive/2025/2025-12.jsonl"} <= remote.files()
    assert not (days.begin() / "site").exists(), "made from another archive than main now has"


@pytest.mark.parametrize("branch", ["site", "main"])
def test_a_branch_that_the_bot_did_not_make_is_left_alone(remote: Remote, days: Days, branch: str) -> None:
    git(remote.clone, "push", "--quiet", "origin", "main:site")
    before = remote.tip("site")
    days.begin()
    log = days.end(["2025-12"], branch, ends_with=1)
    assert "did not make" in log or "Write another name" in log
    assert remote.tip("site") == before
    assert remote.read("README.md") == "day 1"


def test_two_folders_of_one_repository_need_two_branches(tmp_path: Path, remote: Remote, days: Days) -> None:
    days.run("2025-12")
    other = Days(tmp_path / "other", remote, "papers")
    other.folder.mkdir()
    other.begin()
    assert "holds the site of the folder ./" in other.end(["2025-12"], ends_with=1)
    other.run("2025-12", branch="papers-site")
    assert remote.read("papers/README.md") == "day 2"
    assert remote.read("papers/2025-12.json", "papers-site") == "2"


def test_a_site_on_main_moves_over_and_its_feeds_say_where(remote: Remote, days: Days) -> None:
    own = {"site/my-notes.html": "mine", "site/.keep": ""}
    remote.commit(OLD_SITE | own | {"archive/2025/2025-11.jsonl": "1"})
    days.run("2025-12")
    assert remote.read("papers/2025-11.json", "site") == "november"
    new = "https://github.com/ada/papers/raw/refs/heads/site/rss"
    assert f"<link>{new}.xml</link>" in remote.read("site/rss.xml")
    assert f"<link>{new}/cs.AI.xml</link>" in remote.read("site/rss/cs.AI.xml")
    kept = {"index.html", "status.json", "rss.xml", "rss/cs.AI.xml", "my-notes.html", ".keep"}
    assert {path for path in remote.files() if path.startswith("site/")} == {f"site/{name}" for name in kept}
    assert not {"my-notes.html", ".keep"} & remote.files("site")
    summary = days.folder / "summary.md"
    assert "## The site has moved to the branch `site`" in summary.read_text("utf-8")
    summary.unlink()
    before = remote.read("site/rss.xml")
    days.run("2025-12")
    assert remote.read("site/rss.xml") == before
    assert "has moved" not in summary.read_text("utf-8")
    assert remote.read("papers/2025-11.json", "site") == "november"


def test_a_folder_site_of_ones_own_stays(remote: Remote, days: Days) -> None:
    own = {"site/index.html": "my homepage", "site/rss.xml": "my blog"}
    remote.commit(own)
    days.run("2025-12")
    assert {path: remote.read(path) for path in own} == own
    assert remote.read("index.html", "site") == "<html>"
    days.begin()
    assert "::warning title=Files of yours in site/::" in days.end(["2025-12"], None)
    assert {path: remote.read(path) for path in own} == own


def test_back_to_main(remote: Remote, days: Days) -> None:
    remote.commit(OLD_SITE | {"archive/2025/2025-11.jsonl": "1", "config.json": '{"site": {"branch": null}}'})
    days.run("2025-12", branch="site")
    days.begin()
    days.end(["2025-11", "2025-12"], None)
    assert remote.read("site/papers/2025-11.json") == "2"
    assert remote.read("site/rss.xml") == "<rss>2"


def test_a_run_on_another_branch_leaves_the_site_alone(remote: Remote, days: Days) -> None:
    days.run("2025-12")
    before = remote.tip("site")
    git(remote.clone, "push", "--quiet", "origin", "HEAD:refs/heads/try-out")
    days.begin()
    record(days.checkout, {"README.md": "trying", "site/index.html": "trying"}, "site")
    done = run(days.checkout, "publish.py", GITHUB_REF_NAME="try-out")
    assert done.returncode == 0, done.stdout
    assert remote.tip("site") == before
    assert remote.read("README.md", "try-out") == "trying"


def test_the_bots_own_days(remote: Remote, days: Days, tmp_path: Path) -> None:
    """The site is what rendering the whole archive gives, though each run writes only what changes."""
    for clock in SAMPLE_CLOCKS:
        root = days.begin()
        with SampleWorld(clock) as world:
            fork = Fork.of_sample(root, world)
            assert fork.run(clock).code == 0
        assert run(days.checkout, "publish.py").returncode == 0
    days.begin()
    shutil.copytree(days.checkout / "site", tmp_path / "site")
    shutil.rmtree(days.checkout / "site")
    fork.root, fork.config = days.checkout, days.checkout / "config.json"
    fork.change()
    assert fork.run(SAMPLE_CLOCKS[-1], "--rerender").code == 0
    whole = fork.published()
    site = {path for path in whole if path.startswith("site/")}
    assert {path: (tmp_path / path).read_bytes() for path in site} == {path: whole[path] for path in site}
    assert len(remote.files("site")) == len(site) + 2
    assert "README.md" in remote.files()
    assert not any(path.startswith("site/") for path in remote.files())


def test_a_removed_topics_feed_says_so_for_a_month_and_goes(remote: Remote, days: Days) -> None:
    topics = [{"name": name, "keywords": ["LLM", "attention"]} for name in ("Inference", "Training")]
    said: list[list[bool | None]] = []
    last = SAMPLE_CLOCKS[-1]
    for clock, kept in ((SAMPLE_CLOCKS[0], 2), (last, 1), (last + FAREWELL, 1)):
        root = days.begin()
        with SampleWorld(clock) as world:
            fork = Fork.of_sample(root, world)
            fork.change(topics=topics[:kept])
            assert fork.run(clock, "--no-summaries").code == 0
        assert run(days.checkout, "publish.py").returncode == 0
        feeds = [f"rss/topic-training.{ending}" for ending in ("xml", "json")]
        there = remote.files("site")
        said.append(["was removed" in remote.read(feed, "site") if feed in there else None for feed in feeds])
        if clock == last:
            assert remote.read("rss/topic-training.bib", "site").strip() == ""
    assert said == [[False] * 2, [True] * 2, [None] * 2]
    assert {"rss/topic-inference.xml", "rss.xml"} <= remote.files("site")
    assert not {"rss/topic-training.json", "rss/topic-training.bib"} & remote.files("site")


def test_a_fork_of_a_fork_does_not_take_over_the_site(remote: Remote, days: Days) -> None:
    days.run("2025-12")
    days.begin()
    shutil.rmtree(days.checkout / "site")
    done = run(days.checkout, "start_archive.py", GITHUB_REPOSITORY_ID="8", GITHUB_REPOSITORY="grace/papers")
    assert "A new archive begins" in done.stdout
    assert not (days.checkout / "site").exists()
    write(days.checkout, {"README.md": "theirs"})
    days.end(["2026-01"])
    assert "papers/2025-12.json" not in remote.files("site")
