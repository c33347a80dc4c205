"""Are the templates those of this release? Its tests have tried these, so that no run needs to."""

import hashlib
from pathlib import Path

from jinja2 import FileSystemLoader

from paperbot.render.templating import SUFFIX, Templates

FINGERPRINT = Path(__file__).resolve().parents[1] / "data" / "templates.sha256"
"""Written by `python -m tools.golden`. Where it is missing or of other templates, each run tries them."""


def are_original(templates: Templates) -> bool:
    """No template differs from this release's, and none is missing or added."""
    try:
        return fingerprint(templates) == FINGERPRINT.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return False


def fingerprint(templates: Templates) -> str:
    """Of the names and texts of the templates that a run uses. Raises what reading a file raises."""
    names = templates.list_templates(filter_func=lambda name: name.endswith(SUFFIX))
    loader = FileSystemLoader(templates.folders)
    texts = [(name, loader.get_source(templates, name)[0]) for name in names]
    return hashlib.sha256(repr(texts).encode()).hexdigest()
