"""Exports: what reference managers read from them is what went in."""

import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest
import rispy
from bibtexparser.entrypoint import parse_string as parse_library
from bibtexparser.middlewares import SeparateCoAuthors
from pybtex.database import Person, parse_string

from paperbot.model import Paper, Summary, TlDr
from paperbot.render.citations import (
    Name,
    bibtex,
    bibtex_block,
    bibtex_entry,
    names_of,
    ris,
    split_name,
)
from paperbot.render.json_feed import paper_item
from paperbot.render.templating import load_templates
from paperbot.text import plain, plain_formulas
from paperbot.text.formulas import split_formulas
from paperbot.text.gfm import gfm_html
from tests.support import invented
from tests.support.hostile import HOSTILE

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = load_templates(ROOT, ROOT / "templates")
STRANGE = Path(__file__).parent / "data" / "strange_papers.json"
"""The names and titles of December 2025 that are hardest to write; arXiv's metadata is CC0."""


def strange_papers() -> list[Paper]:
    real = [
        paper(id=row["id"], title=row["title"], abstract=row["title"], authors=tuple(row["authors"]))
        for row in json.loads(STRANGE.read_text("utf-8"))
    ]
    tricks = [text for text in HOSTILE if len(text) < 2_000 and plain(text)]
    return real + [
        paper(id=f"2601.{number:05}", title=text, abstract=text, comment=text, authors=(text, "A B"))
        for number, text in enumerate(tricks)
    ]


def paper(**fields: object) -> Paper:
    base = replace(invented.entry(1, shown=True).paper, id="2512.00001", authors=("Ada Lovelace",))
    return replace(base, published=dt.datetime(2025, 12, 3, tzinfo=dt.UTC), **fields)  # type: ignore[arg-type]


def bare(text: str) -> str:
    """Without braces and backslashes, those of LaTeX's escapes among them."""
    text = re.sub(r"\\?\btext(backslash|brace(left|right))\b|\\[lr]brace ", "", text)
    text = text.replace(r"\textasciitilde", "~").replace(r"\textasciicircum", "^")
    return " ".join(re.sub(r"[{}\\]", "", text).split())


def written(text: str) -> str:
    pieces = split_formulas(plain(text))
    return bare("".join(f"${found.source}$" if found and found.tex else source for source, found in pieces))


def divided(person: Person) -> tuple[str, str, str]:
    last, first = [*person.prelast_names, *person.last_names], [*person.first_names, *person.middle_names]
    return bare(" ".join(last)), bare(" ".join(first)), bare(" ".join(person.lineage_names))


def expected(names: Sequence[Name]) -> list[tuple[str, str, str]]:
    return [(bare(name.last), bare(name.first), name.suffix) for name in names]


def test_bibtex_is_read_by_two_libraries_as_it_was_meant() -> None:
    papers = strange_papers()
    text = bibtex(papers)
    ours = parse_string(text, "bibtex").entries
    library = parse_library(text, append_middleware=[SeparateCoAuthors()])
    assert not library.failed_blocks
    assert len(library.entries) == len(ours) == len(papers)
    for source, one, other in zip(papers, ours.values(), library.entries, strict=True):
        assert [divided(person) for person in one.persons["author"]] == expected(names_of(source))
        assert len(other["author"]) == len(names_of(source))
        for fields in (one.fields, {name: field.value for name, field in other.fields_dict.items()}):
            assert bare(fields["title"]) == written(source.title)
            assert bare(fields.get("abstract", "")) == written(source.abstract)
            assert fields["eprint"] == source.id
            assert (fields["archivePrefix"], fields["primaryClass"]) == ("arXiv", source.primary_category)


@pytest.mark.parametrize(
    ("title", "written"),
    [
        (r"$95\%$ of $\text{\#1}$", r"{$95\%$} of {$\text{\#1}$}"),
        ("$95%$ of $x$", r"\$95\%\$ of {$x$}"),
        (r"$\sim$5 ``dB''", r"{$\sim$}5 “dB”"),
    ],
)
def test_formulas_of_titles_stay_formulas(title: str, written: str) -> None:
    assert f"  title = {{{{{written}}}}},\n" in bibtex_entry(paper(title=title))


