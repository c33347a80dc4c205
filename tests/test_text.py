"""Untrusted text: clean, shown as it is, and never more than text."""

import random
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paperbot.text import (
    CUT_NOTE,
    MAX_SUMMARY_CHARS,
    block,
    block_html,
    inline,
    inline_html,
    link_label,
    plain,
    truncate,
)
from paperbot.text.authors import author_names
from paperbot.text.formulas import split_formulas
from paperbot.text.gfm import gfm_html
from paperbot.text.plain import clean
from tests.support.hostile import (
    BOLD,
    FRAGMENTS,
    HOSTILE,
    MARKS,
    NUMBERS,
    WHOLE,
    HostilePaper,
    chain_faults,
    hostile_texts,
    page_faults,
    random_paper,
    tree,
)

ROOT = Path(__file__).parents[1]
SAMPLE_SUMMARIES = sorted((ROOT / "paperbot" / "sample" / "summaries").glob("*.md"))

IN_FEEDS = {
    "a", "blockquote", "br", "code", "del", "em", "h4", "h5", "h6", "ins", "li", "ol", "p", "pre", "strong",
    "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
IN_SUMMARIES = IN_FEEDS | {"span"}
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def elements(html: str) -> set[str]:
    return {str(element.tag) for element in tree(html).iterdescendants()}


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


def shown(markdown: str) -> str:
    return words(gfm_html(markdown))


def loose_texts(html: str) -> list[str]:
    """The text nodes that GitHub's later passes look at: those outside of code."""
    root = tree(re.sub(r"\$<code>[^<]*</code>\$", " ", html))
    return list(root.xpath(".//text()[not(ancestor::code or ancestor::pre or ancestor::a)]"))


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (r"Erd\H{o}s, Poincar\'e, G\"{o}del, {\v{c}}apek", "Erdős, Poincaré, Gödel, čapek"),
        (r"{\'E}mile, na\"{\i}ve, \c{C}elik, \~{n}, \r{a}, \k{e}", "Émile, naïve, Çelik, ñ, å, ę"),
        (r"\v{\j}", "ǰ"),
        (r"S{\o}ren \L{}ukasz Stra\ss e \AA ngstr\"om \ae", "Søren Łukasz Straße Ångström æ"),
        (r"Nguy{\~{\^e}}n Ti{\d{\^e}}n \h{a} {\'{\AE}} \'{\o} \'中", r"Nguyễn Tiện ả Ǽ ǿ \'中"),
        (r"\textit{a \textbf{b}} {\em c} \url{http://d.e}", "a b c http://d.e"),
        (r"95\% of \emph{all} \& more \_ \#1", "95% of all & more _ #1"),
        (
            r"{\LaTeX} and \TeX{}, 3\ldots, 5\,GB, e.g.\ Foo\texttrademark",
            "LaTeX and TeX, 3…, 5 GB, e.g. Foo™",
        ),
        (r"\textasciitilde5 1\textendash{}2\textemdash\textless{}x\textgreater", "~5 1–2—<x>"),
        (r"H\textsubscript{2}O, 10\textsuperscript{-3}, n\textsuperscript{th}", "H₂O, 10⁻³, nᵗʰ"),
        (r"\href{https://a.b/c_d}{our site}, A\xspace tool", "our site (https://a.b/c_d), A tool"),
        (
            "``Yes'', the $f''$, ``of $f''$ and Bob's 'x' '' but ``no",
            "“Yes”, the $f''$, “of $f''$ and Bob's 'x' ” but ``no",
        ),
        (r"A \ B", r"A \ B"),
        ("``code`` and ```x'''", "``code`` and ```x'''"),
        (r"$\'e \log \lambda$ \log \lambda \omega", r"$\'e \log \lambda$ \log \lambda \omega"),
        ("one\r\ntwo\tthree\u00a0four\u2028five", "one two three four five"),
        ("e\u0301 \u1112\u1161\u11ab", "é 한"),
        ("a\u202eb\u2066c\u200bd\x00e\ufefff\u00adg\U000e0041h", "abcdefgh"),
        ("👨‍👩‍👧 नमस्‍ते a\u200db", "👨‍👩‍👧 नमस्‍ते ab"),
        ("z" + "\u0335" * 90, "z" + "\u0335" * 4),
        ("\ud83dx\ufdd0\U0001ffff", "x"),
    ],
)
def test_plain_text_is_one_clean_line(source: str, wanted: str) -> None:
    assert plain(source) == wanted


