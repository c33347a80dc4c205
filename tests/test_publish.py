"""start_archive.py and publish.py, run as the workflow runs them, against a bare repository."""

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from paperbot.archive.manifest import write_manifest
from tests.support.host_runner import Remote, git

SCRIPTS = Path(__file__).resolve().parents[1] / ".github" / "scripts"
BEFORE = {
    ".gitignore": "site/\n",
    "README.md": "yesterday\n",
    "config.json": "{}\n",
    "archive/2025/2025-12-24.md": "yesterday\n",
    "archive/2025/2025-12.jsonl": "1\n",
    "site/rss/cs.AI.xml": "<rss/>\n",
}
RUN = {
    "README.md": "today\n",
    "archive/2025/2025-12-25.md": "today\n",
    "archive/2025/2025-12.jsonl": "1\n2\n",
    "site/index.html": "<html>\n",
}


OUTAGES = [
    "! [remote rejected] main -> main (failure)",
    "remote: fatal error in commit_refs",
    "remote: Internal Server Error",
    "! [remote rejected] main -> main (Internal Server Error)",
    "error: remote unpack failed: unpacker error",
    "! [remote failure] main -> main (remote failed to report status)",
    "fatal: unable to access 'https://github.com/': The requested URL returned error: 503",
    "error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502",
    "fatal: the remote end hung up unexpectedly; early EOF",
    "fatal: unable to access 'https://github.com/': Could not resolve host: github.com",
    "fatal: unable to access 'https://github.com/': Recv failure: Connection reset by peer",
    "fatal: unable to access 'https://github.com/': Failed to connect to github.com port 443: Timed out",
    "error: RPC failed; curl 92 HTTP/2 stream 5 was not closed cleanly: CANCEL (err 8)",
    "fatal: unable to access 'https://github.com/': GnuTLS recv error (-110)",
    "The requested URL returned error: 429",
    "remote: Service unavailable, try again later. ! [remote rejected] (pre-receive hook declined)",
]
GH013 = "remote: error: GH013: Repository rule violations found for refs/heads/main.\nremote:\nremote: - "
RULESETS = "Settings > Rules > Rulesets"
REFUSALS = [
    ("remote: Permission to ada/papers.git denied to github-actions[bot].", "Read and write permissions"),
    (
        "remote: Repository not found.\nfatal: repository 'https://github.com/a/b/' not found",
        "renew the secret",
    ),
    (
        "fatal: unable to access 'https://github.com/': The requested URL returned error: 403",
        "Read and write",
    ),
    ("remote: Write access to repository not granted.", "Read and write permissions"),
    ("! HEAD:main [remote rejected] (protected branch hook declined)", "Settings > Branches"),
    (
        "remote: error: GH006: Protected branch update failed\nremote: error: Review is required.",
        "(Review is",
    ),
    (
        GH013 + "Changes must be made through a pull request.   ",
        "(Changes must be made through a pull request)",
    ),
    (GH013 + "Commits must have verified signatures.", "(Commits must have verified"),
    (GH013 + "2 of 2 required status checks are expected.", "(2 of 2 required status"),
    (GH013 + "Cannot force-push to this branch", RULESETS),
    (GH013 + "GITHUB PUSH PROTECTION", "push protection"),
    ("remote: error: GH001: Large files detected.", "100 MB"),
    ("remote: error: GH007: Your push would publish a private email address.", "private e-mail address"),
    ("remote: This repository was archived so it is read-only.\nerror: 403", "Unarchive it"),
    ("remote: Repository disabled. Please ask the owner to check their account.\nerror: 403", "disabled"),
    ("remote: Your account is suspended.\nerror: 403", "support.github.com"),
    ("batch response: This repository is over its data quota.", "data quota"),
    ("remote: The 'x' organization has enabled or enforced SAML SSO.\nerror: 403", "organisation"),
    ("refusing to allow a GitHub App to create or update workflow `.github/a.yml`", "no workflow"),
    (
        "remote: Invalid username or token.\nfatal: Authentication failed for 'https://github.com/'",
        "the token",
    ),
]


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    remote = Remote(tmp_path / "github")
    remote.commit({"old": ""}, "Before the first page")
    remote.commit(BEFORE, "Yesterday")
    return remote


