"""Before a run: make sure that the archive is this repository's own.

    python .github/scripts/start_archive.py [--root .]

A fork of a repository that already publishes digests comes with their archive; its days are not this
repository's, and its papers would never be shown here. archive/repository.txt says whose archive it is, by
the number that GitHub gives a repository once and that stays through renames and transfers. Nothing is
pushed here: when the run fails, the branch keeps everything as it was.

Reads from the environment: GITHUB_REPOSITORY_ID, GITHUB_REPOSITORY.
"""

import argparse
import os
import shutil
from pathlib import Path

from github import annotate

OWNER_FILE = "archive/repository.txt"


def start_own_archive(root: Path, repository_id: str, name: str) -> bool:
    """Drop an archive that another repository made; True when there was one."""
    owner_file = root / OWNER_FILE
    owner = owner_file.read_text("utf-8").split() if owner_file.exists() else []
    if owner[:1] == [repository_id]:
        return False
    if owner:
        shutil.rmtree(root / "archive")
        shutil.rmtree(root / "site", ignore_errors=True)
    owner_file.parent.mkdir(parents=True, exist_ok=True)
    owner_file.write_text(f"{repository_id} {name}\n", "utf-8")
    return bool(owner)


def main(argv: list[str] | None = None) -> int:
    """Always 0: there is nothing that a user could do wrong here."""
    parser = argparse.ArgumentParser(description="Make sure that the archive is this repository's own.")
    parser.add_argument("--root", type=Path, default=Path())
    root = parser.parse_args(argv).root
    if start_own_archive(root, os.environ["GITHUB_REPOSITORY_ID"], os.environ["GITHUB_REPOSITORY"]):
        annotate(
            "notice",
            "A new archive begins",
            "The archive that came with this repository was made by another one, so this one starts its own. "
            "The old one stays in the history of the branch: to go on with it, for example after a move, "
            f"take archive/ and site/ from there, all but {OWNER_FILE}.",
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