@pytest.mark.parametrize(
    ("authors", "shown"),
    [
        (["NVIDIA", ":", "A B", "C D"], ["NVIDIA: A B", "C D"]),
        (["NVIDIA:", "A B"], ["NVIDIA: A B"]),
        (["X Team", "Y Lab", "：", "A B"], ["X Team, Y Lab: A B"]),
        (["X Team", " : "], ["X Team"]),
        (["X Team", "Y Lab∶", "A B"], ["X Team, Y Lab: A B"]),
        ([":", "A B"], ["A B"]),
        (["A B", "", " ", "\u3164", "\u200b", "-", "C D"], ["A B", "C D"]),
        (["DeepSeek: A B", "C D"], ["DeepSeek: A B", "C D"]),
        (["Jos{\\'e} B"], ["José B"]),
        ([], []),
    ],
)
def test_colons_and_blanks_are_no_authors(authors: list[str], shown: list[str]) -> None:
    assert list(author_names(authors)) == shown


@pytest.mark.parametrize(
    ("text", "max_chars", "short"),
    [
        ("one two", 7, "one two"),
        ("one two three", 9, "one two …"),
        ("one two three", 7, "one two …"),
        ("a" * 9, 5, "aaaaa …"),
        ("abce\u0301f", 4, "abc …"),
        ("words $a + b + c$ end", 13, "words …"),
        ("words then $a + b$", 14, "words then …"),
        ("word $a+b$ and more", 10, "word $a+b$ …"),
        ("word $a+b$.And more", 10, "word $a+b$ …"),
        ("abc($x+y+z$ d", 6, "abc( …"),
        ("abc($x+y+z+tt$ d", 6, "abc($x …"),  # no short one
        ("one $x + y + z$ two", 12, "one $x + y + …"),  # it begins in the first half
        ("abcde f", 4, "abcd …"),
        ("a bcdef", 3, "a …"),
        ("x\u0335\u0335yz", 2, "x …"),
        ("ab\u0335yz", 2, "a …"),
        ("a👨\u200d👩\u200d👧b", 4, "a …"),
        ("a👨\u200d👩bcd", 4, "a👨\u200d👩 …"),
        ("ab👨\u200d👩", 2, "ab …"),
    ],
)
def test_texts_are_cut_between_words(text: str, max_chars: int, short: str) -> None:
    assert truncate(text, max_chars) == short


UNSEEN = (
    "\x00\x7f\x9f\u200b\u202e\ue000\uf8ff\U000f0000\U0010fffd\ufdd0\ufdef\ufffe\uffff\U0001fffe\U0010ffff\ud800"
    "\ufe00\ufe0d\U000e0100\U000e01ef\u3164\u2800\u2065\ufff0\U0001d159\U00013441\U000e01f0\U000e0fff"
)


@pytest.mark.parametrize("character", [*UNSEEN, *"\t\né\ufdcf\ufdf0\ufe0e\ufe0f\U000e1000词"])
def test_what_nobody_can_see_is_taken_out(character: str) -> None:
    assert clean(f"a{character}b") == ("ab" if character in UNSEEN else f"a{character}b")


def test_line_ends_are_one_sign_and_accents_on_a_letter_few() -> None:
    assert clean("a\r\nb\rc\n\rd\u2028e") == "a\nb\nc\n\nd e"
    assert clean("a" + 9 * "\u0316" + 9 * "\u0331" + "XXXXXXXXX") == "a" + 4 * "\u0316" + "XXXXXXXXX"


@given(hostile_texts)
def test_plain_text_can_be_written_to_any_file(text: str) -> None:
    line = plain(text)
    assert line == line.strip()
    assert "\n" not in line
    assert line.encode("utf-8").decode("utf-8") == line
    assert not set(line) & set("\x00\x1b\u200b\u202e\u2066\ufeff")


