"""arXiv ids: https://info.arxiv.org/help/arxiv_identifier.html."""

import re
from urllib.parse import unquote

_ARCHIVES = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs|"
    "dg-ga|funct-an|gr-qc|hep-(?:ex|lat|ph|th)|math(?:-ph)?|mtrl-th|nlin|nucl-(?:ex|th)|patt-sol|physics|"
    "plasm-ph|q-(?:alg|bio)|quant-ph|solv-int|supr-con"
)
"""All that existed until April 2007: `pmid/1234567` is no id."""
_ID = rf"""
    (?P<id> [0-9]{{2}} (?:0[1-9]|1[0-2]) \. [0-9]{{4,5}}       # since April 2007
          | (?P<archive> {_ARCHIVES} ) (?:\.[A-Z-]{{2,7}})? / (?P<number> [0-9]{{7}} )  # before
    ) (?P<version> v[1-9][0-9]{{0,2}} )?
"""
# re compiles them when they are first used: most runs need none, and together they take 20 ms.
_FLAGS = re.VERBOSE | re.IGNORECASE | re.ASCII
_WHOLE = rf"(?:arXiv:\s*)?{_ID}"
_IN_ADDRESS = (
    rf"(?:abs|pdf|html|format|ps|src|e-print|papers?|overview|forum|arxiv[.:])(?:/+|:\s*)?{_ID}(?![0-9])"
)
_IN_TEXT = (
    r"(?:arXiv(?:\.org)?(?:[\s:.,(/~\\-]|(?:preprint|e-?prints?|identifier|id|no|nr|number|string|abs)(?![a-z]))+"
    rf"|\babs/|\barxiv\.org/(?:pdf|html)/)"
    rf"{_ID}(?![0-9])"
)
_OLD = rf"(?<![\w.:/-])(?=[a-z]){_ID}(?![0-9])"
_FILE = rf"(?<![\w.]){_ID}\.(?:pdf|html?|txt)\b"


def read_arxiv_id(text: str) -> str | None:
    """The id that a reader means by what they pasted; with its version if it names one, else None.

    Understands `2512.20276v2`, `arXiv:2512.20276 [cs.LG]`, addresses of arXiv and of sites with its paths
    (ar5iv, alphaXiv, Hugging Face), and DOIs (`10.48550/arXiv.2512.20276`). Old ids lose the subject class,
    which is no part of the id: `math.GT/0309136` is `math/0309136`.
    """
    stripped = unquote(text).strip().strip("<>()[]{}\"'`.,; ")
    found = re.fullmatch(_WHOLE, re.sub(r"\s*\[[\w.-]+\]?$", "", stripped, flags=re.ASCII), _FLAGS)
    return _canonical(found or re.search(_IN_ADDRESS, stripped, _FLAGS)) or find_arxiv_id(stripped)


def find_arxiv_id(text: str) -> str | None:
    """The first id in running text that is marked as arXiv's, names its archive, or names a file.

    For example `arXiv:2512.20276`, `CoRR abs/2512.20276`, `arXiv preprint, no. 2512.20276`, `hep-th/9901001`,
    `2512.20276v1.pdf`.
    """
    searches = (re.search(pattern, text, _FLAGS) for pattern in (_IN_TEXT, _OLD, _FILE))
    return _canonical(next(filter(None, searches), None))


def _canonical(found: re.Match[str] | None) -> str | None:
    if found is None:
        return None
    old = f"{found['archive'].lower()}/{found['number']}" if found["archive"] else ""
    return (old or found["id"]) + (found["version"] or "").lower()
