import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperbot.model import Grounding
from paperbot.summaries.figures import figures_in
from paperbot.summaries.grounding import ground
from paperbot.text import FigureMarks, block
from tools.measure_grounding import measure


def literals(summary: str) -> list[str]:
    return [figure.literal for figure in figures_in(summary)]


def counts(grounding: Grounding) -> tuple[int, int, tuple[str, ...]]:
    return grounding.found, grounding.checked, grounding.missing


@pytest.mark.parametrize(
    ("summary", "figures"),
    [
        ("准确率达到84.4%，加速２.55倍，参数70亿", ["84.4%", "２.55倍", "70亿"]),
        ("1,000 和 1 000 个样本，120万词元，９５％", ["1,000", "1 000", "120万", "９５％"]),
        (r"$2.55\times$ 与 $84.4\%$，$ K = 32 $，1{,}000", [r"2.55\times", r"84.4\%", "32", "1{,}000"]),
        ("学习率 $10^{-4}$、3e-5、10⁻² 或 2×10^-3", ["10^{-4}", "3e-5", "10⁻²", "2×10^-3"]),
        ("| Ours | 1.25 ± 0.01 | 84.4 | 3 |", ["1.25 ± 0.01", "84.4"]),
        ("3–5 FPS, 10-100 倍, 8%-49%, from 8 to 49%", ["3–5 FPS", "10-100 倍", "8%", "49%", "8 to 49%"]),
        ("224×224, 3×32×32 and 11/12 layers", ["224×224", "3×32×32", "11/12"]),
        ("**84.4**%, **2.5** 倍, *3.1* ms", ["84.4", "2.5", "3.1"]),
        (
            "within 2 hours on 80GB at 600 GB/s and 1.2 million",
            ["2 hours", "80GB", "600 GB/s", "1.2 million"],
        ),
    ],
)
def test_figures_stand_as_the_summary_writes_them(summary: str, figures: list[str]) -> None:
    assert literals(summary) == figures


@pytest.mark.parametrize(
    "summary",
    [
        "5 steps, 3 个阶段, 2024 年, in 2019",
        "Section 3.2, Figures 12 and 13, Table 10, 表 12, 图 15, 第 12 节, Eq. (14)",
        "GPT-4, Llama-3-8B, Llama 3.1, FP8, H100, CIFAR-10, F1, top-1, pass@10, Qwen2.5-7B, 3D, RTX 5090",
        "4×A100 + 2×H800, PyTorch 2.6.0, CUDA 12.6, v1.2.3",
        "arXiv:2512.20276v1, 2025-12-25, 2025年12月25日, https://example.org/12.5",
        "12月25日, 2025년 12월 25일, 12 décembre 2025, 25. Dezember 2025, 12 de enero de 2025",
        "20世纪90年代, in the 1990s",
        "5 배치, 5 различных, 5 частей, 5초과",
        "12. 第一点\n13) 第二点\n## 4.11 结果\n- 14. next",
        "see [12], [13, 14] and [15–17]; O(n^2), x_{12}, W^{10}",
        "```python\nlr = 0.125\n```",
    ],
)
def test_names_numbering_and_years_are_no_figures(summary: str) -> None:
    assert literals(summary) == []


@pytest.mark.parametrize(
    ("written", "in_paper"),
    [
        ("1,000", "1000"),
        ("1000", "1,000"),
        ("1 000", "1,\n000 samples"),
        ("1000", "1\u2009000"),
        ("10,572", "10572"),
        ("84.4%", "84.4 %"),
        ("84.4 %", "Accuracy (%)\n84.4 85.1"),
        ("84.4％", "84.4 per cent"),
        ("84.4%", "an accuracy of 0.844"),
        ("0.844", "84.4%"),
        ("84,4 %", "84.4%"),
        ("5.2 个百分点", "5.2 percentage points"),
        ("84.4%", "84.40%"),
        ("2.55x", "2.55×"),
        ("2.55 倍", "2.55 times"),
        (r"2.55\times", "2.55x"),
        ("3x", "three times"),
        ("10倍", "a 10-fold gain"),
        ("2 倍", "it doubles the speed"),
        ("7B", "7 billion"),
        ("70亿", "LLaMA-7B"),
        ("120万", "1.2M"),
        ("128k", "128,000"),
        ("32K", "32,768"),
        ("10^-4", "1e-4"),
        ("$10^{-4}$", "10⁻⁴"),
        ("1e-4", "a rate of 10\N{MINUS SIGN}4."),
        ("3e-5", "3 × 10-5"),
        ("0.0001", "1e-4"),
        ("250 ms", "0.25 s"),
        ("4 小时", "four hours"),
        ("1.25 ± 0.01", "1.25±0.01"),
        ("3–5 FPS", "3-5 frames per second"),
        ("10–100 倍", "between 10 and 100 times"),
        ("24 块 GPU", "24 GPUs"),
        ("100,200", "sizes of 100 and 200"),
        ("100.0", "GPT-4 100.0 96.2"),
        ("-1.5%", "falls by 1.5%"),
        ("1.000", "1,000"),
        ("1'000’000", "1,000,000"),
        ("1_000", "1000"),
        ("1.2 千亿", "120 billion"),
        ("25 basis points", "0.25%"),
        ("8.4‰", "0.84%"),
        ("𝟖𝟒.𝟒%", "84.4%"),
        ("٨٤٫٤٪", "84.4%"),
        ("८४.४", "84.4"),
        (r"84.4\,\%", "84.4%"),
        (r"84.4~\%", "84.4%"),
        ("1.2 ⋅ 10^-4", "1.2e-4"),
        (r"1.2\!\times\,10^{5}", "120,000"),
        ("12‒34%", "12 to 34%"),
        ("12,5 ms", "12.5 ms"),
        ("0,854", "0.854"),
        ("1 234,5", "1,234.5"),
        ("1.234,56", "1234.56"),
        ("2,5 fois", "2.5x"),
        ("1,2 Mio. Bilder", "1.2 million"),
        ("0-100", "scores in (0,100)"),
        ("30 Milliarden", "30B"),
        ("1.2억 개", "120 million"),
        ("120만 개", "1.2M"),
        ("2.5배", "2.5x"),
        ("12時間", "12 hours"),
        ("1.2*10^5", "120,000"),
        ("500 GeV", "0.5 TeV"),
        ("50 µm", "0.05 mm"),
    ],
)
def test_formats_are_tolerated(written: str, in_paper: str) -> None:
    assert counts(ground(written, in_paper)) == (1, 1, ())


