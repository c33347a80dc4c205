"""What a run wrote: the list from which the publisher commits, so that nothing else is ever published."""

import json
from collections.abc import Iterable
from pathlib import Path

from paperbot.archive.files import write_all
from paperbot.archive.layout import MANIFEST


def write_manifest(root: Path, paths: Iterable[str], site_branch: str | None) -> None:
    """Name the files of this run, by their paths from `root`, and the branch for those in site/.

    `site_branch` None leaves them on the branch of the archive. Raises ArchiveError.
    """
    manifest = {"site_branch": site_branch, "written": sorted(paths)}
    write_all(root, {MANIFEST: json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"})
