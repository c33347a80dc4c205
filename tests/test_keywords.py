"""Which papers match, what they score, in what order."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperbot.config import Keyword
from paperbot.model import Match, Paper
from paperbot.ranking.keywords import (
    PreparedPaper,
    Scorer,
    _expression,
    is_withdrawn,
    keyword_pattern,
    normalised,
    withdrawal_notice,
    words_of,
)
from tests.support.builders import a_config, a_paper, utc


def found(term: str, text: str, match: str = "word") -> bool:
    scorer = Scorer(a_config(keywords=[{"term": term, "match": match}]))
    return bool(scorer.score(a_paper(title="", abstract=text)).matches)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("LLM", "LLMs are here"),
        ("LLM", "the LLM's tokens"),
        ("LLM", "the LLM’s tokens"),
        ("LLM", "an llm-based agent"),
        ("RL", "RL, for short"),
        ("State Space", "a state-space model"),
        ("State Space", "state   space"),
        ("State Space", "state\nspaces"),
        ("state-space", "state space"),
        ("State Space", "state‑space"),  # a non-breaking hyphen
        ("Efficiency", "Efficiencies vary"),
        ("Process", "two processes"),
        ("quantiz*", "Quantization helps"),
        ("speculative decod*", "speculative-decoding"),
        ("C++", "in C++."),
        ("FP8", "in FP8 and FP4"),
        ("fine", "ﬁne print"),  # a ligature
        ("straße", "STRASSE"),
        ("推理", "推理"),
        ("--", "speed -- and width"),
        ("self-attention", "self\u2212attention"),  # a minus
        ("KV cache", "the KV~cache"),
        ("attention", "atten\u00adtion"),  # a soft hyphen
        ("inference", "infer\u200bence"),
        ("Schrödinger", r"a Schr\"odinger equation"),
        ("Poincaré", r"the Poincar\'{e} ball"),
        ("Łojasiewicz", r"the {\L}ojasiewicz inequality"),
        ("R&D", r"in R\&D"),
        ("LLM", r"\textsc{LLM}s"),
        ("k-means", "$k$-means"),
        ("Q-learning", "deep $Q$-learning"),
    ],
)
def test_whole_words(term: str, text: str) -> None:
    assert found(term, text)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("RL", "the world early, particularly"),
        ("RL", "RLHF"),
        ("LLM", "LLMOps"),
        ("State Space", "statespace"),
        ("State Space", "state of space"),
        ("quantiz*", "dequantize"),
        ("quantiz*", "Quantity"),
        ("low-rank approx*", "low-rank approach"),
        ("C++", "C"),
        ("review", "reviewer"),
    ],
)
def test_no_parts_of_words(term: str, text: str) -> None:
    assert not found(term, text)


def test_substrings_are_found_anywhere() -> None:
    assert found("RL", "the world", "substring")
    assert not found("LLMs", "an LLM", "substring")


WORDS = st.sampled_from(
    [
        "rl",
        "rlhf",
        "llm",
        "llms",
        "state",
        "space",
        "policy",
        "policies",
        "box",
        "boxes",
        "c++",
        "naïve",
        "'s",
    ]
)
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", "-", "\n", ", ", "_", ""])), max_size=12).map(
    lambda parts: "".join(word + joint for word, joint in parts)
)


TERMS = st.sampled_from(
    ["RL", "LLM", "policy", "box", "State Space", "stat*", "state-space", "box policy", "C++", "naïve", "--"]
)


@given(term=TERMS, text=TEXTS)
def test_looking_words_up_is_the_same_as_the_expression(term: str, text: str) -> None:
    expression = re.compile(_expression(normalised(term), "word"))
    by_expression = expression.search(normalised(text)) is not None
    assert found(term, text) is by_expression


@given(TEXTS)
def test_what_is_found_is_what_is_marked(text: str) -> None:
    keyword = Keyword(term="State Space")
    assert found(keyword.term, text) is bool(keyword_pattern(keyword).search(text))


def score(paper: Paper, **config: Any) -> float:
    return Scorer(a_config(**config)).score(paper).value


def test_the_score_explains_itself() -> None:
    scorer = Scorer(a_config(keywords=["Video", {"term": "LLM", "weight": 2}, {"term": "toy", "weight": -1}]))
    paper = a_paper(title="LLM inference", abstract="Video for LLMs, with a toy.")
    result = scorer.score(paper)
    assert result.matches == (
        Match("Video", 1.0, False, True),
        Match("LLM", 2.0, True, True),
        Match("toy", -1.0, False, True),
    )
    assert result.value == 1.0 + 2.0 * 1.5 - 1.0


def test_the_whole_abstract_counts() -> None:
    assert score(a_paper(abstract="First.\nSecond on video."), keywords=["video"]) == 1.0


def test_a_text_without_a_paper_has_the_same_score() -> None:
    scorer = Scorer(a_config(keywords=["video", "LLM"], watch_authors=["Ada Example"]))
    paper = a_paper(title="Video", abstract="Of LLMs.", authors=("Ada Example",))
    text = PreparedPaper.of(paper.title, paper.abstract)
    assert scorer.score_of(text, paper.authors) == scorer.score(paper)
    assert scorer.score(paper).value == 1.5 + 1.0 + 1.0


def test_words_are_compared_in_their_order() -> None:
    assert words_of("A State-space, ﬁne!") == ["a", "state", "space", "fine"]


def test_the_same_substring_twice_counts_twice() -> None:
    paper = a_paper(abstract="A framework.")
    assert score(paper, keywords=["framework", "Framework"], match="substring") == 2.0


def test_watched_authors_add_their_weight_and_are_a_reason_to_match() -> None:
    authors = [{"name": "Jürgen M. Doe", "weight": 4}, "José Doe", "李"]
    config = a_config(keywords=["video"], watch_authors=authors)
    (candidate,) = Scorer(config).candidates([a_paper(authors=("Ada Example", "Jurgen M Doe", "Jose Doe"))])
    assert candidate.score.matches == (
        Match("Jürgen M. Doe", 4.0, False, False, author=True),
        Match("José Doe", 1.0, False, False, author=True),
    )
    with_keyword = Scorer(config).score(a_paper(abstract="Video.", authors=("Jose Doe",)))
    assert (candidate.score.value, with_keyword.value) == (5.0, 2.0)


@pytest.mark.parametrize(
    ("watched", "author"),
    [
        ("LeCun, Yann", "Yann LeCun"),
        ("Doe, Jane Q.", "Jane Q Doe"),
        ("Jane Doe, Jr.", "Jane Doe Jr"),
        ("Doe, Jr., Jane", "Jane Doe Jr"),
        ("Lukasz Kaiser", "Łukasz Kaiser"),
        ("Søren Dahl", "Soren Dahl"),
        ("Cagri Yilmaz", "Çağrı Yılmaz"),
        ("Dorde Doe", "Đorđe Doe"),
        ("Thora Aegis", "Þóra Ægis"),
        ("Conor O'Brien", "Conor O’Brien"),
        ("Jean Baptiste Doe", "Jean‐Baptiste Doe"),
        ("Jürgen Doe", r"J\"urgen Doe"),
        ("Jane\u200b Doe", "Jane Doe"),
    ],
)
def test_watched_authors_may_be_written_in_other_ways(watched: str, author: str) -> None:
    scorer = Scorer(a_config(keywords=["video"], watch_authors=[watched]))
    assert scorer.score(a_paper(authors=(author,))).value == 1.0


@pytest.mark.parametrize(
    ("term", "match", "marked"),
    [("rl", "word", ["RL"]), ("RL", "substring", ["rl", "RL"]), ("C++", "substring", [])],
)
def test_what_is_marked_is_in_the_authors_own_letters(term: str, match: Any, marked: list[str]) -> None:
    pattern = keyword_pattern(Keyword(term=term, match=match))
    assert pattern.findall("The world of RL, in C.") == marked


def ids(papers: list[Paper], **config: Any) -> list[str]:
    config = {"keywords": ["video"], "min_score": 1.0, "categories": ["cs.AI", "cs.LG"]} | config
    return [candidate.paper.id for candidate in Scorer(a_config(**config)).candidates(papers)]


def test_a_paper_cross_listed_in_another_of_our_categories_is_new() -> None:
    paper = a_paper(title="Video", primary_category="cs.LG", categories=("cs.LG", "cs.AI"))
    assert ids([paper]) == [paper.id]


def test_papers_only_cross_listed_into_ours_are_a_type_of_their_own() -> None:
    paper = a_paper(title="Video", primary_category="cs.CV", categories=("cs.CV", "cs.AI"))
    assert ids([paper]) == []
    assert ids([paper], types=["cross"]) == [paper.id]
    assert ids([paper], types=["new", "cross"]) == [paper.id]
    config = a_config(keywords=["video"], min_score=1, categories=["cs.AI"], types=["new", "cross"])
    ours = a_paper("2512.99002", title="Video", primary_category="cs.AI")
    assert {candidate.type for candidate in Scorer(config).candidates([paper])} == {"cross"}
    assert {candidate.type for candidate in Scorer(config).candidates([ours])} == {"new"}


def test_papers_of_other_topics_categories_are_none_of_ours() -> None:
    paper = a_paper(title="Video", primary_category="cs.CV")
    assert ids([paper], types=["new", "cross"]) == []


def test_an_assessment_tells_excluded_papers_from_unwanted_ones() -> None:
    scorer = Scorer(a_config(keywords=["video"], exclude_keywords=["survey"], categories=["cs.LG"]))
    papers = [a_paper(title="A survey"), a_paper(primary_category="cs.CV"), a_paper()]
    assessed = [(one.is_excluded, one.is_eligible) for one in map(scorer.assess, papers)]
    assert assessed == [(True, False), (False, False), (False, True)]


def test_excluded_words_and_the_least_score() -> None:
    paper = a_paper(title="Video", abstract="A survey of videos.")
    assert ids([paper], exclude_keywords=["survey"]) == []
    assert ids([paper], exclude_keywords=["surveyor"]) == [paper.id]
    assert ids([paper], exclude_keywords=[], min_score=1.5) == [paper.id]
    assert ids([paper], exclude_keywords=[], min_score=1.6) == []


def test_a_paper_without_any_keyword_never_matches() -> None:
    assert ids([a_paper()], min_score=-10) == []


def test_rank_is_score_then_newer_submission_then_id() -> None:
    old, new = utc("2025-12-20T00:00:00"), utc("2025-12-21T00:00:00")
    papers = [
        a_paper("2512.99004", abstract="video", published=old),
        a_paper("2512.99003", abstract="video", published=new),
        a_paper("2512.99002", abstract="video", published=new),
        a_paper("2512.99001", title="video", published=old),
    ]
    expected = ["2512.99001", "2512.99002", "2512.99003", "2512.99004"]
    assert ids(papers) == ids(papers[::-1]) == expected


@pytest.mark.parametrize(
    "words",
    [
        "This paper has been withdrawn by the author due to an error in Lemma 2.",
        "this paper has been withdrawn",
        "[This paper has been withdrawn by its authors] We show that",
        "arXiv admin note: This paper has been withdrawn by arXiv due to disputed authorship",
        "arXiv admin note: This submission has been withdrawn by arXiv administrators",
        "The following paper has been withdrawn from consideration.",
        "Paper is withdrawn due to further studies.",
        "The paper is withdrawn. The proof has an error.",
        "Withdrawn by the author.",
        "Withdrawn",
        "[withdrawn]",
        "This paper is superseded by arXiv:2512.00001 and has been withdrawn",
        "Due to a mistake in the proof, this paper has been withdrawn",
        "Retracted: errors in the data",
        "This submissions has been withdrawn by arXiv administrators",
        "[v3] This thesis has been withdrawn",
        "Unfortunately, this note must be withdrawn",
        "This report has been removed by the authors",
        "Please withdraw this paper",
        "Paper withdrawn",
        "This version withdrawn by arXiv administrators because the submitter had no right to license it",
        "Temporarily withdrawn for corrections",
        "v2: withdrawn due to an error",
        "The manuscript is being withdrawn, since it needs further experiments",
        "We have decided to withdraw this work after we found test data in our training set",
        "I request that this submission be withdrawn: a co-author had not agreed to it",
        "The authors have withdrawn this paper",
        "We would like this paper to be withdrawn",
        "This paper has been retracted by the authors",
        "This submission has been removed by arXiv administrators",
        "Withdrawal of this preprint is requested.",
        "This paper has been withdrawn, that is, retracted: removed by its authors",
        "The authors request the withdrawal of this paper",
    ],
)
def test_withdrawn(words: str) -> None:
    assert is_withdrawn(a_paper(abstract=words))
    assert is_withdrawn(a_paper(comment="12 pages. " + words))
    assert ids([a_paper(title="video", abstract=words)]) == []


@pytest.mark.parametrize(
    "words",
    [
        "arXiv admin note: substantial text overlap with arXiv:1234.5678",
        "Many drugs have been withdrawn from the market worldwide.",
        "We study withdrawn papers.",
        "Cash is withdrawn from machines.",
        "Papers are withdrawn from journals for many reasons.",
        "Retracted articles keep being cited.",
        "Superseded by arXiv:2512.00001",
        "Withdrawn samples are studied.",
        "v2: the claim of Section 5 is withdrawn, all other results stand",
        "Replaces a manuscript that was withdrawn by mistake",
        "This paper was withdrawn by mistake; it is back",
        "Withdrawn from ICLR 2026",
        "This paper was withdrawn from the NeurIPS 2025 workshop",
        "We study how people withdraw work effort.",
        "We decided to withdraw money from the game.",
        "The work is removed by a filter.",
    ],
)
def test_not_withdrawn(words: str) -> None:
    assert not is_withdrawn(a_paper(abstract=words, comment=words))


@pytest.mark.parametrize(
    ("abstract", "notice"),
    [
        ("[Withdrawn by the authors.] We show [1] it.", "Withdrawn by the authors."),
        ("This paper has been withdrawn [by us].", "This paper has been withdrawn [by us]."),
        ("We show it.", ""),
    ],
)
def test_the_notice_of_a_withdrawal(abstract: str, notice: str) -> None:
    assert withdrawal_notice(a_paper(abstract=abstract)) == notice