@pytest.mark.parametrize("text", HOSTILE)
def test_every_line_is_shown_as_it_is(text: str) -> None:
    pieces = list(split_formulas(plain(text)))
    formulas = [formula for _, formula in pieces if formula]
    wanted = "".join(
        source if not formula else f"$`{formula.tex}`$" if formula.tex else formula.source
        for source, formula in pieces
    )
    html = gfm_html(inline(text))
    rendered = words(re.sub(r"\$<code>([^<]*)</code>\$", r"$`\1`$", html))
    assert rendered.replace(" ", "") == wanted.replace(" ", "")
    assert elements(html) <= {"p", "span"} | ({"code"} if formulas else set())


@given(hostile_texts)
@SLOW
def test_no_later_pass_finds_anything_in_a_line(text: str) -> None:
    html = gfm_html(inline(text, BOLD))
    for piece in loose_texts(html):
        assert not re.search(r"@\w|#\d|GH-\d|:[\w+-]+:|://|www\.|\$.", piece, re.IGNORECASE), piece
        assert not re.search(r"\b[0-9a-f]{40}\b", piece)


def test_words_in_a_link_are_strong_too() -> None:
    assert link_label("An LLM of $x_1$", re.compile("LLM")) == "An **LLM** of x<sub>1</sub>"


@given(hostile_texts, st.sampled_from(["LLM", "“词”", "C++", "(x)", "a*", "词", "$", "1.", "-"]))
@SLOW
def test_bold_is_strong_wherever_it_stands(text: str, keyword: str) -> None:
    pattern = re.compile(re.escape(keyword))
    pieces = [source for source, tex in split_formulas(plain(f"{text} {keyword}词 a{keyword}b")) if not tex]
    html = gfm_html(inline(f"{text} {keyword}词 a{keyword}b", pattern))
    strong = ["".join(element.itertext()) for element in tree(html).iter("strong")]
    assert strong == [found[0] for piece in pieces for found in pattern.finditer(piece)]


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("$x_1$ costs $5 and $10", "$`x_1`$ costs <span>$</span>5 and <span>$</span>10"),
        ("$5 million, or $x$ units", "<span>$</span>5 million, or $`x`$ units"),
        ("O($n^2$)词$d$词", "O($`n^2`$)词 $`d`$ 词"),
        ("$a<b|c$ 100% $95%$", r"$`a\lt b\vert c`$ 100% $`95\%`$"),
        (r"\(x_1\) and $$y$$", "$`x_1`$ and $`y`$"),
        (r"$\def\a{b}$ and $\a|b$", r"`\def\a{b}` and <code>\\a&#124;b</code>"),
        ("${x$", "<span>$</span>{x<span>$</span>"),
        ("A 3$\\times$ speedup", "A 3 $`\\times`$ speedup"),
        (r"$\sim$5, $>$90, $^*$2, $-$1, $=$7", r"$`\sim`$ 5, $`\gt`$ 90, $`^*`$ 2, $`-`$ 1, $`=`$ 7"),
        ("$-5 to $10", "<span>$</span>-5 to <span>$</span>10"),
        ("A$, B$3", "A<span>$</span>, B<span>$</span>3"),
    ],
)
def test_formulas_are_kept_and_money_is_not_one(text: str, markdown: str) -> None:
    assert inline(text) == markdown


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("of 1a2b3c4 and deadbee1", "of <span>1</span>a2b3c4 and <span>d</span>eadbee1"),
        ("no deadbee, 1234567, x1a2b3c4 or 1a2b3c", "no deadbee, 1234567, x1a2b3c4 or 1a2b3c"),
        ("1a2b3c4 in GH-1, gh-1", "<span>1</span>a2b3c4 in GH<span>-</span>1, gh<span>-</span>1"),
        ("#1 #2 #x", "<span>#</span>1 <span>#</span>2 \\#x"),
        (
            "a@b www.x http://y :z: ",
            "a<span>@</span>b www<span>.</span>x http<span>:</span>//y <span>:</span>z:",
        ),
    ],
)
def test_what_github_would_make_a_link_or_a_picture_is_set_apart(text: str, markdown: str) -> None:
    assert inline(text) == markdown