@pytest.fixture
def checkout(tmp_path: Path, remote: Remote) -> Path:
    git(tmp_path, "clone", "--quiet", "--depth=1", remote.url, "checkout")
    return tmp_path / "checkout"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def record(root: Path, files: dict[str, str], site_branch: str | None = None) -> None:
    """Write the files as a run does, with its list of them."""
    write(root, files)
    write_manifest(root, files, site_branch)


def run(checkout: Path, script: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(checkout.parent),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GITHUB_ACTIONS": "true",
        "GITHUB_REF_NAME": "main",
        "GITHUB_REPOSITORY": "ada/papers",
        "GITHUB_REPOSITORY_ID": "7",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_STEP_SUMMARY": str(checkout.parent / "summary.md"),
        "PAPERBOT_SHOWN": "30",
        "PAPERBOT_SUMMARISED": "15",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, SCRIPTS / script, *arguments],
        cwd=checkout,
        env=variables | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_nothing_else_is_committed_and_the_checkout_stays_as_it_is(remote: Remote, checkout: Path) -> None:
    others = {
        "config.json": "changed\n",
        "note.txt": "",
        "archive/.lock": "",
        "archive/.unfinished.jsonl": "",
        "archive/2025/.2025-12.jsonl.tmp": "",
        "archive/2025/notes.md": "mine",
        "site/draft.html": "mine",
        "site/.DS_Store": "",
    }
    record(checkout, RUN)
    write(checkout, others)
    state = [("status", "--porcelain", "--untracked-files=all"), ("rev-parse", "HEAD")]
    before = [git(checkout, *command) for command in state]
    assert run(checkout, "publish.py").returncode == 0
    assert remote.files() == set(BEFORE) | set(RUN) | {"old"}
    assert remote.read("config.json") == BEFORE["config.json"]
    assert [git(checkout, *command) for command in state] == before


def test_a_run_without_a_page_has_nothing_to_commit(tmp_path: Path) -> None:
    remote = Remote(tmp_path / "empty")
    before = remote.commit({"config.json": "{}"})
    git(tmp_path, "clone", "--quiet", "--depth=1", remote.url, "checkout")
    assert run(tmp_path / "checkout", "publish.py").returncode == 0
    assert remote.tip() == before


def test_names_of_any_kind(remote: Remote, checkout: Path) -> None:
    names = ["site/two words.xml", "site/论文.xml", "site/a\tb", 'site/"quoted"', "site/-m"]
    record(checkout, dict.fromkeys(names, "x"))
    assert run(checkout, "publish.py").returncode == 0
    assert set(names) < remote.files()


def test_our_whole_files_go_on_top_of_a_branch_that_moved(remote: Remote, checkout: Path) -> None:
    record(checkout, RUN)
    meanwhile = {"config.json": '{"max_papers": 5}\n', "README.md": "by hand\n", "archive/notes.md": "mine\n"}
    moved = remote.commit(meanwhile)
    assert run(checkout, "publish.py").returncode == 0
    assert remote.log("%P")[0] == moved
    kept = {name: meanwhile[name] for name in ("config.json", "archive/notes.md")}
    assert {name: remote.read(name) for name in RUN | kept} == RUN | kept


def test_a_push_that_comes_second_is_tried_again(remote: Remote, checkout: Path) -> None:
    record(checkout, RUN)
    write(remote.clone, {"config.json": "edited at that very moment\n"})
    git(remote.clone, "commit", "--quiet", "--all", "-m", "Edit")
    hook = checkout / ".git/hooks/pre-push"
    hook.write_text(f"#!/bin/sh\nrm -- \"$0\"\ngit -C '{remote.clone}' push --quiet origin main\n")
    hook.chmod(0o755)
    done = run(checkout, "publish.py")
    assert done.returncode == 0, done.stdout
    assert "rejected] (" in done.stdout
    assert remote.read("config.json") == "edited at that very moment\n"
    assert remote.read("README.md") == RUN["README.md"]