def test_ris_is_read_as_it_was_meant() -> None:
    papers = strange_papers()
    for source, entry in zip(papers, rispy.loads(ris(papers)), strict=True):
        names = [", ".join(filter(None, (n.last, n.first, n.suffix))) for n in names_of(source)]
        assert entry["authors"] == names
        assert entry["title"] == plain_formulas(source.title)
        assert entry["abstract"] == plain_formulas(source.abstract)
        assert entry["keywords"] == list(source.categories)


def test_a_page_shows_the_bibtex_as_it_is() -> None:
    for source in strange_papers():
        block = lxml.html.fragment_fromstring(gfm_html(bibtex_block(source)), create_parent="div")
        assert [child.tag for child in block] == ["pre"]
        assert block.findtext(".//code") == bibtex_entry(replace(source, abstract="")) + "\n"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Willem van der Berg", ("van der Berg", "Willem", "")),
        ("Jan Van den Bussche", ("Van den Bussche", "Jan", "")),
        ("Nguyen Van Minh", ("Minh", "Nguyen Van", "")),
        ("Maria de la Cruz III", ("de la Cruz", "Maria", "III")),
        ("Martin Luther King Jr.", ("King", "Martin Luther", "Jr")),
        ("Blaise Agüera y Arcas", ("Agüera y Arcas", "Blaise", "")),
        ("Luís da Silva e Souza", ("da Silva e Souza", "Luís", "")),
        ("Jan-Willem van 't Hof", ("van 't Hof", "Jan-Willem", "")),
        ("Robert Downey, Jr.", ("Downey", "Robert", "Jr")),
        ("Jane Roe, PhD", ("Roe", "Jane", "PhD")),
        ("Li Wei (李伟)", ("Wei", "Li (李伟)", "")),
        ("Gemini Team, Google", ("Gemini Team, Google", "", "")),
        ("王小明", ("王小明", "", "")),
        ("Zhuofeng zhao", ("zhao", "Zhuofeng", "")),
        ("van Dyke", ("van Dyke", "", "")),
        ("de la Torre", ("de la Torre", "", "")),
        ("van der Berg", ("van der Berg", "", "")),
        ("al Khwarizmi", ("al Khwarizmi", "", "")),
        ("’t Hooft", ("’t Hooft", "", "")),
        ("de la Torre Jr.", ("de la Torre Jr.", "", "")),
        ("de la Torre, Jr.", ("de la Torre, Jr.", "", "")),
        ("Al de Souza", ("de Souza", "Al", "")),
        ("Gerard ‘t Hooft", ("‘t Hooft", "Gerard", "")),
        ("Jan in 't Veld", ("in 't Veld", "Jan", "")),
        ("Ahmed ben Salah", ("ben Salah", "Ahmed", "")),
        ("Omar al-Rashid", ("al-Rashid", "Omar", "")),
        ("Jean-Pierre Dupont-Moretti", ("Dupont-Moretti", "Jean-Pierre", "")),
        ("J. R. R. Tolkien", ("Tolkien", "J. R. R.", "")),
        ("D'Arcy O'Neil", ("O'Neil", "D'Arcy", "")),
        ("Santiago Ramón y Cajal", ("Ramón y Cajal", "Santiago", "")),
        ("Ramón y Cajal", ("y Cajal", "Ramón", "")),
        ("Antoni Gaudí i Cornet", ("Gaudí i Cornet", "Antoni", "")),
        ("John Smith Jr. PhD", ("Smith", "John", "Jr. PhD")),
        ("John Smith Jr., PhD", ("Smith", "John", "Jr. PhD")),
        ("Smith Jr.", ("Smith Jr.", "", "")),
        ("Wei Li（李伟）", ("Li", "Wei （李伟）", "")),
        ("Tianyi Zhang (张 天一)", ("Zhang", "Tianyi (张 天一)", "")),
        ("Willem van Dam Jr. (威廉)", ("van Dam", "Willem (威廉)", "Jr")),
        ("李伟 (Wei Li)", ("李伟 (Wei Li)", "", "")),
        ("Wei (伟)", ("Wei (伟)", "", "")),
        ("Robert (Bob) Smith", ("Smith", "Robert (Bob)", "")),
        ("Lei Ai", ("Ai", "Lei", "")),
        ("Mistral AI", ("Mistral AI", "", "")),
        ("Hermansyah", ("Hermansyah", "", "")),
        ("SIMA team", ("SIMA team", "", "")),
        ("Black and White", ("Black and White", "", "")),
    ],
)
def test_names_are_divided_by_their_particles(name: str, parts: tuple[str, str, str]) -> None:
    divided = split_name(name)
    assert (divided.last, divided.first, divided.suffix) == parts


