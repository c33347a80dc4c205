"""The page in a real browser: Debian's chromium and chromium-driver, with everything over loopback."""

import functools
import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selenium.common import StaleElementReferenceException
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from paperbot.archive import Archive
from paperbot.config import Config
from paperbot.model import (
    Entry,
    Grounding,
    Likeness,
    LikenessBasis,
    Score,
    Summary,
    SummarySource,
    TopicScore,
)
from paperbot.ranking.picks import PickKind
from paperbot.render.repository import RepositoryInfo
from paperbot.render.site import render_site
from paperbot.render.templating import load_templates
from paperbot.schedule import Cron, Schedule
from paperbot.text import plain_formulas
from tests.support.site_archive import (
    LAST_DATE,
    by_month,
    invented_archive,
    invented_day,
    weekdays_back,
    with_paper,
)
from tools import look

pytestmark = pytest.mark.skipif(
    not (look.CHROMIUM and look.DRIVER), reason="needs a browser: apt-get install chromium chromium-driver"
)

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = load_templates(ROOT, ROOT / "templates")
PREFIX = "some/where/else"
FIRST_VIEW_MAX_BYTES = 300_000
PAPERS = 10_000
HOSTILE_TITLE = '<img src="https://example.invalid/t" onerror="window.pwned = 1"><b>bold</b>'
HOSTILE_SUMMARY = (
    '<script>window.pwned = 2</script> <img src="https://example.invalid/s" onerror="window.pwned = 3">\n\n'
    "![picture](https://example.invalid/p.png) [click](javascript:window.pwned=4) [paper](https://arxiv.org/)"
)
UNCLEANED = (
    '<p style="position:fixed">Text<script>window.pwned = 5</script><img src=x onerror="window.pwned = 6">'
    "</p>"
    '<a href="javascript:window.pwned=7">link</a><svg onload="window.pwned = 8"></svg>'
    "<form><input name=q></form>"
)