def test_a_full_clone_is_never_made_shallow(tmp_path: Path, remote: Remote) -> None:
    git(tmp_path, "clone", "--quiet", remote.url, "full")
    remote.commit({"config.json": "edited\n"})
    record(tmp_path / "full", RUN, "site")
    assert run(tmp_path / "full", "publish.py").returncode == 0
    assert git(tmp_path / "full", "rev-parse", "--is-shallow-repository").strip() == "false"


@pytest.mark.parametrize(
    "link", ["README.md", "archive", "archive/2025", "site", "archive/2025/2025-12.jsonl"]
)
def test_a_symbolic_link_is_refused(remote: Remote, checkout: Path, link: str) -> None:
    record(checkout, RUN)
    before, outside = remote.tip(), checkout.parent / "outside"
    (checkout / link).rename(outside)
    (checkout / link).symlink_to(outside)
    done = run(checkout, "publish.py")
    assert (done.returncode, remote.tip()) == (1, before)
    assert f"{link} is a symbolic link" in done.stdout
    if not link.endswith("jsonl"):
        assert run(checkout, "start_archive.py").returncode == 1


@pytest.mark.parametrize(
    ("damage", "root", "words"),
    [
        ("rm -r archive; touch archive", ".", "Rename or delete that file"),
        ("printf '\\377' > archive/repository.txt", ".", "Rename or delete that file"),
        ("true", "../elsewhere", "outside of the repository"),
        ("rm -rf .git", ".", "not a git repository"),
    ],
)
def test_what_is_in_the_way_of_the_archive_is_named(
    checkout: Path, damage: str, root: str, words: str
) -> None:
    subprocess.run(damage, shell=True, cwd=checkout, check=True)
    done = run(checkout, "start_archive.py", "--root", root)
    assert (done.returncode, "Traceback" in done.stdout) == (1, False)
    assert "::error title=The archive cannot begin::" in done.stdout
    assert words in (checkout.parent / "summary.md").read_text("utf-8")
    assert not (checkout.parent / "elsewhere").exists()


def test_a_root_behind_a_symbolic_link_is_refused(checkout: Path) -> None:
    (checkout.parent / "outside").mkdir()
    (checkout / "papers").symlink_to(checkout.parent / "outside")
    done = run(checkout, "start_archive.py", "--root", "papers")
    assert done.returncode == 1
    assert "papers is a symbolic link" in done.stdout
    assert not any((checkout.parent / "outside").iterdir())


