"""Where the bot runs, as far as its pages mention it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from paperbot.config import Config
from paperbot.ranking.picks import PickKind, pick_path
from paperbot.render.safe import SafeUrl, safe_url
from paperbot.schedule import WORKFLOW_FILE, Schedule

DEFAULT_BRANCH = "main"


@dataclass(frozen=True, slots=True)
class RepositoryInfo:
    """The repository on GitHub, its schedule and its version of the bot."""

    schedule: Schedule = Schedule()
    repository: str = ""
    """`owner/name`; empty outside of GitHub Actions."""
    server_url: str = "https://github.com"
    version: str = ""
    """The bot's version."""
    branch: str = DEFAULT_BRANCH
    """Where the digest is committed."""
    folder: str = ""
    """The bot's folder in it, with a slash at its end; empty for the top folder."""
    picks: Mapping[str, PickKind] = field(default_factory=dict)
    """The reader's word on single papers, by paper id."""

    @property
    def url(self) -> SafeUrl:
        """Its address; empty outside of GitHub Actions."""
        return safe_url(f"{self.server_url}/{self.repository}") if self.repository else SafeUrl()

    @property
    def actions_url(self) -> SafeUrl:
        """The workflow's page, which has the button that starts it; empty outside of GitHub Actions."""
        workflow = WORKFLOW_FILE.rpartition("/")[2]
        return SafeUrl(f"{self.url}/actions/workflows/{workflow}") if self.url else SafeUrl()

    @property
    def secrets_url(self) -> SafeUrl:
        """The form that adds the API key; empty outside of GitHub Actions."""
        return SafeUrl(f"{self.url}/settings/secrets/actions/new") if self.url else SafeUrl()

    def star_url(self, paper_id: str) -> SafeUrl:
        """GitHub's form for a new file, filled in to star a paper; empty outside of GitHub Actions."""
        return self._pick_url(paper_id, PickKind.STAR)

    def skip_url(self, paper_id: str) -> SafeUrl:
        """GitHub's form for a new file, filled in to skip a paper; empty outside of GitHub Actions."""
        return self._pick_url(paper_id, PickKind.SKIP)

    def _pick_url(self, paper_id: str, kind: PickKind) -> SafeUrl:
        file = quote(self.folder + pick_path(paper_id))
        return self._form_url("new", f"?filename={file}&value={kind}%0A")

    def taken_back_url(self, paper_id: str) -> SafeUrl:
        """GitHub's form that deletes the file of a pick; empty outside of GitHub Actions."""
        return self._form_url("delete", f"/{quote(self.folder + pick_path(paper_id))}")

    @property
    def config_edit_url(self) -> SafeUrl:
        """GitHub's editor of config.json; empty outside of GitHub Actions."""
        return self._form_url("edit", f"/{quote(self.folder)}config.json")

    def _form_url(self, form: str, rest: str) -> SafeUrl:
        return safe_url(f"{self.url}/{form}/{quote(self.branch)}{rest}") if self.url else SafeUrl()

    @property
    def vercel_url(self) -> SafeUrl:
        """Vercel's form that publishes this repository."""
        return SafeUrl(
            f"https://vercel.com/new/import?s={self.url}" if self.url else "https://vercel.com/new"
        )

    def feed_url(self, config: Config) -> SafeUrl:
        """The feed of all papers, on the published site or as GitHub serves it; empty without either."""
        address = config.site.address(self.url)
        return safe_url(f"{address}/rss.xml") if address else SafeUrl()