@pytest.mark.parametrize(
    ("written", "in_paper"),
    [
        ("84.4%", "84.5% 84% 844 8.44"),
        ("84.4%", "84.34%"),
        ("41%", "41 ms, [41], Table 41, 410%, 1.41"),
        ("5%", "5 layers, 5x, 5 ms"),
        ("16x", "16 GB"),
        ("7B", "70B, 7M, 7 layers"),
        ("6,003", "6 of 3, 6.003 and 6,000"),
        ("10,572", "10 of 572"),
        ("3–6 FPS", "3–5 FPS"),
        ("12.34", "arXiv:2512.34567"),
        ("1e-4", "1e-5"),
        ("0,854", "854 and 0"),
        ("30 Milliarden", "30 million"),
        ("1.2억", "1.2 million"),
        ("12시간", "12 minutes"),
        ("2.5배", "2.5 ms"),
        ("125 GeV", "125 TeV"),
        ("50 nm", "50 mm"),
        ("12 kpc", "12 Mpc"),
    ],
)
def test_values_are_not(written: str, in_paper: str) -> None:
    grounding = ground(written, in_paper)
    assert (grounding.found, grounding.missing) == (0, (written,))


@pytest.mark.parametrize(
    ("summary", "in_paper", "found"),
    [
        ("约 84%", "84.37%", True),
        ("about 84%", "83.6%", True),
        ("84% 左右", "84.37%", True),
        ("约 84%", "84.8%", False),
        ("超过 84%", "84.8%", True),
        ("不超过 84%", "84.8%", False),
        ("不超过 85%", "84.8%", True),
        ("不低于 84%", "84.8%", True),
        ("no more than 84%", "84.8%", False),
        ("up to 85%", "84.8%", True),
        ("not less than 84%", "84.8%", True),
        ("⩾84%", "84.8%", True),
        (r"$\leq 85\%$", "84.8%", True),
        ("80 -> 84%", "about 84.8%", False),
        ("over 84%", "83.9%", False),
        ("近 85%", "84.8%", True),
        ("nearly 85%", "85.1%", False),
        ("近 100 倍", "96.7x", True),
        ("~2.5x", "2.53x", True),
        ("2.5x", "2.53x", False),
    ],
)
def test_rounding_counts_where_it_is_said(summary: str, in_paper: str, found: bool) -> None:
    assert ground(summary, in_paper).found == found


def test_each_figure_counts_once() -> None:
    summary = "达到 84.4%，即 84.4%，另有 99.9% 与 99.9%，约 71% 即 71%"
    assert counts(ground(summary, "84.4% and 71.2%")) == (2, 3, ("99.9%",))


def test_a_summary_without_figures() -> None:
    assert counts(ground("没有数字。", "84.4%")) == (0, 0, ())


@given(st.text(st.sampled_from("0123456789.,%x×倍亿KBGms ~约[](){}^_:/-–±\\*$`#>|\nTable表图e１％²⁻")))
def test_any_summary_is_read(summary: str) -> None:
    grounding = ground(summary, "84.4%")
    assert grounding.found + len(grounding.missing + grounding.worked_out) == grounding.checked
    assert len(set(grounding.missing)) == len(grounding.missing)
    assert all(literal in summary and re.search(r"\d", literal) for literal in grounding.missing)