@dataclass
class Served:
    """Sites below a path of a loopback server, and what was asked of it."""

    folder: Path
    port: int
    asked: dict[str, int]
    """Name of the file -> bytes sent."""

    def publish(
        self, name: str, entries: Sequence[Entry], archive: Archive | None = None, **options: Any
    ) -> str:
        """Render a site and give its address; without an archive, of one that has loaded 25 days."""
        days = [list(day) for _, day in groupby(entries, lambda entry: entry.digest_date)]
        archive = archive or invented_archive(days[:25], [day[0].digest_date for day in days])
        schedule = Schedule("arXiv Bot Daily Update", True, (Cron("17 8 * * 1-5"),))
        repository = replace(options.pop("repository", RepositoryInfo()), schedule=schedule)
        files = render_site(archive, Config(), TEMPLATES, repository, months=by_month(entries), **options)
        for path, text in files.items():
            file = self.folder / PREFIX / name / Path(path).relative_to("site")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        return f"http://127.0.0.1:{self.port}/{PREFIX}/{name}/"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")

    asked: dict[str, int] = {}

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

        def copyfile(self, source: Any, outputfile: Any) -> None:
            data = source.read()
            asked[self.path.partition("?")[0].rpartition("/")[2]] = len(data)
            outputfile.write(data)

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Served(folder, server.server_port, asked)
        server.shutdown()


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    """Ten thousand papers of 200 days."""
    days = [invented_day(date, summaries=2) for date in weekdays_back(LAST_DATE, PAPERS // 50)]
    return [entry for day in days for entry in day]


@pytest.fixture(scope="module")
def home(served: Served, entries: list[Entry]) -> str:
    return served.publish("large", entries)


def log_of(driver: Chrome, kind: str) -> list[dict[str, Any]]:
    """What came since the last call."""
    return list(driver.get_log(kind))  # type: ignore[no-untyped-call]


class Browser:
    """The page as its user sees it."""

    def __init__(self, driver: Chrome, host: str) -> None:
        self.driver = driver
        self.host = host

    def open(self, address: str) -> None:
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
        self.driver.get("about:blank")
        self.driver.get(address)
        self.wait(lambda: self.heading not in ("", "Loading…"))

    def wait(self, ready: Callable[[], object]) -> None:
        redrawn = [StaleElementReferenceException]
        WebDriverWait(self.driver, 15, 0.02, redrawn).until(lambda _: ready())

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    @property
    def heading(self) -> str:
        return self.one("#heading").text

    @property
    def titles(self) -> list[str]:
        script = "return Array.from(document.querySelectorAll('.paper h3 a'), link => link.textContent)"
        return list(self.driver.execute_script(script))

    @property
    def scores(self) -> list[float]:
        script = "return Array.from(document.querySelectorAll('.score'), score => Number(score.textContent))"
        return list(self.driver.execute_script(script))

    @property
    def query(self) -> str:
        return str(self.driver.execute_script("return location.search"))

    def type(self, text: str) -> None:
        self.one("input[name=q]").send_keys(text)

    def enter(self, text: str, name: str = "q") -> None:
        """The whole text at once, as when it is pasted: a driver's keys are of the basic plane alone."""
        script = """const [field, text] = arguments;
            field.value = field.maxLength < 0 ? text : text.slice(0, field.maxLength);
            field.dispatchEvent(new Event("input", { bubbles: true }));"""
        self.driver.execute_script(script, self.one(f"input[name={name}]"), text)

    def press(self, *keys: str) -> None:
        ActionChains(self.driver).send_keys(*keys).perform()

    def choose(self, name: str, text: str) -> None:
        Select(self.one(f"select[name={name}]")).select_by_visible_text(text)

    def finds(self, expected: int) -> None:
        """Wait for the answer over the whole archive."""
        number = f"{expected:,}" if expected else "No"
        heading = f"{number} paper{'' if expected == 1 else 's'} found"
        try:
            self.wait(lambda: self.heading == heading and "so far" not in self.one("#counts").text)
        except Exception as error:
            raise AssertionError(f"expected {heading!r}, not {self.heading!r}") from error

    def shows(self, titles: list[str]) -> None:
        self.wait(lambda: self.titles == titles)

    def look(self, width: int, height: int, scheme: str = "light") -> None:
        mobile = width < 600
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def complaints(self) -> list[str]:
        """The console's errors and warnings since the last call."""
        return [f"{line['level']}: {line['message']}" for line in log_of(self.driver, "browser")]

    def strangers(self) -> list[str]:
        """Addresses asked for that are not on the host, since the last call."""
        messages = [json.loads(line["message"])["message"] for line in log_of(self.driver, "performance")]
        urls = [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in urls if not url.startswith((self.host, "about:", "data:"))]


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory, served: Served) -> Iterator[Chrome]:
    logs = {"browser": "ALL", "performance": "ALL"}
    with look.browser(tmp_path_factory.mktemp("profile"), **{"goog:loggingPrefs": logs}) as driver:
        yield driver


@pytest.fixture
def browser(chrome: Chrome, served: Served) -> Iterator[Browser]:
    """Fails the test where the console complained or the page left its host."""
    browser = Browser(chrome, f"http://127.0.0.1:{served.port}/")
    browser.look(1100, 900)
    browser.complaints()
    browser.strangers()
    served.asked.clear()
    yield browser
    assert browser.complaints() == []
    assert browser.strangers() == []


def test_the_first_view_is_todays_digest(
    browser: Browser, home: str, served: Served, entries: list[Entry]
) -> None:
    browser.open(home)
    browser.wait(lambda: "Last run" in browser.one("#status").text)
    assert browser.heading == "Wednesday, 24 December 2025"
    assert browser.one("#counts").text == "30 papers in full, 20 more by title"
    assert browser.titles == [entry.paper.title for entry in entries[:30]]
    assert "status.json" in served.asked
    assert sum(served.asked.values()) < FIRST_VIEW_MAX_BYTES
    assert months_asked(served) == set()
    browser.one(".listed > summary").click()
    browser.wait(lambda: len(browser.titles) == 50)
    assert browser.titles[30:] == [entry.paper.title for entry in entries[30:50]]


def months_asked(served: Served) -> set[str]:
    return {name for name in served.asked if re.match(r"\d{4}-\d{2}", name)}


def test_reference_managers_find_the_papers(browser: Browser, home: str, entries: list[Entry]) -> None:
    browser.open(home)
    titles = [span.get_attribute("title") or "" for span in browser.all("article .Z3988")]
    found = [parse_qs(title) for title in titles]
    today = [entry.paper for entry in entries if entry.digest_date == LAST_DATE and entry.shown]
    assert {fields["rft_id"][-1] for fields in found} == {
        f"https://arxiv.org/abs/{paper.id}" for paper in today
    }
    assert all(fields["rft.au"] and fields["rft.atitle"] and fields["rft.date"] for fields in found)


def test_ten_thousand_papers_answer_a_key_press_in_less_than_a_second(
    browser: Browser, home: str, entries: list[Entry]
) -> None:
    browser.open(home)
    browser.type("verif")
    browser.finds(len(found(entries, "verif")))
    assert browser.one("#counts").text == "in 10,000 papers, 2025-03 to 2025-12"
    browser.driver.execute_script(
        """const drawn = () => setTimeout(() => { window.answered = performance.now(); });
        addEventListener("keydown", () => { window.pressed = performance.now(); }, true);
        new MutationObserver(() => requestAnimationFrame(drawn))
          .observe(document.getElementById("heading"), { childList: true });"""
    )
    browser.type("y sparse")
    browser.finds(len(found(entries, "verify", "sparse")))
    browser.wait(lambda: browser.driver.execute_script("return window.answered > window.pressed"))
    milliseconds = browser.driver.execute_script("return window.answered - window.pressed")
    assert milliseconds < 1000


def found(entries: Sequence[Entry], *words: str) -> list[Entry]:
    """Those in which all the words occur, in any case."""

    def text(entry: Entry) -> str:
        keywords = (match.keyword for match in entry.score.matches)
        paper = entry.paper
        return "\n".join(
            [paper.id, paper.title, *paper.authors, paper.abstract, paper.comment, *keywords]
        ).lower()

    return [entry for entry in entries if all(word in text(entry) for word in words)]


def test_a_search_reads_months_as_they_are_needed(browser: Browser, home: str, served: Served) -> None:
    browser.open(home + "?q=cache&from=2025-11-03&to=2025-12-05")
    browser.wait(lambda: "so far" not in browser.one("#counts").text)
    assert months_asked(served) == {"2025-11.json", "2025-12.json"}


def test_an_archive_of_many_years_is_searched_from_its_newest_end(
    browser: Browser, served: Served, entries: list[Entry]
) -> None:
    few = [entry for entry in entries if entry.digest_date.isoformat() >= "2025-09-25"]
    home = served.publish("years", few)
    index = served.folder / PREFIX / "years" / "papers.json"
    data = json.loads(index.read_text("utf-8"))
    data["months"] = [row | {"bytes": 6_000_000} for row in data["months"]]
    index.write_text(json.dumps(data), "utf-8")
    browser.open(home + "?q=cache")
    browser.finds(len(found([entry for entry in few if entry.digest_date.month >= 11], "cache")))
    older = browser.all("#more button")[-1]
    assert older.text == "Search 2 older months too (12 MB)"
    older.click()
    browser.finds(len(found(few, "cache")))


def test_filters_work_together(browser: Browser, home: str, entries: list[Entry]) -> None:
    def matching(category: str, keyword: str, first: str, last: str) -> int:
        return sum(
            category in entry.paper.categories
            and keyword in {match.keyword for match in entry.score.matches}
            and first <= entry.digest_date.isoformat() <= last
            for entry in entries
        )

    browser.open(home)
    assert not browser.one("select[name=topic]").is_displayed(), "there are no topics"
    browser.choose("category", "cs.DC")
    browser.finds(sum("cs.DC" in entry.paper.categories for entry in entries))
    browser.choose("keyword", "quantization")
    browser.finds(matching("cs.DC", "quantization", "", "9"))
    browser.enter("2025-06-02", "from")
    browser.finds(matching("cs.DC", "quantization", "2025-06-02", "9"))
    browser.enter("2025-08-15", "to")
    browser.finds(matching("cs.DC", "quantization", "2025-06-02", "2025-08-15"))
    assert browser.query == "?category=cs.DC&keyword=quantization&from=2025-06-02&to=2025-08-15"


def test_sorting(browser: Browser, home: str, entries: list[Entry]) -> None:
    browser.open(home + "?q=cache")
    matching = found(entries, "cache")
    browser.finds(len(matching))
    assert browser.titles == [entry.paper.title for entry in matching[:50]]
    browser.choose("sort", "Highest score")
    browser.wait(lambda: browser.scores == sorted(browser.scores, reverse=True))
    assert browser.scores == sorted((entry.score.value for entry in matching), reverse=True)[:50]


def test_words_phrases_and_exclusions(browser: Browser, home: str, entries: list[Entry]) -> None:
    browser.open(home + "?q=%22memory+tensor%22+-sparse")
    phrase = {entry.paper.id for entry in found(entries, "memory tensor")}
    browser.finds(len(phrase - {entry.paper.id for entry in found(entries, "sparse")}))


def test_accents_make_no_difference(browser: Browser, home: str, entries: list[Entry]) -> None:
    browser.open(home + "?q=emile+OZTURK")
    browser.finds(sum({"Émile Roux", "Dilara Öztürk"} <= set(entry.paper.authors) for entry in entries))
    browser.one("form [type=reset]").click()
    browser.wait(lambda: "December" in browser.heading)


ODD_TITLES = (
    "Long-Context GPT-4o for state-of-the-art C++ (a.k.a. $O(n^2)$) [v2]",
    "A café‑style naïve ﬁne‑tuning of Σίσυφος \\d+ 🤖👩‍🔬 models",
    'تعلم عميق and "quoted" words: 100% of <b>them</b> & more',
    "大语言模型的长上下文推理",
)


SHOWN_TITLES = [plain_formulas(title) for title in ODD_TITLES]


@pytest.fixture(scope="module")
def odd(served: Served) -> str:
    """A site of four papers with odd titles."""
    day = invented_day(LAST_DATE, shown=len(ODD_TITLES), listed=0, summaries=0)
    ids = ("2512.20276", "quant-ph/0201082", *(entry.paper.id for entry in day[2:]))
    entries = [
        with_paper(entry, title=title, id=paper_id)
        for entry, title, paper_id in zip(day, ODD_TITLES, ids, strict=True)
    ]
    return served.publish("odd", entries)


@pytest.mark.parametrize(
    ("typed", "paper", "marks"),
    [
        ("long-context", 0, ["Long-Context"]),
        ("long context", 0, ["Long", "Context"]),
        ('"long context"', 0, ["Long-Context"]),
        ("“long context” -café", 0, ["Long-Context"]),
        ("GPT-4o", 0, ["GPT-4o"]),
        ("gpt\u20114O", 0, ["GPT-4o"]),
        ("state-of-the-art", 0, ["state-of-the-art"]),
        ("c++ o(n²) [V2]", 0, ["C++", "O(n²)", "[v2]"]),
        ("(a.k.a.", 0, ["(a.k.a."]),
        ("cafe-style", 1, ["café‑style"]),
        ("naïve fine-tuning", 1, ["naïve", "ﬁne‑tuning"]),
        ("ΣΊΣΥΦΟΣ", 1, ["Σίσυφος"]),
        ("\\d+", 1, ["\\d+"]),
        ("🤖", 1, ["🤖"]),
        ("👩‍🔬", 1, ["👩‍🔬"]),
        ("عميق", 2, ["عميق"]),
        ("100% <b>them</b> &", 2, ["100%", "<b>them</b>", "&"]),
        ("上下文", 3, ["上下文"]),
    ],
)
def test_what_is_typed_is_found_and_marked(
    browser: Browser, odd: str, typed: str, paper: int, marks: list[str]
) -> None:
    browser.open(odd)
    browser.enter(typed)
    browser.finds(1)
    assert browser.titles == [SHOWN_TITLES[paper]]
    assert [mark.text for mark in browser.all(".paper h3 mark")] == marks


@pytest.mark.parametrize(
    "form", ["{}", "{}v1", "{}v3", "arXiv:{}", "https://arxiv.org/abs/{}", "http://arxiv.org/pdf/{}v2.pdf"]
)
def test_a_paper_is_found_by_its_id(browser: Browser, odd: str, form: str) -> None:
    browser.open(odd)
    for paper_id, title in (("2512.20276", SHOWN_TITLES[0]), ("quant-ph/0201082", SHOWN_TITLES[1])):
        browser.enter(form.format(paper_id))
        browser.shows([title])
    assert browser.heading == "1 paper found"


TYPED = st.one_of(
    st.text(max_size=40),
    st.text(st.sampled_from('"“”-−–\\^$.*+?()[]{}|/&!~#<>ab 🤖é\u0301\u200d\u202e\u2011\ufb01'), max_size=20),
    st.sampled_from(ODD_TITLES),
    st.sampled_from(["a" * 600, "-" * 600, '"' * 501, "((((", "\\", "[a-", "a-b-" * 150]),
)


def test_no_typed_text_is_an_error(browser: Browser, odd: str) -> None:
    browser.open(odd)

    @given(TYPED)
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def check(text: str) -> None:
        browser.enter(text)
        answer = browser.driver.execute_async_script(
            "const done = arguments[0]; setTimeout(() => done(["
            "  document.getElementById('heading').textContent,"
            "  document.querySelectorAll('#more .notice').length, location.search.length]), 90)"
        )
        assert re.search(r"papers? found$|24 December 2025$", answer[0])
        assert answer[1] == 0 and answer[2] < 10_000

    check()


@pytest.mark.parametrize("title", SHOWN_TITLES)
def test_a_title_finds_its_paper(browser: Browser, odd: str, title: str) -> None:
    browser.open(odd)
    browser.enter(title.replace('"', ""))
    browser.shows([title])
    assert browser.heading == "1 paper found"


def test_summaries_are_searched_on_request(browser: Browser, home: str, entries: list[Entry]) -> None:
    browser.open(home + "?q=提出了一种&from=2025-12-01")
    browser.finds(0)
    assert "Search in summaries too" in browser.one("#more").text
    browser.one("[name=summaries]").click()
    december = [entry for entry in entries if entry.digest_date.month == 12]
    browser.finds(sum(bool(entry.summary and entry.summary.text) for entry in december))


def test_more_results_follow_on_request(browser: Browser, home: str, entries: list[Entry]) -> None:
    browser.open(home + "?keyword=attention")
    matching = [entry for entry in entries if "attention" in {match.keyword for match in entry.score.matches}]
    browser.finds(len(matching))
    assert len(browser.titles) == 50
    browser.one("#more button").click()
    assert browser.titles == [entry.paper.title for entry in matching[:100]]
    assert browser.driver.switch_to.active_element.text == matching[50].paper.title


def test_a_link_keeps_the_query(browser: Browser, home: str) -> None:
    address = home + "?q=cache+prompt&category=cs.LG&keyword=LLM&from=2025-05-01&sort=score"
    browser.open(address)
    browser.wait(lambda: "so far" not in browser.one("#counts").text)
    titles, heading = browser.titles, browser.heading
    assert browser.one("[name=q]").get_attribute("value") == "cache prompt"
    assert browser.one("[name=category]").get_attribute("value") == "cs.LG"
    assert browser.one("[name=from]").get_attribute("value") == "2025-05-01"
    browser.type(" ")
    browser.wait(lambda: browser.query.startswith("?q=cache+prompt+&"))
    browser.open(home + browser.query)
    browser.wait(lambda: "so far" not in browser.one("#counts").text)
    assert (browser.titles, browser.heading) == (titles, heading)


def test_days_have_addresses_and_the_back_button_works(
    browser: Browser, home: str, entries: list[Entry]
) -> None:
    browser.open(home)
    browser.one("#days a").click()
    browser.wait(lambda: browser.heading == "Tuesday, 23 December 2025")
    assert browser.query == "?day=2025-12-23"
    browser.wait(lambda: browser.titles == [entry.paper.title for entry in entries[50:80]])
    browser.driver.back()
    browser.wait(lambda: browser.heading == "Wednesday, 24 December 2025")
    browser.open(home + "?day=2025-03-25")
    browser.wait(lambda: browser.heading == "Tuesday, 25 March 2025" and browser.titles)
    browser.open(home + "?day=2025-12-21")
    assert browser.one("#counts").text == "There is no digest of this date."
    browser.open(home + "?day=2025-12-23")
    browser.choose("sort", "Highest score")
    browser.wait(lambda: browser.query == "?sort=score&day=2025-12-23")
    assert browser.heading == "Tuesday, 23 December 2025"


def test_an_address_full_of_nonsense_is_read_as_far_as_it_makes_sense(browser: Browser, home: str) -> None:
    browser.open(home + "?from=yesterday&sort=%3Cb%3E&day=2025-13-45&q=&lucky=1")
    assert browser.one("#counts").text == "There is no digest of this date."
    browser.open(home + "?category=%3Cb%3Ex")
    browser.finds(0)


def test_a_filter_by_topic_with_an_address(browser: Browser, served: Served, entries: list[Entry]) -> None:
    topics = ("Agents & tools", "Inference", "")
    mine = [replace(entry, topic=topics[place % 3]) for place, entry in enumerate(entries[:50])]
    mine[1] = replace(mine[1], also_in=(TopicScore(topics[0], mine[1].score),))
    home = served.publish("topics", mine)
    browser.open(home)
    browser.choose("topic", "Inference")
    browser.finds(17)
    assert browser.query == "?topic=Inference"
    browser.open(home + "?topic=Agents+%26+tools")
    browser.finds(18)
    assert browser.one(".chip.topic").text == "Agents & tools"
    browser.one(".chip.topic").click()
    browser.wait(lambda: browser.query == "")


def test_picks_likeness_and_related_papers(browser: Browser, served: Served) -> None:
    """One of the related papers is found by a search as well."""
    words = {"kv": 2.8, "cache": 1.1, "robots": -0.5}
    liked = Likeness(3.4, LikenessBasis.PICKS, words)
    starred, skipped, other, related = (
        replace(entry, likeness=liked) for entry in invented_day(LAST_DATE, shown=4, listed=0)
    )
    related = replace(related, shown=False, score=Score(0.0, ()), rank=1)
    picks = {starred.paper.id: PickKind.STAR, skipped.paper.id: PickKind.SKIP}
    archive = invented_archive([[starred, skipped, other]]).with_related(LAST_DATE, [related])
    home = served.publish(
        "picks",
        [starred, skipped, other],
        archive,
        related={"2025-12": [related]},
        repository=RepositoryInfo(repository="someone/papers", picks=picks),
    )
    browser.open(home)
    forms = "https://github.com/someone/papers"
    file = f"picks/{other.paper.id}"
    papers = [paper.text for paper in browser.all("#papers .paper")]
    links = [link.get_attribute("href") for link in browser.all("#papers a[href*='github.com']")]
    assert [one for one in ("★ Starred", "Not for you", "☆ Star") if one in papers[0]] == ["★ Starred"]
    assert "Not for you" in papers[1]
    assert "☆ Star" in papers[2] and "Not for me" in papers[2]
    assert links == [
        f"{forms}/delete/main/picks/{starred.paper.id}",
        f"{forms}/delete/main/picks/{skipped.paper.id}",
        f"{forms}/new/main?filename={file}&value=star%0A",
        f"{forms}/new/main?filename={file}&value=skip%0A",
    ]
    assert browser.one(".score").get_attribute("title") == "Score: keywords 59, +3.4 like your papers"
    assert browser.one("#counts").text == "3 papers in full"
    browser.one("#papers details.summary:not(:has(b)) > summary").click()
    assert "kv +2.8, cache +1.1, robots −0.5" in browser.one("#papers .paper").text
    fold = browser.one(".listed > summary")
    assert fold.text == "1 more paper without your keywords, related by their words"
    fold.click()
    browser.wait(lambda: "related, without your keywords" in browser.one(".listed .paper").text)
    browser.type(f'"{related.paper.title}"')
    browser.finds(1)


def test_a_summary_opens_on_request(browser: Browser, home: str, served: Served) -> None:
    browser.open(home)
    browser.one(".summary > summary").click()
    browser.wait(lambda: browser.all(".summary-text table"))
    assert browser.one(".summary-text ins").text == "3.4"
    assert "5 of 6 figures found in the paper" in browser.one(".summary > summary").text
    assert "2025-12-summaries.json" not in served.asked
    browser.open(home + "?day=2025-12-23")
    browser.wait(lambda: browser.all(".summary"))
    browser.one(".summary > summary").click()
    browser.wait(lambda: browser.all(".summary-text table"))
    assert "2025-12-summaries.json" in served.asked


def test_the_keyboard_is_enough(browser: Browser, home: str) -> None:
    browser.open(home)
    active = browser.driver.switch_to
    browser.press("j")
    assert active.active_element.text == browser.titles[0]
    browser.press("jj")
    assert active.active_element.text == browser.titles[2]
    browser.press("k")
    assert active.active_element.text == browser.titles[1]
    assert (active.active_element.get_attribute("href") or "").startswith("https://arxiv.org/abs/2512.99")
    browser.press("s")
    browser.wait(lambda: browser.all(".paper:nth-of-type(2) .summary[open] table"))
    browser.press("a")
    assert browser.one(".paper:nth-of-type(2) .toggle").get_attribute("aria-expanded") == "true"
    browser.press("/")
    assert active.active_element.get_attribute("name") == "q"
    browser.press("jsak/")
    browser.wait(lambda: browser.query == "?q=jsak%2F")
    browser.press(Keys.ESCAPE)
    browser.wait(lambda: browser.query == "" and "December" in browser.heading)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(browser: Browser, home: str, scheme: str) -> None:
    browser.look(1100, 900, scheme)
    browser.open(home)
    page = browser.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (luminance(page) > 0.5) == (scheme == "light")
    for selector, behind in (
        ("body", "body"),
        (".authors", ".paper"),
        (".meta", ".paper"),
        (".score", ".score"),
        (".chip.keyword", ".chip.keyword"),
        ("footer", "body"),
        (".summary > summary", ".paper"),
    ):
        ink = browser.one(selector).value_of_css_property("color")
        ground = browser.one(behind).value_of_css_property("background-color")
        assert contrast(ink, ground) >= 4.5, f"{selector}: {ink} on {ground}"


def luminance(color: str) -> float:
    """Relative, as WCAG 2.2 defines it."""
    parts = [int(value) / 255 for value in re.findall(r"\d+", color)[:3]]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_a_phone_needs_no_sideways_scrolling(browser: Browser, home: str) -> None:
    browser.look(390, 844)
    browser.open(home)
    for summary in browser.all(".summary > summary, #filters > summary"):
        browser.driver.execute_script("arguments[0].click()", summary)
    browser.wait(lambda: browser.all(".summary-text table"))
    assert browser.driver.execute_script("return document.documentElement.scrollWidth") == 390
    assert browser.one("[name=category]").is_displayed()
    assert browser.one("[name=q]").rect["height"] >= 44


def test_hostile_text_is_inert(browser: Browser, served: Served) -> None:
    entry = invented_day(LAST_DATE, shown=1, listed=0)[0]
    entry = with_paper(
        entry, title=HOSTILE_TITLE, abstract=HOSTILE_TITLE, comment=HOSTILE_TITLE, authors=(HOSTILE_TITLE,)
    )
    entry = replace(
        entry, summary=Summary(text=HOSTILE_SUMMARY, model=HOSTILE_TITLE, source=SummarySource.FILE)
    )
    home = served.publish("hostile", [entry])
    browser.open(home)
    browser.one(".summary > summary").click()
    browser.wait(lambda: browser.one(".summary-text").text)
    assert browser.titles == [HOSTILE_TITLE]
    assert browser.all("main :is(img, script, svg, style, iframe, b:not(summary b))") == []
    links = [link.get_attribute("href") or "" for link in browser.all(".summary-text a")]
    assert links
    assert all(link.startswith("https://") for link in links)
    browser.type("<img")
    browser.finds(1)
    assert browser.driver.execute_script("return window.pwned") is None


def test_html_that_nobody_cleaned_is_inert_too(chrome: Chrome, served: Served) -> None:
    """The browser's console may say what it refused, so no `browser` that minds it."""
    entry = replace(
        invented_day(LAST_DATE, shown=1, listed=0)[0], summary=Summary(text="Text", grounding=Grounding(0, 0))
    )
    home = served.publish("uncleaned", [entry])
    today = served.folder / PREFIX / "uncleaned" / "today.json"
    data = json.loads(today.read_text("utf-8"))
    data["summaries"] = {entry.paper.id: UNCLEANED}
    today.write_text(json.dumps(data), "utf-8")
    browser = Browser(chrome, home)
    browser.open(home)
    browser.one(".summary > summary").click()
    browser.wait(lambda: "Text" in browser.one(".summary-text").text)
    html = browser.one(".summary-text").get_attribute("innerHTML")
    assert html == "<p>Textwindow.pwned = 5</p>link"
    assert browser.driver.execute_script("return window.pwned") is None


def test_a_day_too_large_for_the_first_view_can_be_loaded_whole(browser: Browser, served: Served) -> None:
    entries = invented_day(LAST_DATE, shown=150, listed=200)
    home = served.publish("heavy", entries)
    browser.open(home)
    assert sum(served.asked.values()) < FIRST_VIEW_MAX_BYTES
    assert browser.one("#counts").text == "150 papers in full, 200 more by title"
    load = browser.all("#more button")[-1]
    assert re.fullmatch(r"Load \d+ more papers of this day", load.text)
    load.click()
    browser.wait(lambda: browser.one(".listed > summary").text == "200 more papers by title")
    assert len(browser.all("#more button")) == 1


def test_the_policy_stops_a_script_on_the_page(chrome: Chrome, home: str) -> None:
    """Even if a text became an element: what the browser says when the page's defences are tried."""
    chrome.get(home)
    log_of(chrome, "browser")
    chrome.execute_script(
        """const script = document.createElement("script");
        script.append("window.pwned = 9");
        document.body.append(script);"""
    )
    assert chrome.execute_script("return window.pwned") is None
    log = log_of(chrome, "browser")
    assert any("will not be executed" in line["message"] for line in log), log


def test_a_month_that_cannot_be_loaded_is_named_and_can_be_tried_again(
    chrome: Chrome, served: Served, entries: list[Entry]
) -> None:
    few = [entry for entry in entries if entry.digest_date.isoformat() >= "2025-11-24"]
    home = served.publish("gap", few)
    month = served.folder / PREFIX / "gap" / "papers" / "2025-11.json"
    away = month.rename(month.with_suffix(".away"))
    browser = Browser(chrome, home)
    browser.open(home + "?q=cache")
    browser.wait(lambda: "papers/2025-11.json could not be loaded (404" in browser.one("#more").text)
    away.rename(month)
    browser.one("#more button").click()
    browser.finds(len(found(few, "cache")))


def test_the_papers_do_without_the_status(chrome: Chrome, served: Served, entries: list[Entry]) -> None:
    home = served.publish("mute", entries[:50])
    (served.folder / PREFIX / "mute" / "status.json").unlink()
    browser = Browser(chrome, home)
    browser.open(home)
    browser.wait(lambda: "status.json could not be loaded (404" in browser.one("#status").text)
    assert len(browser.titles) == 30


def test_before_the_first_digest(browser: Browser, served: Served) -> None:
    browser.open(served.publish("empty", []))
    assert browser.heading == "No digest yet"
    browser.type("cache")
    browser.finds(0)
