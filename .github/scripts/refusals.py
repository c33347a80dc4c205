"""What GitHub says when it refuses a push or a fetch for good, and what its owner can do about it.

Everything else is taken for an outage or a race and tried again: GitHub has many words for those, such as
`[remote rejected] (failure)`, `fatal error in commit_refs`, `unpacker error`, `Internal Server Error`.
"""

import re
from collections.abc import Iterator

REPORT = "https://github.com/arxiv-papers-bot/arxiv-papers-bot/issues/new"
RUN_AGAIN = 'run it again (on GitHub: "Re-run jobs" > "Re-run failed jobs" on the page of this run)'
REFUSALS: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("push cannot contain secrets", "github push protection", "secret scanning"),
        "GitHub's push protection takes a text in the new files for a secret. The log of this step names "
        "file and line, and has a link that allows it. Open the link if it is no secret of yours.",
    ),
    (
        ("gh013", "repository rule violations"),
        "A rule of the repository refuses the commit to {branch}{rules}. In Settings > Rules > Rulesets open "
        "the rule, and exclude {branch} from it or turn that requirement off.",
    ),
    (
        ("gh006", "protected branch hook declined", "protected branch update failed"),
        "The branch {branch} is protected. In Settings > Branches edit its rule: turn off the requirement "
        "that GitHub names{rules}, or delete the rule.",
    ),
    (
        ("gh001", "exceeds github's file size limit", "exceeds maximum allowed size", "gh008"),
        "A file is larger than GitHub takes (100 MB). The log of this step names it. Please report it at "
        f"{REPORT}.",
    ),
    (
        ("gh007",),
        "GitHub refuses commits that publish your private e-mail address. At "
        'https://github.com/settings/emails turn off "Block command line pushes that expose my email".',
    ),
    (
        ("was archived so it is read-only", "repository is archived", "archived repository"),
        "The repository is archived, so it is read-only. Unarchive it in Settings > General > Danger Zone.",
    ),
    (
        ("repository disabled", "access to this repository has been disabled", "account is suspended"),
        "GitHub has disabled the repository or its owner's account. Look for a message at the top of the "
        "repository's page, and at https://support.github.com.",
    ),
    (
        ("over its data quota", "above its size quota", "exceeded its size limit", "repository size limit"),
        "The repository has reached its size limit or its data quota. Its owner can raise the quota at "
        "https://github.com/settings/billing; https://docs.github.com/repositories/working-with-files/"
        "managing-large-files says how a repository becomes smaller.",
    ),
    (
        ("saml sso", "ip allow list"),
        "Your organisation lets only approved tokens or addresses write. Ask its administrator to allow "
        "GitHub Actions in this repository.",
    ),
    (
        ("create or update workflow",),
        "GitHub lets no workflow change files in .github/workflows/. Open them on GitHub and edit them there "
        "(the pencil), or edit them on your own computer.",
    ),
    (
        (
            "authentication failed",
            "could not read username",
            "bad credentials",
            "error: 401",
            "repository not found",
        ),
        "GitHub did not accept the token of this run. In the workflow file leave the input `token` of the "
        "action out, or renew the secret that it names in Settings > Secrets and variables > Actions.",
    ),
    (
        ("denied to", "write access to repository not granted", "by integration", "error: 403"),
        "GitHub gave the workflow no right to write. In Settings > Actions > General > Workflow permissions "
        'choose "Read and write permissions", and see that the job has "permissions: contents: write".',
    ),
)
"""Lower-case signs in git's output, and what to do; the first row with a sign counts."""

RULE = re.compile(r"^(?:remote:)?\s*- (.+?)\.?\s*$", re.M)
PROTECTED = re.compile(r"^remote: error: (?!GH\d)(.+?)\.?\s*$", re.M)


def explain_refusal(said: str, branch: str) -> str | None:
    """What the owner can do about a refusal that lasts; None for what may pass by itself."""
    low = said.lower()
    for signs, advice in REFUSALS:
        if any(sign in low for sign in signs):
            rules = list(dict.fromkeys(_rules(said)))
            quoted = f" ({'; '.join(rules)})" if rules else ""
            return f"{advice.replace('{branch}', branch).replace('{rules}', quoted)} Then {RUN_AGAIN}."
    return None


def _rules(said: str) -> Iterator[str]:
    """The requirements that GitHub lists, such as "Changes must be made through a pull request"."""
    for pattern in (RULE, PROTECTED):
        yield from (" ".join(found.split()) for found in pattern.findall(said))
