"""The digest as a mail: sent through Apprise to a real SMTP server on this machine, and read again."""

import datetime as dt
import email
import email.policy
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import lxml.html
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from paperbot.archive import Archive
from paperbot.model import Change, ChangeKind, Entry, Likeness, LikenessBasis, Match, Score, TlDr
from paperbot.ranking.picks import PickKind
from paperbot.render.mail import MAX_HTML_BYTES, mail_digest, render_mail
from paperbot.render.repository import RepositoryInfo
from paperbot.sample import SAMPLE_CLOCKS, SampleWorld
from tests.support import invented
from tests.support.fork import Fork, Ran
from tests.support.hostile import hostile_texts
from tests.support.invented import TEMPLATES

MONDAY = SAMPLE_CLOCKS[0]
MAX_MESSAGE_BYTES = 100_000
"""Gmail shows only the beginning of a longer one."""
IN_ACTIONS = {"GITHUB_REPOSITORY": "ada/papers", "GITHUB_RUN_ID": "77"}
ELEMENTS = {"html", "head", "meta", "title", "body", "div", "h1", "h2", "p", "a", "ul", "li"}


class Mailbox:
    """Keeps what the server takes."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.messages.append(envelope.content)
        return "250 taken"

    def mail(self) -> EmailMessage:
        """The only one."""
        (message,) = self.messages
        return email.message_from_bytes(message, policy=email.policy.default)


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    """And its address for Apprise."""
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield box, f"mailto://127.0.0.1:{port}?from=bot@example.org&to=secret-ada@example.org"
    finally:
        server.stop()


@pytest.fixture
def fork(tmp_path: Path) -> Iterator[Fork]:
    with SampleWorld(MONDAY) as world:
        yield Fork.of_sample(tmp_path / "fork", world)


def run(fork: Fork, addresses: str, clock: dt.datetime = MONDAY) -> Ran:
    given = {"APPRISE_URLS": addresses, "GITHUB_WORKSPACE": str(fork.root), **IN_ACTIONS}
    return fork.run(clock, "--no-summaries", **given)


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def test_mail_addresses_get_html_and_text_and_the_others_text(
    fork: Fork, mailbox: tuple[Mailbox, str], httpserver: HTTPServer
) -> None:
    box, address = mailbox
    told: list[str] = []

    def take(request: Request) -> Response:
        told.append(request.get_json()["message"])
        return Response()

    httpserver.expect_request("/x").respond_with_handler(take)
    fork.change(mail=True)
    ran = run(fork, f"{address} json://{httpserver.host}:{httpserver.port}/x")
    assert ran.code == 0 and "did not get out" not in ran.said
    assert box.mail()["Subject"] == "8 new on arXiv, 2025-12-22"
    html, text = part(box.mail(), "html"), part(box.mail(), "plain")
    entries = fork.entries()
    assert len(entries) == 8
    for entry in entries:
        assert f"https://arxiv.org/abs/{entry['id']}" in html
    assert "Draft Horses: Speculative Decoding with a Stable of Tiny Models" in html
    assert "Draft Horses: Speculative Decoding with a Stable of Tiny Models" in text
    assert "https://github.com/ada/papers/blob/HEAD/README.md" in html
    assert len(box.messages[0]) < MAX_MESSAGE_BYTES
    assert "<" not in told[0] and told[0].startswith("1. Draft Horses")
    files = "".join(path.read_text("utf-8", "replace") for path in fork.root.rglob("*") if path.is_file())
    assert "secret-ada" not in ran.said + files


def test_without_the_setting_a_mail_is_text_as_before(fork: Fork, mailbox: tuple[Mailbox, str]) -> None:
    box, address = mailbox
    assert run(fork, address).code == 0
    assert box.mail().get_body(("html",)) is None
    assert "1. Draft Horses" in part(box.mail(), "plain")


def test_a_mistake_in_the_template_is_found_before_the_run(fork: Fork, mailbox: tuple[Mailbox, str]) -> None:
    own = fork.root / "templates" / "mail.html.j2"
    own.parent.mkdir(exist_ok=True)
    own.write_text("{{ page.weather }}", "utf-8")
    ran = run(fork, mailbox[1])
    assert ran.code == 2 and "templates/mail.html.j2, line 1" in ran.said
    assert not mailbox[0].messages and not (fork.root / "README.md").exists()


def test_a_fault_in_the_mail_sends_the_text(
    fork: Fork, mailbox: tuple[Mailbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise RuntimeError("broken")

    monkeypatch.setattr("paperbot.notify.render_mail", broken)
    box, address = mailbox
    fork.change(mail=True)
    assert run(fork, address).code == 0
    assert "1. Draft Horses" in part(box.mail(), "plain")


# What is in it


def by_topic(*names: str) -> list[Entry]:
    return [
        replace(entry, topic=names[entry.rank % len(names)])
        for entry in invented.archive().of(invented.TODAY)
    ]


def html_of(digest: list[Entry]) -> str:
    return html_from(Archive(runs=invented.archive().runs).with_entries(digest))


def html_from(archive: Archive, repository: RepositoryInfo = invented.REPOSITORY, url: str = "") -> str:
    whole = mail_digest(archive, invented.TODAY, invented.CONFIG, repository)
    return render_mail(TEMPLATES, whole, "88 new on arXiv", url=url)


def test_by_topic_with_tldr_and_the_score_in_words() -> None:
    digest = by_topic("Inference", "Systems & <ML>")
    author = Match("Ada", 0.5, False, False, author=True)
    score = Score(4.5, (Match("MoE", 3, True, True), Match("RL", 1, False, True), author))
    digest[0] = replace(digest[0], tldr=TlDr("One sentence."), score=score)
    starred = {digest[0].paper.id, digest[-1].paper.id}
    repository = replace(invented.REPOSITORY, picks=dict.fromkeys(starred, PickKind.STAR))
    archive = Archive().with_entries(digest)
    html = html_from(archive, repository, url="https://example.org/x?a=b&c")
    root = lxml.html.fromstring(html)
    assert [heading.text_content() for heading in root.xpath("//h2")] == [
        "Systems & <ML> (44)",
        "Inference (44)",
    ]
    words = " ".join(root.text_content().split())
    assert "One sentence. 4.5 points: MoE (title), RL, Ada (author) · cs.LG · " in words
    assert {
        url.rpartition("/")[2] for url in root.xpath("//a[preceding-sibling::text()[contains(., '★')]]/@href")
    } == starred
    assert root.xpath("count(//a[contains(@href, '/pdf/')])") == 30
    assert root.xpath("count(//li)") == 58
    assert root.xpath("//p/a/@href")[0] == "https://example.org/x?a=b&c"


def test_related_papers_what_changed_and_links_to_pick_a_paper() -> None:
    best, _, related, changed = by_topic("")[:4]
    change = Change(ChangeKind.ACCEPTED, invented.TODAY, "ICML <2026>")
    changed = replace(changed, digest_date=invented.TODAY - dt.timedelta(days=9), changes=(change,))
    liked = Likeness(2.6, LikenessBasis.PICKS, {"kernels": 2.0, "<b>": 0.6})
    related = replace(related, shown=False, likeness=liked, tldr=TlDr("It is like yours."))
    archive = Archive().with_entries([best, changed]).with_related(invented.TODAY, [related])
    starred = replace(invented.REPOSITORY, picks={best.paper.id: PickKind.STAR})
    root = lxml.html.fromstring(html_from(archive, starred))
    words = " ".join(root.text_content().split())
    assert f"1. ★ {best.paper.title}" in words and " · starred" in words
    assert "Related, without your keywords" in words
    assert "It is like yours. + 2.6 like your papers (kernels, <b>) · " in words
    assert f"What changed {changed.paper.title}: accepted at ICML <2026>" in words
    assert "Thank you to arXiv for use of its open access interoperability." in words
    picks = f"https://github.com/someone/papers/new/main?filename=picks/{related.paper.id}&value="
    assert [url for url in root.xpath("//@href") if "/new/" in url] == [f"{picks}star%0A", f"{picks}skip%0A"]
    assert "/new/" not in html_from(archive, RepositoryInfo())


def test_nothing_is_fetched_and_all_styles_are_inline() -> None:
    root = lxml.html.fromstring(html_of(by_topic("")))
    assert {element.tag for element in root.iter()} <= ELEMENTS
    assert not root.xpath("//@src | //@srcset | //@background | //@class")
    assert not re.search(r"url\(|@import", html_of(by_topic("")))


def test_a_mail_that_would_be_too_long_names_fewer_papers() -> None:
    digest = [
        replace(entry, paper=replace(entry.paper, id=f"{entry.paper.id}{copy}", title="词" * 400))
        for entry in by_topic("A", "B")
        for copy in range(4)
    ]
    html = html_of(digest)
    assert len(html.encode()) <= MAX_HTML_BYTES
    left_out = re.search(r">(\d+) more papers in the archive\.", html)
    assert left_out and int(left_out[1]) + html.count("/abs/") == len(digest)


@settings(max_examples=40, deadline=None)
@given(st.lists(hostile_texts, min_size=3, max_size=3))
def test_no_text_breaks_the_mail(texts: list[str]) -> None:
    title, tldr, keyword = texts
    entry = by_topic("")[0]
    score = Score(3, (Match(keyword, 3, True, True),))
    paper = replace(entry.paper, title=title, primary_category=keyword, comment=tldr)
    hostile = replace(entry, paper=paper, tldr=TlDr(tldr), score=score, topic=keyword)
    root = lxml.html.fromstring(html_of([hostile]))
    assert {element.tag for element in root.iter()} <= ELEMENTS
    own = ("https://arxiv.org/", "https://github.com/someone/papers/new/main?filename=picks/")
    assert all(address.startswith(own) for address in root.xpath("//@href"))
    assert root.xpath("count(//h1)") == 1 and root.xpath("count(//h2)") <= 1
