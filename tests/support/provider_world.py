"""The sample's world whose model server answers in the form of one provider, and what it was asked.

`tests/assets/providers.json` holds each provider's address, model, form of a completion (`shape`) and errors
(kind, HTTP status, body), as its documentation or its users show them.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from paperbot.sample import SAMPLE_CLOCKS
from paperbot.sample.model_server import events_of
from paperbot.sample.server import Reply
from tests.support.faulty_world import Delivery, FaultyWorld

PROVIDERS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[1] / "assets" / "providers.json").read_text("utf-8")
)
THOUGHTS = "Let me see. It is 99.9% better?"
"""In every provider's answer that has thoughts."""
ONLY_STREAMS = {
    "error": {
        "code": "invalid_parameter_error",
        "message": "This model only support stream mode, please enable the stream parameter.",
        "type": "invalid_request_error",
    }
}


class ProviderWorld(FaultyWorld):
    """Set `name` to one of PROVIDERS before a run."""

    name = ""

    def __init__(self) -> None:
        super().__init__(SAMPLE_CLOCKS[0])
        self.chats: list[dict[str, Any]] = []
        self.mistakes: list[str] = []
        """What a strict server would refuse in the requests that came."""
        self.instead: Delivery | None = None
        """Said in answer to every chat, if set."""

    @property
    def shape(self) -> dict[str, Any]:
        return dict(PROVIDERS[self.name]["shape"]) if self.name else {"path": "/v1", "model": "m"}

    @property
    def base_url(self) -> str:
        return self.address + str(self.shape["path"])

    def deliver(self, method: str, target: str, key: str, body: bytes) -> Delivery:
        path = str(self.shape["path"]).rstrip("/")
        is_model = target.startswith((f"{path}/chat/", f"{path}/files"))
        delivery = super().deliver(method, target.replace(path, "/v1", 1) if is_model else target, key, body)
        if not target.endswith("/chat/completions"):
            return delivery
        asked = json.loads(body)
        self.chats.append(asked)
        self.mistakes += self._mistakes(asked, key)
        return self.instead or replace(delivery, reply=self._shaped(asked, delivery.reply))

    def _mistakes(self, asked: dict[str, Any], key: str) -> list[str]:
        roles = [message["role"] for message in asked["messages"]]
        checks = {
            "other parameters": asked.keys() == {"model", "messages", "stream"},
            "the model": asked["model"] == self.shape["model"],
            "roles": roles[-1] == "user" and set(roles[:-1]) <= {"system"},
            "content": all(
                isinstance(message["content"], str) and message["content"].strip()
                for message in asked["messages"]
            ),
            "the key": key == f"Bearer {self.key}",
        }
        return [name for name, is_right in checks.items() if not is_right]

    def _shaped(self, asked: dict[str, Any], reply: Reply) -> Reply:
        if reply.status != 200:
            return reply
        shape, is_stream = self.shape, asked.get("stream", True)
        if shape.get("only_streams") and not is_stream:
            return reply._replace(status=400, body=json.dumps(ONLY_STREAMS).encode())
        if is_stream and (shape.get("only_streams") or shape.get("streams_unless_false")):
            return Reply(200, "text/event-stream", reply.body) if asked.get("stream") else _stream(reply)
        completion = json.loads(reply.body) | shape.get("reply", {})
        choice = completion["choices"][0]
        choice |= shape.get("choice", {})
        text = shape.get("content", "{}").format(choice["message"]["content"])
        thoughts = {"type": "thinking", "thinking": [{"type": "text", "text": THOUGHTS}]}
        parts = [thoughts, {"type": "text", "text": text}]
        choice["message"] |= {"content": parts if shape.get("parts") else text} | shape.get("message", {})
        completion["usage"] |= shape.get("usage", {})
        if not shape.get("counts", True):
            del completion["usage"]
        return reply._replace(body=shape.get("before", "").encode() + json.dumps(completion).encode())


def _stream(reply: Reply) -> Reply:
    return Reply(200, "text/event-stream", events_of(json.loads(reply.body), with_usage=False).encode())