NUMBERS = st.one_of(
    st.integers(0, 10**7).map(str),
    st.integers(1000, 10**7).map("{:,}".format),
    st.decimals(0, 1000, places=2).map(str),
    st.sampled_from(["1e-4", "10^-5", "3×10⁻⁴", "$10^{-4}$", r"2 \times 10^{5}", "1 000", "１２.５"]),
)
UNITS = st.sampled_from(
    ["", "%", r"\%", "x", " ×", " times", "倍", "-fold", "B", "K", " GB", " ms", "亿", "个百分点", "** 倍"]
)
FIGURES = st.tuples(NUMBERS, UNITS).map("".join)
RANGES = st.tuples(NUMBERS, st.sampled_from(["-", "–", " ± ", " to ", "~", "至", "/"]), FIGURES).map("".join)
WORDS = st.sampled_from(
    ["GPT-4", "Llama 3", "Table 12", "[12]", "约", "达到", "half", "two hours", "2024 年", "**"]
)
GAPS = st.sampled_from([" ", "，", "\n", " | ", "、", ", ", "\n- ", "; ", "。"])


@given(st.lists(st.tuples(FIGURES | RANGES | WORDS, GAPS).map("".join)).map("".join))
def test_a_paper_holds_its_own_figures(text: str) -> None:
    assert ground(text, text).missing == ()


@pytest.mark.parametrize("language", ["English", "Chinese"])
def test_what_is_measured_holds(language: str) -> None:
    tally = measure(6, language)
    assert tally.count["right"] > 200
    assert tally.share("right") <= 0.01
    assert tally.share("right, said to be in another row") <= 0.02
    assert tally.share("one digit changed, 4 significant digits") >= 0.9
    assert tally.share("alarm, another paper") >= 0.95
    assert tally.share("alarm, right paper") == 0


@pytest.mark.parametrize(
    ("summary", "in_paper", "missing", "worked_out"),
    [
        ("30.67", "30.6720", (), ()),
        ("128K", "127,600", (), ()),
        ("8 × NVIDIA A100, 16 x NVIDIA H100", "16 NVIDIA H100", (), ()),
        ("4e-4", "4e \N{MINUS SIGN} 4", (), ()),
        ("200,000", "Maximum steps 200,000", (), ()),
        ("64, 128", "8,16,32,64,128", (), ()),
        ("1.25×10⁻³", "1.25±0.016×10\N{MINUS SIGN}3", (), ()),
        ("Fig.1B, doi:10.1038/s41586-021-03819-2, 25 December 2025", "", (), ()),
        ("84.4% and 80.2%: 4.2% more", "84.4 80.2", (), ("4.2%",)),
        ("250 ms and 100 ms: 2.5x", "250 ms 100 ms", (), ("2.5x",)),
        ("84.4% and 80.2%\nthen 4.2% more", "84.4 80.2", ("4.2%",), ()),
    ],
)
def test_real_formats_and_what_is_worked_out(
    summary: str, in_paper: str, missing: tuple[str, ...], worked_out: tuple[str, ...]
) -> None:
    grounding = ground(summary, in_paper)
    assert (grounding.missing, grounding.worked_out) == (missing, worked_out)


def test_a_figure_of_another_row() -> None:
    paper = "Ours 84.41 71.22 63.50\nBaseline 80.13 70.04 61.70"
    summary = "| Ours | 84.41 | 70.04 | 63.50 |"
    assert ground(summary, paper).other_row == ("70.04",)


def test_pages_are_chosen_by_what_stands_around() -> None:
    pages = ["routing halves costs 84.4 71.2", "we ablate the depth: 84.4 and 12.75", "nothing"]
    summary = "The routing halves costs: 84.4% and 71.2%. The depth we ablate gives 12.75."
    assert ground(summary, "", pages).pages == {"84.4%": 1, "12.75": 2}
    assert ground("84.4% there.\nIt is about 71.", "", pages).pages == {}


NUMBER_FORMS = st.characters(categories=["Nd", "Nl", "No"])


@settings(max_examples=200)
@given(st.text(NUMBER_FORMS | st.sampled_from("10.,×^-%x ±"), min_size=1), st.sampled_from(["", "It is "]))
def test_every_number_form_of_unicode_is_read(numbers: str, before: str) -> None:
    summary = f"{before}{numbers}"
    grounding = ground(summary, "10 2.5", [summary, "more"])
    assert grounding.found <= grounding.checked
    assert "⚠" not in block(summary, FigureMarks((), (), tuple(grounding.pages.items()), "https://a.b"))


@pytest.mark.parametrize(
    "unit",
    ["9", "9.9 ", "| a | 1.23 | 4.56 |\n", "10^", " ", "$", "1,", "×10", "a", "12.75 与 ", "±1.25", "```\n"],
)
def test_no_summary_and_no_paper_hangs_the_check(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    grounding = ground(text, "", [text] * 3)
    assert grounding.found + len(grounding.missing + grounding.worked_out) == grounding.checked
