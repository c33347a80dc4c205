"""What readers paste for a paper, and the id that they mean."""

import pytest

from paperbot.arxiv_id import find_arxiv_id, read_arxiv_id

NEW, OLD = "2512.20276", "math/0309136"


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        *((form.format(NEW), NEW) for form in (
            "{}", " {}\n", "arXiv:{}", "arxiv: {}", "ARXIV:{}", "arXiv:{} [cs.LG]", "[{}]", "({})", "{}.",
            "https://arxiv.org/abs/{}", "http://arxiv.org/abs/{}/", "arxiv.org/abs/{}",
            "www.arxiv.org/abs/{}",
            "https://arxiv.org/pdf/{}", "https://arxiv.org/pdf/{}.pdf", "https://arxiv.org/pdf/{}#page=7",
            "https://arxiv.org/abs/{}?context=cs.AI", "https://arxiv.org/html/{}",
            "https://export.arxiv.org/abs/{}",
            "https://doi.org/10.48550/arXiv.{}", "10.48550/arxiv.{}", "doi:10.48550/arXiv.{}",
            "https://www.alphaxiv.org/abs/{}", "https://www.alphaxiv.org/overview/{}",
            "https://huggingface.co/papers/{}", "https://ar5iv.labs.arxiv.org/html/{}", "https://ar5iv.org/abs/{}",
            "https%3A%2F%2Farxiv.org%2Fabs%2F{}", "https://scholar.archive.org/?q=arXiv:{}",
            "@arxiv:{}", "arXiv preprint arXiv:{}",
        )),
        *((form.format(NEW), f"{NEW}v2") for form in (
            "{}v2", "{}V2", "arXiv:{}v2", "https://arxiv.org/abs/{}v2", "https://arxiv.org/pdf/{}v2.pdf",
        )),
        *((form, OLD) for form in (
            "math/0309136", "math.GT/0309136", "arXiv:math/0309136", "https://arxiv.org/abs/math.GT/0309136",
            "https://arxiv.org/pdf/math/0309136.pdf",
        )),
        ("cond-mat/9901001v1", "cond-mat/9901001v1"),
        ("0704.0001", "0704.0001"),
    ],
)  # fmt: skip
def test_the_id_that_is_meant(pasted: str, meant: str) -> None:
    assert read_arxiv_id(pasted) == meant


@pytest.mark.parametrize(
    "pasted",
    [
        *("", "2512", "quant-ph", "2512.99001/../x", "id&start=0", "\x1b[31m", "2513.20276", "2512.202761"),
        *("٢٥١٢.٢٠٢٧٦", "https://example.org/a/2512.20276x", "10.1000/182", "pmid/1234567"),
        *("2512.20276v", "2512.20276v0", "2512.20276v9999"),
    ],
)  # fmt: skip
def test_what_is_no_id(pasted: str) -> None:
    assert read_arxiv_id(pasted) is None


def test_a_reference_in_running_text() -> None:
    assert find_arxiv_id("In: arXiv preprint arXiv:1706.03762v5 (2017), pages 1234.56789") == "1706.03762v5"
    assert find_arxiv_id("pages 1234.5678, doi 10.1145/3292500.3330701") is None
