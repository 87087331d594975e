"""A request and a reply, as the parts of the practice portal pass them to each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from .mischief import WELL, MischiefStep


@dataclass(frozen=True)
class SandboxRequest:
    """`headers` by lower-case name; `path` without its query; `fate`: the step of the plan that applies to it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | bytearray = b""
    fate: MischiefStep = WELL


@dataclass(frozen=True)
class SandboxReply:
    """`raw` is sent instead of the content's JSON."""

    status: int
    content: Mapping[str, object]
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    # The outcome that the ledger records; "" until the request is entered.
    outcome: str = ""

    @property
    def message(self) -> str:
        return str(self.content.get("Message") or self.content.get("error") or "")

    @property
    def body(self) -> bytes:
        return msgspec.json.encode(self.content) if self.raw is None else self.raw


def result(status: int, message: str, **headers: str) -> SandboxReply:
    """An `MResult`: its `Status` is 0 for success, and repeats the HTTP status of a failure."""
    content = {"Status": 0 if status == 200 else status, "Message": message}
    return SandboxReply(status, content, {name.replace("_", "-"): value for name, value in headers.items()})
