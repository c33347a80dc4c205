"""The venue that a comment names; most comments are real ones of December 2025."""

import pytest

from paperbot.text.venues import venues_in


@pytest.mark.parametrize(
    ("comment", "venue"),
    [
        ("Accepted to ICSE 2026", "ICSE 2026"),
        ("Accepted by AAAI2026 Oral", "AAAI 2026"),
        ("AAAI-26", "AAAI 2026"),
        ("Accepted to FPGA'26 Oral", "FPGA 2026"),
        ("17 pages. To appear in KDD'26 Datasets", "KDD 2026"),
        ("NeurIPS 2025. Project page: https://waabi.ai/flux4d/", "NeurIPS 2025"),
        ("Accepted at NORA Workshop at NeurIPS 2025", "NeurIPS 2025 (Workshop)"),
        ("AACL 2025 Findings", "AACL 2025 (Findings)"),
        ("20 pages, 14 figures. Camera-ready for WACV 2026", "WACV 2026"),
        ("Accepted to TMLR, view HTML here: https://leonardbereska.github.io/blog", "TMLR"),
        (
            "Accepted by IEEE Transactions on Parallel and Distributed Systems",
            "IEEE Transactions on Parallel and Distributed Systems",
        ),
        (
            "Accepted for publication in the Journal of Artificial Intelligence Research, 40 pages",
            "Journal of Artificial Intelligence Research",
        ),
        (
            "Accepted to Transactions on Machine Learning Research (TMLR) as a survey",
            "Transactions on Machine Learning Research",
        ),
        ("Published as a conference paper at ICLR 2026", "ICLR 2026"),
        ("ICLR'2026 conference paper", "ICLR 2026"),
        ("To appear in Proc. of AAAI-26", "AAAI 2026"),
        ("Accepted at Interspeech 2026", "Interspeech 2026"),
        ("in Proceedings of the 2026 ACM SIGMOD", "SIGMOD 2026"),
        ("Accepted at SIGGRAPH Asia 2026", "SIGGRAPH Asia 2026"),
        ("Accepted in Nature Communications", "Nature Communications"),
        ("Accepted to LaMAS 2026@AAAI'26", "LaMAS 2026"),
        ("Conditionally accepted at CHI 2026", ""),
        ("Rejected from ICLR 2026", ""),
        ("Follow-up of our conference paper at ICML 2025", ""),
        ("A journal version of a paper accepted at ICLR 2024", ""),
        ("Submitted to the Journal of Physics", ""),
        ("Submitted to CVPR 2026", ""),
        ("Under review at ICLR 2026", ""),
        ("Preparing submission for EDM 2026 conference", ""),
        ("Journal extension of VehicleMAE (AAAI 2024)", ""),
        ("Accepted to the ARR October 2025 cycle", ""),
        ("1st Workshop on Systems for Agentic AI (SAA '25), co-located with SOSP 2025", ""),
        ("Ph.D. Thesis, Bogazici University, 2020", ""),
        ("22 pages, 2 figures, 13 tables", ""),
        ("", ""),
    ],
)
def test_a_venue_is_named_only_where_the_comment_says_so(comment: str, venue: str) -> None:
    assert venues_in(comment) == ((venue,) if venue else ())
