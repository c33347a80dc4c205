"""The branch of the site: one commit without a parent, replaced by each run, so that main stays small.

The commit's trailers say for which root it was made and from which archive. A branch without them was made
by someone else and is never touched.
"""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

from github import (
    BranchMoved,
    GitError,
    Refused,
    Unreachable,
    fetch,
    git,
    list_remote,
    push,
    repository_url,
    say,
    with_retries,
)
from output import SITE, Output, missing, read_changes, scratch_index, text_at, tracked, tree_of

RESTORED = "refs/paperbot/site"
"""In this clone: the site that was put below the root before the run."""
TITLE = "The site, made from the archive"
EXPLANATION = "The arXiv Papers Bot replaces this branch on each run. Changes by hand are lost."
BOT_FOLDER = Path(__file__).resolve().parents[2]
NO_BLOB = "0" * 40
OWN_FILE = re.compile(
    r"site/(?:index\.html|app\.js|style\.css|icon\.svg|rss\.xml|(?:today|papers|status|config)\.json"
    r"|rss/[\w.-]+\.xml|papers/\d{4}-\d\d(?:-summaries)?\.json)"
)
"""The names of the files that the bot writes there: `Jekyll`-style sites keep theirs."""
MOVED = "site/status.json"
MOVED_PAGE = """\
<!doctype html>
<meta charset="utf-8">
<title>The site has moved</title>
<p>The site has moved to the branch <code>{branch}</code> of this repository. The summary of the bot's run
tells its owner how this address shows it again. The feed: <a href="{url}/rss.xml">{url}/rss.xml</a>.</p>
"""
MOVED_FEED = """\
<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>arXiv digest: this feed has moved</title><link>{url}</link>
<description>This feed has moved to {url}</description>
<item><title>This feed has moved</title><link>{url}</link><guid isPermaLink="false">moved:{url}</guid>
<description>New papers are in the feed at {url}: please subscribe to that address.</description></item>
</channel></rss>
"""


def restore_site(root: Path, branch: str) -> bool:
    """Put the site of the branch below the root, if it was made from the archive that HEAD has.

    Otherwise, or when it can't be fetched, the run finds no site and writes all of it.
    """
    git(root, "update-ref", "-d", RESTORED)
    if tracked(root, "HEAD", SITE) and not is_moved(root):
        return False  # a site on main that is still to be moved, or a folder that is not the bot's
    try:
        commit = fetch(root, "origin", f"refs/heads/{branch}")
    except (GitError, Refused):
        return False
    if _trailer(root, commit, "Papers-Root") != _prefix(root) or _trailer(
        root, commit, "Papers-Archive"
    ) != tree_of(root, "HEAD", "archive"):
        return False
    with scratch_index(root, commit) as index:
        # In the top folder, since a subfolder would be taken for a part of the tree.
        top = Path(git(root, "rev-parse", "--show-toplevel").strip())
        git(top, "checkout-index", "--all", "--force", f"--prefix={_prefix(root)}{SITE}/", **index)
    git(root, "update-ref", RESTORED, commit)
    return True


def publish_site(root: Path, output: Output, archive: str, sleep: Callable[[float], None]) -> str | None:
    """Replace the branch; the new commit, or None when it has it all.

    `archive` is the tree of the archive that the site was made from. Raises Refused,
    Unreachable or BranchMoved.
    """
    branch = output.site_branch or ""
    if branch == os.environ["GITHUB_REF_NAME"]:
        raise Refused(
            f"site.branch in the config file is {branch}, the branch of the archive. Write another name "
            'there, for example "papers-site".'
        )
    tree = _site_tree(root, output)
    message = f"{TITLE}\n\n{EXPLANATION}\n\nPapers-Root: {_prefix(root)}\nPapers-Archive: {archive}\n"

    def attempt() -> str | None:
        tip = _tip(root, branch)
        if tip:
            _refuse_foreign(root, branch, tip)
            if git(root, "rev-parse", f"{tip}^{{tree}}").strip() == tree and (
                _trailer(root, tip, "Papers-Archive") == archive
            ):
                return None
        commit = git(root, "commit-tree", tree, "-m", message).strip()
        push(root, commit, branch, f"--force-with-lease=refs/heads/{branch}:{tip}")
        return commit

    return with_retries(attempt, (BranchMoved, Unreachable), sleep)


def _tip(root: Path, branch: str) -> str:
    """The branch's commit, fetched; "" when there is no such branch."""
    if not list_remote(root, "origin", f"refs/heads/{branch}"):
        return ""
    return fetch(root, "origin", f"refs/heads/{branch}")


def _refuse_foreign(root: Path, branch: str, tip: str) -> None:
    if not _trailer(root, tip, "Papers-Archive"):
        raise Refused(
            f"The repository has a branch {branch} that the bot did not make, so it is left alone. Rename it "
            f"at {repository_url()}/branches, or give the site another branch in config.json: "
            '"site": {"branch": "papers-site"}.'
        )
    made_for = _trailer(root, tip, "Papers-Root")
    if made_for != _prefix(root):
        raise Refused(
            f"The branch {branch} holds the site of the folder {made_for}. Give this one another "
            'branch in its config file: "site": {"branch": "papers-site"}.'
        )


