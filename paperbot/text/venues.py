"""The venue that a paper's comment says the paper was accepted at: `Accepted at ICML 2026` -> `ICML 2026`.

Authors write comments freely, so the rule is narrow: an abbreviation with a year beside a word of acceptance,
or a well-known venue with its year alone. A missing venue does less harm than a wrong one.
"""

import re
from functools import lru_cache

from paperbot.text import plain

MAX_COMMENT_CHARS = 1_000

_KNOWN = (
    "AAAI|AACL|AAMAS|ACCV|ACL|AISTATS|ASPLOS|BMVC|CCS|CHI|CIKM|COLING|COLM|COLT|CVPR|CoRL|EACL|ECAI|ECCV|ECIR|"
    "EMNLP|FAccT|FOCS|HPCA|ICASSP|ICCV|ICDE|ICDM|ICLR|ICML|ICRA|ICSE|IJCAI|IJCNN|"
    "INFOCOM|IROS|ISCA|Interspeech|KDD|LREC|"
    "SIGGRAPH Asia|SIGGRAPH|The Web Conference|"
    "MICCAI|MLSys|NAACL|NDSS|NSDI|NeurIPS|OSDI|POPL|RecSys|SIGIR|SIGMOD|SODA|SOSP|STOC|UAI|"
    "USENIX Security|VLDB|WACV|WSDM|WWW"
)
_JOURNALS = "JAIR|JMLR|TACL|TIST|TKDE|TMLR|TNNLS|TPAMI"
_YEAR = r"(?:\)?,? ?[-'\u2019]?(?P<long>20[0-9]{2})|\)? ?[-'\u2019](?P<short>[0-9]{2}))(?![0-9\w%])"
_KNOWN_WITH_YEAR = re.compile(rf"(?<![\w/.:-])(?P<name>{_KNOWN}){_YEAR}")
_YEAR_BEFORE = re.compile(
    rf"\b(?P<long>20[0-9]{{2}}) (?:(?:ACM|IEEE|CVF|IEEE/CVF|International|Annual) )*(?P<name>{_KNOWN})\b"
)
_ABBREVIATION = re.compile(rf"(?<![\w/.:-])(?P<name>[A-Z][A-Za-z]*[A-Z][A-Za-z]*(?:-[A-Z]{{3,}})?){_YEAR}")
_JOURNAL = re.compile(
    rf"\b(?P<name>{_JOURNALS}|Nature [A-Z]\w+(?: [A-Z]\w+)?|Science (?:Advances|Robotics)|PNAS|"
    r"Scientific Reports|(?:(?:IEEE|ACM|IEEE/ACM|SIAM|EURASIP|Springer|Elsevier)(?:'s)? )?"
    r"(?:Open Journal|Transactions|Journal|Letters|Magazine) (?:on|of|in) (?:the )?[A-Z][\w-]+"
    r"(?:(?: and| &| of| in| for| on| the|, and)* [A-Z][\w-]+)*)\b"
)
_ACCEPTED = re.compile(
    r"\b(?:accepted|to appear|will appear|to be (?:published|presented)|published|presented|presentation|"
    r"camera[- ]ready|proceedings|proc\.|spotlight|oral|findings|main conference)\b",
    re.IGNORECASE,
)
_NOT_ACCEPTED = re.compile(
    r"\b(?:submi\w+|review|reject\w*|withdrawn?|withdrew|withdraw|not (?:yet )?(?:accepted|published)|"
    r"prepar\w+|if accepted|pending|desk|conditionally|competition|challenge|co-located)\b",
    re.IGNORECASE,
)
_OTHER_WORK = re.compile(
    r"\b(?:preliminary|earlier|previous|prior|short(?:er)?|initial|original) "
    r"(?:version|extension|paper|work)|"
    r"\b(?:conference|journal) (?:version|extension)|"
    r"(?<!as a )(?<![0-9] )\b(?:conference|journal) (?:paper|work)|"
    r"\bexten(?:ded|sion|ds|ding)\b(?! abstract)|\bbased on\b|"
    r"\bevolution of\b|\boverlap\b",
    re.IGNORECASE,
)
_SENTENCES = re.compile(
    r"(?<=[.;])(?<!Proc\.)(?<!Conf\.)(?<!Int\.)(?<!Trans\.)\s+|\s*\|\s*|"
    r",\s+(?=[0-9]+ (?:pages|figures|tables)\b)"
)
_TRACK = re.compile(r"\b(findings|workshop|demo|tutorial|industry)", re.IGNORECASE)
_NO_VENUES = frozenset({"ACM", "ARR", "CVF", "IEEE", "LLM", "PMLR", "USA"})


@lru_cache(maxsize=4_096)
def venues_in(comment: str) -> tuple[str, ...]:
    """The venues that a comment names for certain, in their order, for example `ACL 2026 (Findings)`."""
    sentences = _SENTENCES.split(plain(comment[:MAX_COMMENT_CHARS]))
    return tuple(dict.fromkeys(found for sentence in sentences if (found := _venue(sentence))))


def _venue(sentence: str) -> str:
    if _NOT_ACCEPTED.search(sentence) or _OTHER_WORK.search(sentence):
        return ""
    found = _KNOWN_WITH_YEAR.match(sentence)
    if not found and _ACCEPTED.search(sentence):
        patterns = (_ABBREVIATION, _KNOWN_WITH_YEAR, _YEAR_BEFORE)
        found = next((match for pattern in patterns if (match := pattern.search(sentence))), None)
        if not found and (journal := _JOURNAL.search(sentence)):
            return journal["name"]
    if not found or found["name"] in _NO_VENUES:
        return ""
    year = found["long"] or f"20{found['short']}"  # _YEAR_BEFORE always has the long one
    track = _TRACK.search(sentence)
    return f"{found['name']} {year}" + (f" ({track[1].capitalize()})" if track else "")