@pytest.fixture
def publish(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")  # the bot commits under its own name
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield importlib.import_module("publish")
    for name in ("publish", "site_branch", "output", "github", "refusals"):
        sys.modules.pop(name)


def test_the_token_goes_to_the_server_alone_and_once(
    publish: Any,
    checkout: Path,
    httpserver: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    seen: list[list[str]] = []

    def answer(request: Request) -> Response:
        seen.append([value for name, value in request.headers if name == "Authorization"])
        return Response("gone", 404)

    httpserver.expect_request("/ada/papers/info/refs").respond_with_handler(answer)
    server = httpserver.url_for("/").rstrip("/")
    git(checkout, "remote", "set-url", "origin", f"{server}/ada/papers")
    git(checkout, "config", f"http.{server}/.extraheader", "AUTHORIZATION: basic left-by-checkout")
    settings = (checkout / ".git/config").read_text("utf-8")
    record(checkout, RUN)
    environ = {"GITHUB_REF_NAME": "main", "GITHUB_SERVER_URL": server, "GITHUB_TOKEN": "ghs_secret"}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(checkout)
    monkeypatch.setattr(sys.modules["github"], "PAUSES_SECONDS", ())
    assert publish.main([]) == 1
    assert seen == [["basic eC1hY2Nlc3MtdG9rZW46Z2hzX3NlY3JldA=="]]
    assert not re.search("secret|eC1hY2Nlc3", "".join(capfd.readouterr()))
    assert (checkout / ".git/config").read_text("utf-8") == settings


@pytest.mark.parametrize("answer", OUTAGES)
def test_an_outage_is_survived_with_growing_pauses(
    publish: Any, remote: Remote, checkout: Path, answer: str
) -> None:
    remote.fail_pushes(3, answer)
    record(checkout, RUN)
    pauses: list[float] = []
    lines = publish.read_main_changes(checkout, publish.read_output(checkout)).lines
    commit = publish.publish(checkout, "main", lines, "Digest", pauses.append)
    assert commit == remote.tip()
    assert pauses == sorted(pauses)
    assert len(pauses) == 3


def test_an_outage_that_does_not_end_is_reported(publish: Any, remote: Remote, checkout: Path) -> None:
    git(checkout, "remote", "set-url", "origin", str(checkout / "nowhere"))
    pauses: list[float] = []
    with pytest.raises(publish.Unreachable, match="(?s)nowhere.*githubstatus.*Re-run failed jobs"):
        publish.publish(checkout, "main", {"README.md": ""}, "Digest", pauses.append)
    assert pauses == [2, 5, 15, 40, 90, 180]


def test_a_commit_on_an_older_tip_is_told_from_a_refusal(
    publish: Any, remote: Remote, checkout: Path
) -> None:
    remote.commit({"config.json": "edited\n"})
    with pytest.raises(publish.BranchMoved, match="fetch first"):
        publish.push(checkout, "HEAD", "main")


@pytest.mark.parametrize(
    ("paths", "figures", "message"),
    [
        (["archive/2025/2025-12-25.md"], {"PAPERBOT_SHOWN": "1"}, "Digest of 2025-12-25: 1 shown"),
        (["papers/archive/2025/2025-12-25.md"], {}, "Digest of 2025-12-25"),
        (["archive/2025/2025-12-24.md", "archive/2025/2025-12-25.md"], {}, "Digest of 2025-12-25"),
        (["README.md", "archive/days.jsonl"], {"PAPERBOT_SHOWN": "30"}, "Update the page: no new papers"),
        (["archive/2025/2025-12-25.md"], {"PAPERBOT_SHOWN": "$(id)\n[x](y)"}, "Digest of 2025-12-25"),
        (["archive/2025/2025-12-25.md"], {"PAPERBOT_SHOWN": "٣"}, "Digest of 2025-12-25"),
    ],
)
def test_the_commit_message(publish: Any, paths: list[str], figures: dict[str, str], message: str) -> None:
    assert publish.commit_message(paths, figures) == message


@pytest.mark.parametrize(("said", "advice"), REFUSALS)
def test_each_refusal_has_its_own_advice(publish: Any, said: str, advice: str) -> None:
    explained = importlib.import_module("refusals").explain_refusal(said, "main")
    assert advice in explained
    assert explained.endswith('"Re-run failed jobs" on the page of this run).')


@pytest.mark.parametrize("name", ["ada/papers", "ada/renamed"])
def test_an_archive_of_ones_own_stays(checkout: Path, name: str) -> None:
    run(checkout, "start_archive.py")
    assert run(checkout, "start_archive.py", GITHUB_REPOSITORY=name).stdout == ""
    assert (checkout / "archive/2025/2025-12.jsonl").exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ufeff7 ada/papers\n",
        "<<<<<<< HEAD\n7 ada/papers\n=======\n7 ada/renamed\n>>>>>>> other\n",
        "<<<<<<< HEAD\n6 grace/papers\n=======\n7 ada/papers\n>>>>>>> other\n",
        "edited by hand\n",
    ],
)
def test_a_damaged_name_of_the_owner_costs_no_archive(checkout: Path, text: str) -> None:
    owner = checkout / "archive/repository.txt"
    owner.write_text(text, "utf-8")
    assert run(checkout, "start_archive.py").stdout == ""
    assert (checkout / "archive/2025/2025-12.jsonl").exists()
    assert owner.read_text("utf-8-sig") == "7 ada/papers\n"