def test_plain_words_stay_readable_in_the_source() -> None:
    text = "Scaling (very) large models: 3.5x faster at 1000000 tokens, 10% cheaper - and it's open!"
    assert inline(text) == text.removesuffix("!") + r"\!"


@given(hostile_texts)
@SLOW
def test_a_line_of_html_says_the_same(text: str) -> None:
    html = inline_html(text)
    assert elements(html) <= {"code"}
    markdown_html = re.sub(r"\$<code>([^<]*)</code>\$", r"\1", gfm_html(inline(text)))
    assert words(html) == words(markdown_html)


@pytest.mark.parametrize(
    "unit", ["word " * 60 + "\n\n", "词", "$x ", "| a |\n|---|\n|b|c|d|\n", "**a ", "```\n", "\x00 @a"]
)
def test_endless_summaries_are_cut_and_say_so(unit: str) -> None:
    written = block(unit * (2_000_000 // len(unit)))
    assert MAX_SUMMARY_CHARS / 2 < len(written) <= MAX_SUMMARY_CHARS + len("\n\n" + CUT_NOTE)
    assert written.endswith(CUT_NOTE)
    assert shown(written).endswith(CUT_NOTE.strip("*"))


def test_a_cut_keeps_whole_paragraphs() -> None:
    lines = ["word " * 20 + "and"] * 3
    written = block("\n\n".join(["\n".join([*lines, "end."])] * 200))
    assert set(written.removesuffix(CUT_NOTE).strip().split("\n\n")) == {" ".join([*lines, "end."])}


def test_a_summary_that_grows_when_it_is_written_is_cut_between_paragraphs() -> None:
    piece = "So says @b, word by word."
    kept = block("\n\n".join([piece] * 700)).removesuffix("\n\n" + CUT_NOTE)
    assert set(kept.split("\n\n")) == {inline(piece)}
    assert MAX_SUMMARY_CHARS / 2 < len(kept) <= MAX_SUMMARY_CHARS


@pytest.mark.parametrize(
    ("piece", "between"), [("One two three four.", "\n\n"), ("One two three four.", "\n"), ("word", " ")]
)
@pytest.mark.parametrize("before", ["", "Early.\n\n", "Early. " * 1150 + "\n\n"])
def test_a_cut_is_behind_the_last_whole_piece(before: str, piece: str, between: str) -> None:
    text = before + between.join([piece] * MAX_SUMMARY_CHARS)
    kept = block(text).removesuffix("\n\n" + CUT_NOTE)
    words = kept.split()
    assert words == text.split()[: len(words)]
    assert kept.endswith(piece)
    assert MAX_SUMMARY_CHARS - len(kept) <= len(piece + between) + 2


def test_a_text_that_just_fits_is_whole() -> None:
    text = "words and " * (MAX_SUMMARY_CHARS // 10 - 1) + "words, end"
    assert len(text) == MAX_SUMMARY_CHARS
    assert block(text) == text
    assert block(text + ".").endswith(CUT_NOTE)


def test_what_stands_behind_endless_emptiness_is_cut_too() -> None:
    assert block("Words." + "\u200b" * 2 * MAX_SUMMARY_CHARS + "More.") == f"Words.\n\n{CUT_NOTE}"
    assert block("Words." + " " * (2 * MAX_SUMMARY_CHARS - 6)) == "Words."


@given(hostile_texts)
@SLOW
def test_a_summary_holds_nothing_but_what_is_allowed(text: str) -> None:
    html = gfm_html(block(text, MARKS))
    assert elements(html) <= IN_SUMMARIES
    for link in tree(html).iter("a"):
        assert re.match(r"https?://[^/]", link.get("href", "")), link.get("href")
    for piece in loose_texts(html):
        assert not re.search(r"@\w|#\d|:[\w+-]+:|://|www\.|\$.", piece, re.IGNORECASE), piece


LOSSLESS = [piece for piece in FRAGMENTS if not re.search(r"\]|```|~~~|>>", piece)]
"""Without the ends of links, whose addresses are not shown, the names of languages, and too deep quotes."""


@given(st.lists(st.sampled_from(LOSSLESS), min_size=1, max_size=12))
@SLOW
def test_no_word_of_a_summary_is_lost(pieces: list[str]) -> None:
    tokens = [f"wo{index}rd" for index in range(len(pieces))]
    text = "".join(piece + token for piece, token in zip(pieces, tokens, strict=True))
    visible = re.sub(r"\s", "", shown(block(text)))
    assert [token for token in tokens if token not in visible] == []


@given(hostile_texts)
@SLOW
def test_a_summary_as_html_says_the_same(text: str) -> None:
    html = block_html(text, MARKS)
    assert elements(html) <= IN_FEEDS
    assert all(link.get("rel") == "nofollow noopener noreferrer" for link in tree(html).iter("a"))
    markdown_html = re.sub(r"\$<code>([^<]*)</code>\$", r"\1", gfm_html(block(text, MARKS)))
    assert words(html) == words(markdown_html)


@given(hostile_texts)
@SLOW
def test_writing_a_summary_twice_changes_nothing_more(text: str) -> None:
    once = shown(block(text))
    assert shown(block(block(text))).count("⚠") == once.count("⚠")
    assert elements(gfm_html(block(block(text)))) <= IN_SUMMARIES


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_page_stands_with_every_known_trick(text: str) -> None:
    innocent = HostilePaper("Title", "Author", "Comment", "Abstract", "Summary")
    assert page_faults([innocent, HostilePaper(text, text, text, text, text), innocent]) == []


def test_random_papers_pass_the_whole_chain() -> None:
    randomness = random.Random("500")
    for _ in range(20):
        assert chain_faults([random_paper(randomness) for _ in range(10)]) == []


def test_every_number_of_unicode_passes_the_whole_chain() -> None:
    for start in range(0, len(NUMBERS), 40):
        alone = NUMBERS[start : start + 40]
        told = " ".join(f"It is {number}, 3{number} or 10{number}%." for number in alone)
        papers = [HostilePaper("a", "b", "c", "d", text) for text in ("\n\n".join(alone), told)]
        assert chain_faults(papers) == []


def without_markup(markdown: str) -> str:
    """Letters and digits alone: list numbers, TeX and marks left out."""
    text = re.sub(r"<br>", "", clean(markdown))
    text = re.sub(r"(?m)^(\s*)\d+\. ", r"\1", text)
    text = re.sub(r"(?m)^ *\$\$\n.*\n *\$\$|\$[^$\n]+\$", "", text)
    return re.sub(r"[\W_]+", "", re.sub(r"\]\(http[^)]*\)", "]", text))


def test_the_summaries_of_the_sample_come_out_whole() -> None:
    summaries = [path.read_text("utf-8") for path in SAMPLE_SUMMARIES]
    assert len(summaries) >= 15
    for summary in summaries:
        html = gfm_html(block(summary))
        without_formulas = re.sub(
            r'\$<code>[^<]*</code>\$|<pre lang="math">.*?</pre>', "", html, flags=re.DOTALL
        )
        assert re.sub(r"[\W_]+", "", words(without_formulas)) == without_markup(summary)
        assert "**" not in words(html)
        delimiter_rows = re.findall(r"(?m)^\s*\|[\s:|-]*--[\s:|-]*$", summary)
        assert html.count("<table>") == len(delimiter_rows)
        assert {int(level) for level in re.findall(r"<h(\d)", html)} <= {4, 5, 6}
        assert "<h4>" in html


def test_large_texts_stay_within_bounds_together() -> None:
    written = [block(text, MARKS) for text in WHOLE]
    assert max(map(len, written)) <= MAX_SUMMARY_CHARS + len("\n\n" + CUT_NOTE)


def test_rendering_gives_its_memory_back() -> None:
    """In a process of its own, whose peak is its own."""
    program = (
        "import resource; from paperbot.text.gfm import gfm_html\n"
        "text = 'word *a* [x](https://a.b) `c`\\n\\n' * 3000\n"
        "for number in range(30):\n"
        "    gfm_html(text)\n"
        "    if number in (0, 29): print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    once, often = map(int, done.stdout.split())
    assert often < 2 * once