@pytest.mark.parametrize("name", ["de la Torre", "de la Torre, Jr.", "Ramón y Cajal", "van Dam Jr. (X)"])
def test_a_last_name_alone_is_read_whole(name: str) -> None:
    ((person,),) = [
        entry.persons["author"]
        for entry in parse_string(bibtex([paper(authors=(name,))]), "bibtex").entries.values()
    ]
    (parts,) = expected([split_name(name)])
    assert divided(person) == parts
    (entry,) = rispy.loads(ris([paper(authors=(name,))]))
    assert entry["authors"] == [", ".join(filter(None, (parts[0], parts[1], parts[2])))]


def test_one_entry_to_the_letter() -> None:
    source = paper(
        id="quant-ph/0201082",
        title="A $O(n^2)$ Test of LLMs & 5% more",
        authors=("NVIDIA", ":", "Jos{\\'e} de Mattos", "X_1 Li"),
        abstract="a",
        doi="10.1000/a_b",
        journal_ref="J. Test 1 (2026) 3",
        primary_category="cs.LG",
        comment="",
    )
    assert bibtex([source, source]) == (
        "@article{nvidia2002-quant-ph-0201082,\n"
        "  author = {{NVIDIA} and de Mattos, José and Li, X\\_1},\n"
        "  title = {{A {$O(n^2)$} Test of LLMs \\& 5\\% more}},\n"
        "  year = {2025},\n  month = dec,\n  eprint = {quant-ph/0201082},\n  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.LG},\n  doi = {10.1000/a\\_b},\n  journal = {J. Test 1 (2026) 3},\n"
        "  url = {https://arxiv.org/abs/quant-ph/0201082},\n  abstract = {a},\n}\n"
    )


def test_json_feed() -> None:
    zone, published = invented.CONFIG.zone, dt.datetime(2025, 12, 3, tzinfo=dt.UTC)
    team = paper(title="$x^2$ & y", authors=("A Team", ":", "B C"), updated=published, comment="7 pages")
    entry = replace(invented.entry(1, shown=True), paper=team, tldr=TlDr("It is fast."))
    item = paper_item(entry, zone, TEMPLATES)
    assert item["id"] == "oai:arXiv.org:2512.00001"
    assert item["title"] == "x² & y"
    assert item["authors"] == [{"name": "A Team: B C"}]
    assert item["summary"] == "It is fast."
    assert dt.datetime.fromisoformat(str(item["date_published"])).date() == entry.digest_date
    assert "date_modified" not in item, "it was submitted before it was shown"
    revised = replace(team, updated=published + dt.timedelta(days=60))
    later = paper_item(replace(entry, paper=revised, withdrawn=True), zone, TEMPLATES)
    assert later["date_modified"] == "2026-02-01T00:00:00+00:00"
    assert later["title"] == "[withdrawn] x² & y"


def test_a_json_feed_says_what_the_rss_feed_says() -> None:
    entry = invented.entry(1, shown=True)
    assert entry.summary
    short = replace(entry, summary=replace(entry.summary, cut_short=True, partial=True))
    refused = replace(entry, summary=Summary(reason="the model refused"))
    for one, words in ((short, "this summary is not complete"), (refused, "No summary: the model refused")):
        assert words in str(paper_item(one, invented.CONFIG.zone, TEMPLATES)["content_html"])


def test_a_json_feed_has_limits() -> None:
    long = paper(title="x" * 100_000, abstract="y" * 1_000_000)
    entry = replace(invented.entry(1, shown=True), paper=long, summary=None, tldr=None)
    assert len(json.dumps(paper_item(entry, invented.CONFIG.zone, TEMPLATES))) < 50_000
