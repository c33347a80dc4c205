"""Where the model is asked."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from paperbot.network import is_loopback
from paperbot.redaction import Secrets, redacted

DASHSCOPE_DOMAIN = "aliyuncs.com"
FILE_MODELS = ("qwen-long", "qwen-doc-turbo")
"""The models that read uploaded files by `fileid://`; DashScope alone offers them."""


@dataclass(frozen=True, slots=True)
class Server:
    """An OpenAI-compatible endpoint, its model, and the words that messages about it need."""

    base_url: str
    model: str
    key_name: str
    """Of the environment variable that holds the key."""
    api_key: str = field(repr=False)

    def without_key(self, text: str) -> str:
        """Some servers quote the key. What quotes a secret is cleaned here, before marks are put into it."""
        return redacted(Secrets((self.api_key,)).removed_from(text))

    @property
    def host(self) -> str:
        """The host's name, or the address as it is where it has none. Never raises."""
        try:
            return urlsplit(self.base_url).hostname or self.base_url
        except ValueError:
            return self.base_url

    @property
    def is_local(self) -> bool:
        return is_loopback(self.base_url)

    @property
    def reads_files(self) -> bool:
        """The model reads papers as uploaded files; a message of its own holds 9,000 tokens at most."""
        return self.model.startswith(FILE_MODELS)

    @property
    def is_dashscope(self) -> bool:
        return self.host.endswith(DASHSCOPE_DOMAIN) or self.reads_files
