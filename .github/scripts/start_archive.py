"""Before a run: make sure that the archive is this repository's own, and bring back its site.

    python .github/scripts/start_archive.py [--root .] [--config config.json]

A fork of a repository that already publishes digests comes with their archive; its days are not this
repository's, and its papers would never be shown here. archive/repository.txt says whose archive it is, by
the number that GitHub gives a repository once and that stays through renames and transfers.

The site is on a branch of its own (site.branch in the config); it is put into site/, so that the run has to
render only the months that change. Nothing is pushed here: when the run fails, the branches keep everything
as it was.

Reads from the environment: GITHUB_REPOSITORY_ID, GITHUB_REPOSITORY, and what github.py reads.
Exit: 0; 1 when the archive cannot begin, because a file or a symbolic link is in the way, say; and why.
"""

import argparse
import json
import os
import re
import shutil
from pathlib import Path

from github import GitError, Refused, annotate, fail, git, repository_url, say
from output import OWNER_FILE, refuse_outside
from refusals import RUN_AGAIN
from site_branch import own_site_files, restore_site

DEFAULT_BRANCH = "site"
OWNER = re.compile(r"^[0-9]+", re.MULTILINE)


def start_own_archive(root: Path, repository_id: str, name: str) -> bool:
    """Drop an archive that another repository made; True when there was one."""
    owner_file = root / OWNER_FILE
    text = owner_file.read_text("utf-8-sig") if owner_file.exists() else ""
    owners = OWNER.findall(text)  # several where git left a merge conflict, as after a renaming
    if owners == [repository_id]:
        return False
    is_others = bool(owners) and repository_id not in owners
    if is_others:
        shutil.rmtree(root / "archive")
        for path in own_site_files(root):
            (root / path).unlink(missing_ok=True)
    owner_file.parent.mkdir(parents=True, exist_ok=True)
    owner_file.write_text(f"{repository_id} {name}\n", "utf-8")
    return is_others


def configured_branch(config: Path) -> str | None:
    """The branch of the site; None without one, or with a config that the run is going to complain about."""
    try:
        site = json.loads(config.read_text("utf-8-sig")).get("site", {})
        branch = site.get("branch", DEFAULT_BRANCH) if site.get("enabled", True) is True else None
    except (OSError, ValueError, AttributeError, RecursionError):
        return None
    return branch if isinstance(branch, str) else None


def main(argv: list[str] | None = None) -> int:
    """Exit code as the file's docstring says."""
    parser = argparse.ArgumentParser(description="Make sure that the archive is this repository's own.")
    parser.add_argument("--root", type=Path, default=Path())
    parser.add_argument("--config", type=Path, default=Path("config.json"))
    options = parser.parse_args(argv)
    root = options.root
    try:
        places = [path.relative_to(root).as_posix() for path in root.glob("archive/**/*")]
        refuse_outside(root, [*places, "site/rss", "site/papers"])
        root.mkdir(parents=True, exist_ok=True)
        is_new = start_own_archive(root, os.environ["GITHUB_REPOSITORY_ID"], os.environ["GITHUB_REPOSITORY"])
    except (Refused, GitError) as error:
        return fail("The archive cannot begin", error)
    except (OSError, UnicodeDecodeError) as error:
        advice = f"Rename or delete that file on GitHub, then {RUN_AGAIN}."
        return fail("The archive cannot begin", Refused(f"A file is in the way: {error}. {advice}"))
    if is_new:
        before = f"{repository_url()}/tree/{git(root, 'rev-parse', 'HEAD').strip()}"
        annotate(
            "notice",
            "A new archive begins",
            "The archive that came with this repository was made by another one, so this one starts its own. "
            f"The old one stays in the history of the branch, at {before}: to go on with it, for example "
            f"after a move, take archive/ from there, all but {OWNER_FILE}.",
        )
    elif (branch := configured_branch(options.config)) and restore_site(root, branch):
        say(f"The site is as the branch {branch} has it.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
