"""BibTeX files as reference managers really export them."""

from functools import partial
from pathlib import Path

import pytest

from paperbot.model import LibraryEntry
from paperbot.ranking.library import decode_bib, parse_bib, read_bib_file, read_library

ZOTERO = r"""
@misc{leviathan_fast_2023,
	title = {Fast {Inference} from {Transformers} via {Speculative} {Decoding}},
	url = {http://arxiv.org/abs/2211.17192},
	doi = {10.48550/arXiv.2211.17192},
	abstract = {Inference from large models is slow: 50\% of the time, {K}V caches wait.},
	publisher = {arXiv},
	author = {Leviathan, Yaniv and Kalman, Matan},
	month = may,
	year = {2023},
	note = {arXiv:2211.17192 [cs]},
	annote = {Comment: ICML 2023 Oral},
	file = {Preprint PDF:/home/me/Zotero/x.pdf:application/pdf},
}
"""
MENDELEY = r"""
@article{Vaswani2017,
abstract = {The dominant sequence transduction models are based on complex recurrent networks.},
archivePrefix = {arXiv},
arxivId = {1706.03762},
author = {Vaswani, Ashish and Erd{\"{o}}s, P{\'{a}}l},
eprint = {1706.03762},
file = {:C$\backslash$:/x.pdf:pdf},
mendeley-groups = {LLM},
title = {{Attention Is All You Need}},
year = {2017}
}
"""
JABREF = r"""% Encoding: UTF-8
@String{nips = "Advances in " # "NeurIPS"}
@InProceedings{Dao2022,
  author    = {Tri Dao},
  title     = "Flash{A}ttention: " # nips,
  booktitle = nips,
  groups    = {kernels},
  comment   = {read},
}
@Comment{jabref-meta: databaseType:bibtex;}
"""
SCHOLAR = r"""
@article{hu2021lora,
  title={Lora: Low-rank adaptation of large language models},
  author={Hu, Edward J and others},
  journal={arXiv preprint arXiv:2106.09685},
  year={2021}
}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            ZOTERO,
            LibraryEntry(
                "Fast Inference from Transformers via Speculative Decoding",
                "Inference from large models is slow: 50% of the time, KV caches wait.",
                "2211.17192",
            ),
        ),
        (
            MENDELEY,
            LibraryEntry(
                "Attention Is All You Need",
                "The dominant sequence transduction models are based on complex recurrent networks.",
                "1706.03762",
            ),
        ),
        (JABREF, LibraryEntry("FlashAttention: Advances in NeurIPS")),
        (SCHOLAR, LibraryEntry("Lora: Low-rank adaptation of large language models", "", "2106.09685")),
    ],
)
def test_entries_of_the_usual_managers(text: str, expected: LibraryEntry) -> None:
    assert parse_bib(text, "x.bib") == ([expected], [])


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("eprint = {2401.00001v2}", "2401.00001"),
        ("eprint = {arXiv:2401.00001}", "2401.00001"),
        ("eprint = {hep-th/9901001}", "hep-th/9901001"),
        ("url = {https://arxiv.org/pdf/2401.00001v3.pdf}", "2401.00001"),
        ("url = {https://www.alphaxiv.org/abs/2401.00001}", "2401.00001"),
        ("doi = {https://doi.org/10.48550/ARXIV.2401.00001}", "2401.00001"),
        ("note = {arXiv: 2401.00001}", "2401.00001"),
        ("howpublished = {arXiv:2401.00001 [cs.LG]}", "2401.00001"),
        ("journal = {CoRR}, volume = {abs/2401.00001}", "2401.00001"),
        ("journal = {ArXiv}, number = {2401.00001v2}", "2401.00001"),
        ("journal = {arXiv e-prints}, pages = {arXiv:2401.00001}", "2401.00001"),
        ("journal = {arXiv preprint 2401.00001}", "2401.00001"),
        ("howpublished = {\\url{https://arxiv.org/abs/2401.00001}}", "2401.00001"),
        ("annote = {Comment: see arXiv: 2401.00001v3, 12 pages}", "2401.00001"),
        ("file = {:home/me/2401.00001v3.pdf:PDF}", "2401.00001"),
        ("Bdsk-Url-1 = {https://arxiv.org/abs/2401.00001}", "2401.00001"),
        ("url = {https://x.org}, url = {https://arxiv.org/abs/2401.00001}", "2401.00001"),
        ("note = {arXiv admin note: text overlap with arXiv:2401.00001}", ""),
        ("note = {Extends the earlier arXiv:2312.00001}, journal = {arXiv:2401.00001}", "2401.00001"),
        ("eprint = {0309136}, primaryClass = {math.GT}", "math/0309136"),
        ("eprint = {9901001}, archivePrefix = {hep-th}", "hep-th/9901001"),
        ("eprint = {1234567}, archivePrefix = {pmid}", ""),
        ("journal = {CoRR}, volume = {cs.LG/0701001}", "cs/0701001"),
        ("archivePrefix = {arXiv}, number = {2401.00001}", "2401.00001"),
        ("publisher = {arXiv}, number = {2401.00001}", "2401.00001"),
        ("url = {https://scirate.com/arxiv/2401.00001}", "2401.00001"),
        *(
            (f"{name} = {{{text}}}", "2401.00001")
            for name in ("note", "howpublished")
            for text in ("2401.00001", "[2401.00001v2]", "2401.00001 [cs.LG]", "arXiv, 2401.00001")
        ),
        ("note = {arXiv preprint no. 2401.00001}", "2401.00001"),
        ("note = {arXiv identifier: 2401.00001}", "2401.00001"),
        ("note = {arXiv:\\,2401.00001}", "2401.00001"),
        ("note = {Available at arXiv.org: 2401.00001}", "2401.00001"),
        ("journal = {CoRR}", ""),
        ("eprint = {PMC1234567}", ""),
        ("doi = {10.1145/3600006.3613165}", ""),
        ("note = {Published 2401.00001 times}", ""),
        ("number = {2401.00001}", ""),
    ],
)
def test_arxiv_ids(field: str, expected: str) -> None:
    ((entry,), _) = parse_bib("@article{a, title={T}, " + field + "}", "x.bib")
    assert entry.arxiv_id == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("2401.00001v2", "2401.00001"),
        ("arXiv:2401.00001", "2401.00001"),
        ("arXiv_2401_00001", "2401.00001"),
        ("Doe_2401.00001", "2401.00001"),
        ("https://doi.org/10.48550/arxiv.2401.00001", "2401.00001"),
        ("DBLP:journals/corr/abs-2401-00001", "2401.00001"),
        ("2024arXiv240100001D", "2401.00001"),
        ("hep-th_9901001", "hep-th/9901001"),
        ("doe2024.12345", ""),
        ("pmid_1234567", ""),
        ("CVE-2012-12345", ""),
    ],
)
def test_an_arxiv_id_as_citation_key(key: str, expected: str) -> None:
    ((entry,), _) = parse_bib(f"@article{{{key}, title={{T}}}}", "x.bib")
    assert entry.arxiv_id == expected


BOOK = "@book{Book, title={The Book}, abstract={About.}, eprint={2401.00001}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@inbook{a, crossref={BOOK}, pages={1}}", ("The Book", "About.", "2401.00001")),
        ("@inbook{a, title={}, crossref=book, abstract={Mine.}}", ("The Book", "Mine.", "2401.00001")),
        ("@inbook{a, crossref={b}}@inbook{b, crossref={book}}", ("The Book", "About.", "2401.00001")),
        ("@inbook{a, title={A Chapter}, crossref={book}}", ("A Chapter", "", "")),
    ],
)
def test_a_title_may_be_that_of_the_book(text: str, expected: tuple[str, str, str]) -> None:
    (entry, *_), problems = parse_bib(text + BOOK, "x.bib")
    assert ((entry.title, entry.abstract, entry.arxiv_id), problems) == (expected, [])


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ("title={{GANs}}, subtitle = {A Survey}", "GANs: A Survey"),
        ('subtitle="A Survey", title="GANs"', "GANs: A Survey"),
        ("title={GANs: A survey}, subtitle={A {Survey}}", "GANs: A survey"),
        ("title={GANs}, subtitle={}", "GANs"),
        ("title={GANs},\n  subtitle = {A Survey},\n  note = {broken", "GANs: A Survey"),
    ],
)
def test_a_subtitle_belongs_to_the_title(fields: str, title: str) -> None:
    entries, _ = parse_bib(f"@article{{a,\n  {fields}}}", "x.bib")
    assert [entry.title for entry in entries] == [title]


@pytest.mark.parametrize(
    "text",
    ["@inbook{a, crossref={gone}}", "@inbook{a, crossref={a}}", "@inbook{a, booktitle={B}, crossref={}}"],
)
def test_without_a_book_there_is_no_title(text: str) -> None:
    entries, (problem,) = parse_bib(text, "x.bib")
    assert (entries, problem.message) == ([], "Entries that have no title and are not used: 1.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@article{a, title={One}}\n@article{a, title={Repeated key}}", ["One", "Repeated key"]),
        ("@article{b, title={}, title={Twice}}\n@article{c, author={No Title}}", ["Twice"]),
        (
            "@article{, title={No key}}\n@article{title={No key either}, year=2020}",
            ["No key", "No key either"],
        ),
        ("@article{a,\n title = {Cut off\n\n@misc{b, title={Last}}", ["Cut off", "Last"]),
        ("@article{a,\n title = {No end,\n year = {2020}\n}\n@misc{b, title={Last}}", ["No end", "Last"]),
        ('@article{a,\n title = "No quote,\n year = 2020\n}\n@misc{b, title={Last}}', ["No quote", "Last"]),
        ("@article{a title={No comma after the key}}", ["No comma after the key"]),
        ("@article{a, title={No comma} year={2020}, abstract={A}}", ["No comma"]),
        ("@article{a,\n title = {No comma}\r\n year = {2020}\n}", ["No comma"]),
        ("@article{a,\n year = 2020\n title = {No comma}\n}", ["No comma"]),
        ("@article{a,\n month = dec\n title = {No comma}\n}", ["No comma"]),
        ("@article{a\n title = {No comma}\n}", ["No comma"]),
        (
            "@misc{a,\n<<<<<<< HEAD\n title={Ours},\n=======\n title={Theirs},\n>>>>>>> b\n year=1}\n"
            "<<<<<<< HEAD\n@misc{b, title={B}}\n=======\n>>>>>>> b",
            ["Ours", "B"],
        ),
        ("@article{a,\n title={An}, abstract={Line.\n@article{x}\n text}}\n@misc{b, title={U}}", ["An", "U"]),
        ("@article{a, title = {Brace}}, year={1}}\n}}}\n@misc{b, title={Last}}", ["Brace", "Last"]),
        ("@article{a{b}, title={Brace in the key}}", ["Brace in the key"]),
        ("@ article { a , title = { Spaces } }\r@misc(b, title={Parentheses})", ["Spaces", "Parentheses"]),
        ("@misc{a, title = unknown # { and text}}", ["unknown and text"]),
        ("@string{a = {One}} @string{b = a # { two}}\n@misc{x, title = b, month = 10 # oct}", ["One two"]),
        ("Text with @ and {\n@misc{a, title={更快的推理}, abstract={大模型}}", ["更快的推理"]),
        ("% @misc{a, title={No}}\n@misc{b,\n title={Real}, % the title\n % title={No}\n}", ["Real"]),
        ("@comment{@misc{a, title={No}}}\n@preamble{{x}}\n@misc{b, title={Real}}", ["Real"]),
        ("@misc{a,\0 title={T\0wo\x1b}}", ["Two"]),
        ("@misc{a, title={A &amp; B <i>x</i>: <jats:p>50\\% of C\\#</jats:p>}}", ["A & B x : 50% of C#"]),
        ("@misc{a, title={" + "{" * 200 + "Deep" + "}" * 200 + "}, file={" + "x" * 10**6 + "}}", ["Deep"]),
    ],
)
def test_flaws_cost_no_entry_its_title(text: str, expected: list[str]) -> None:
    entries, _ = parse_bib(text, "x.bib")
    assert [entry.title for entry in entries] == expected


def test_what_is_not_used_is_counted() -> None:
    _, problems = parse_bib("@misc{a, author={No Title}}\n@misc{b{c}, year={1}}\n", "x.bib")
    assert [str(problem) for problem in problems] == [
        "x.bib: Entries that can't be read and are not used: 1.",
        "x.bib: Entries that have no title and are not used: 1.",
    ]


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ("Über Größe".encode("cp1252"), "Über Größe"),
        (b"% Encoding: ISO-8859-2\n" + "Řešení".encode("iso-8859-2"), "Řešení"),
        ("大模型推理的加速".encode("gb18030"), "大模型推理的加速"),
        ("Größe 大".encode("utf-8-sig"), "Größe 大"),
        *(("Größe 大".encode(encoding), "Größe 大") for encoding in ("utf-16", "utf-16-le", "utf-16-be")),
        (b"% Encoding: klingon\nGr\xf6\xdfe", "Größe"),
        (b"\x81\x8d\xff\xfe A\x81 \xff", ""),
    ],
)
def test_encodings(data: bytes, title: str) -> None:
    assert title in decode_bib(data)


def test_a_library_of_several_files_has_each_paper_once(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_text(SCHOLAR + MENDELEY, "utf-8")
    with_abstract = SCHOLAR.replace("year=", "abstract={We propose.}, year=")
    (tmp_path / "b.bib").write_text(with_abstract + MENDELEY, "utf-8")
    entries, problems = read_library(
        {name: partial(read_bib_file, tmp_path, name) for name in ("a.bib", "b.bib")}
    )
    assert [(entry.arxiv_id, bool(entry.abstract)) for entry in entries] == [
        ("2106.09685", True),
        ("1706.03762", True),
    ]
    assert problems == ()


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "folder.bib").mkdir(parents=True)
    (tmp_path / "outside.bib").write_text(SCHOLAR, "utf-8")
    (root / "link.bib").symlink_to(tmp_path / "outside.bib")
    (root / "good.bib").write_text(SCHOLAR, "utf-8")
    entries, problems = read_library(
        {
            name: partial(read_bib_file, root, name)
            for name in ("absent.bib", "folder.bib", "link.bib", "good.bib")
        }
    )
    assert len(entries) == 1
    assert [str(problem) for problem in problems] == [
        "absent.bib: The library can't be read: there is no such file.",
        "folder.bib: The library can't be read: it is not a file.",
        "link.bib: The library can't be read: it is a link to a place outside of the repository.",
    ]


def test_nothing_of_a_private_library_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    parse_bib("@article{secretkey, title={One}}\n@article{secretkey, title={Two}}\n", "x.bib")
    assert caplog.text == ""


@pytest.mark.parametrize(
    "text", ["", "@", "@article", "@article{", "}" * 999, "@article{a, title={" * 300, "\0"]
)
def test_what_is_no_bibtex_gives_no_entries(text: str) -> None:
    assert parse_bib(text, "x.bib")[0] == []