def _site_tree(root: Path, output: Output) -> str:
    """What the run wrote, on top of the site that it began with."""
    base = _base(root)
    with scratch_index(root, base) as index:
        lines = [f"0 {NO_BLOB}\t{name}\0" for name in missing(root / SITE, _names(root, base))]
        paths = "".join(f"{_prefix(root)}{path}\n" for path in output.site)
        blobs = git(root, "hash-object", "-w", "--no-filters", "--stdin-paths", feed=paths)
        names = [path.removeprefix(SITE + "/") for path in output.site]
        files = dict(zip(names, blobs.split(), strict=True))
        for name, text in host_files().items():
            files[name] = git(root, "hash-object", "-w", "--stdin", feed=text).strip()
        lines += [f"100644 {blob}\t{name}\0" for name, blob in files.items()]
        git(root, "update-index", "-z", "--index-info", feed="".join(lines), **index)
        return git(root, "write-tree", **index).strip()


def _names(root: Path, tree: str) -> list[str]:
    listed = git(root, "ls-tree", "-r", "-z", "--full-tree", "--name-only", tree) if tree else ""
    return listed.split("\0")[:-1]


def _base(root: Path) -> str:
    """The tree of the site that the run found below its root; "" when it found none of the bot's."""
    try:
        return git(root, "rev-parse", "--verify", "--quiet", f"{RESTORED}^{{tree}}").strip()
    except GitError:
        pass
    files = own_site_files(root)
    if not files or is_moved(root):
        return ""
    with scratch_index(root) as index:
        lines = git(root, "ls-tree", "-r", "-z", "HEAD", "--", f"{SITE}/").split("\0")[:-1]
        kept = [line.replace("\tsite/", "\t") for line in lines if line.partition("\t")[2] in files]
        git(root, "update-index", "-z", "--index-info", feed="".join(f"{line}\0" for line in kept), **index)
        return git(root, "write-tree", **index).strip()


def host_files() -> dict[str, str]:
    """What GitHub Pages and Vercel need at the top of the branch."""
    vercel = json.loads((BOT_FOLDER / "vercel.json").read_text("utf-8"))
    vercel["outputDirectory"] = "."
    vercel.pop("ignoreCommand", None)
    return {".nojekyll": "", "vercel.json": json.dumps(vercel, indent=2) + "\n"}


def own_site_files(root: Path) -> list[str]:
    """The files in site/ of HEAD that the bot made; none in a folder that is somebody's own."""
    if not is_moved(root) and not text_at(root, "HEAD", "site/papers.json").startswith('{"format":'):
        return []
    return [path for path in tracked(root, "HEAD", SITE) if OWN_FILE.fullmatch(path)]


def is_moved(root: Path) -> bool:
    """Whether site/ of HEAD only says where the site has gone."""
    return '"moved_to"' in text_at(root, "HEAD", MOVED)


def move_site(root: Path, branch: str) -> dict[str, str]:
    """Take the bot's site off the branch of the archive: the lines for git's index, none if it has none.

    Each feed stays as a short one that says where it has gone, and so does the page.
    """
    files = own_site_files(root)
    if not files or is_moved(root):
        return {}
    url = f"{repository_url()}/raw/refs/heads/{branch}"
    texts = {"site/index.html": MOVED_PAGE.format(branch=branch, url=url)}
    texts[MOVED] = json.dumps({"status": "moved", "moved_to": url}, indent=2) + "\n"
    for path in files:
        if path.endswith(".xml"):
            texts[path] = MOVED_FEED.format(url=f"{url}/{path.removeprefix(SITE + '/')}")
    lines = read_changes(root, (), removed=sorted(set(files) - texts.keys())).lines
    prefix = _prefix(root).removeprefix("./")
    for path, text in texts.items():
        blob = git(root, "hash-object", "-w", "--stdin", feed=text).strip()
        lines[prefix + path] = f"100644 {blob}\t{prefix}{path}\0"
    say(f"The site moves from {SITE}/ to the branch {branch}.")
    return lines


def _trailer(root: Path, commit: str, key: str) -> str:
    form = f"--format=%(trailers:key={key},valueonly)"
    return git(root, "log", "-1", form, commit, "--").strip()


def _prefix(root: Path) -> str:
    """From the top of the repository to the root, with a slash at its end: `./` or `papers/`."""
    return git(root, "rev-parse", "--show-prefix").strip() or "./"


def default_branch(root: Path) -> str:
    """The repository's default branch; "" when the server does not say."""
    for line in list_remote(root, "--symref", "origin", "HEAD").splitlines():
        if line.startswith("ref: refs/heads/"):
            return line.split()[1].removeprefix("refs/heads/")
    return ""
