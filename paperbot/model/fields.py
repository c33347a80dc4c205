"""What the declaration of a field can say about its place in the archive; `archive/records.py` reads it."""

from collections.abc import Mapping
from typing import Any

ALWAYS: Mapping[str, Any] = {"always": True}
"""Metadata: written to the archive even where the field has its default."""
INLINE: Mapping[str, Any] = {"inline": True}
"""Metadata: in the archive, the value's fields are fields of the record that holds it."""


def json_name(name: str) -> Mapping[str, Any]:
    """Metadata: what the field is called in the archive."""
    return {"json": name}
