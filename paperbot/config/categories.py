"""arXiv's categories: their names, and an explanation for a name that is not one of them.

Source: https://arxiv.org/category_taxonomy
"""

import difflib
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

TAXONOMY_URL = "https://arxiv.org/category_taxonomy"

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "cs.NA": "math.NA",
        "cs.SY": "eess.SY",
        "math.IT": "cs.IT",
        "math.MP": "math-ph",
        "q-fin.EC": "econ.GN",
        "stat.TH": "math.ST",
    }
)
"""Aliases of a category. No paper has one as its primary category."""

SUCCESSORS: Mapping[str, str] = MappingProxyType(
    {
        "acc-phys": "physics.acc-ph",
        "adap-org": "nlin.AO",
        "alg-geom": "math.AG",
        "ao-sci": "physics.ao-ph",
        "atom-ph": "physics.atom-ph",
        "bayes-an": "physics.data-an",
        "chao-dyn": "nlin.CD",
        "chem-ph": "physics.chem-ph",
        "cmp-lg": "cs.CL",
        "comp-gas": "nlin.CG",
        "dg-ga": "math.DG",
        "funct-an": "math.FA",
        "mtrl-th": "cond-mat.mtrl-sci",
        "patt-sol": "nlin.PS",
        "plasm-ph": "physics.plasm-ph",
        "q-alg": "math.QA",
        "solv-int": "nlin.SI",
        "supr-con": "cond-mat.supr-con",
    }
)
"""Archives closed in the 1990s, and the category that replaced each."""


@cache
def category_names() -> Mapping[str, str]:
    """Every category that takes new papers: `cs.AI` -> `Artificial Intelligence`."""
    path = Path(__file__).resolve().parents[1] / "data" / "arxiv_categories.json"
    names: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return MappingProxyType(names)


def explain_unknown_category(name: str) -> str:
    """A sentence about an unknown category, with the right name where it can be guessed."""
    if successor := SUCCESSORS.get(name.lower()):
        return f"This archive was closed in the 1990s; its papers now go to {successor}."
    parts = re.split(r"[\s,;:+|()/\[\]，、；]+", name)
    by_letters = {bare_letters(known): known for known in category_names()}
    letters = dict.fromkeys(map(bare_letters, parts))
    named = [by_letters[part] for part in letters if part in by_letters]
    if len(named) > 1:
        return f"Write each category as an item of its own: {json.dumps(named)[1:-1]}."
    archive = name.lower().rstrip(".*")
    if members := [known for known in category_names() if known.startswith(archive + ".")]:
        some = ", ".join(members[:3])
        return f"This is a whole archive. Name the categories that you want in it, such as {some}."
    if guesses := named or _guesses(name, by_letters):
        return f"arXiv has no such category. Did you mean {' or '.join(guesses)}?"
    return f"arXiv has no such category. They are listed at {TAXONOMY_URL}"


def _guesses(name: str, by_letters: Mapping[str, str]) -> list[str]:
    if exact := by_letters.get(bare_letters(name)):
        return [exact]
    initials = name.upper().rpartition(".")[2]  # `cs.ML`
    named = [
        known
        for known, title in category_names().items()
        if bare_letters(name) == bare_letters(title) or initials == "".join(word[0] for word in title.split())
    ]
    if named:
        return [known for known in named if known not in ALIASES]
    near = difflib.get_close_matches(bare_letters(name), by_letters, 1, cutoff=0.8)
    return [by_letters[letters] for letters in near]


def bare_letters(name: str) -> str:
    """Ignores case, dots and dashes, which people often get wrong: `cs-ai` for `cs.AI`."""
    return "".join(filter(str.isalnum, name)).lower()
