"""What the practice portal answers, and why. Works on requests and replies; `server` reads and writes HTTP."""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from urllib.parse import parse_qs

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _

from packets.schemas.check import check, decoded_blocks

from .exchange import SandboxReply, SandboxRequest, result
from .mischief import Call, Do
from .misreplies import dressed, instead
from .store import ACCEPTED, REFUSED, REPEATED, Arrival, Ledger

TOKEN = "/token"  # noqa: S105 a path, not a password
TOKEN_SECONDS = 3600
CALLS = {
    "/Document/SyncDocument": "document",
    "/Document/UpdateDocumentTraces": "trace",
    "/Vote/UpdateVote": "vote",
    "/Statistic/UpdateStatistic": "statistic",
}
ERRORS_NAMED = 3


@dataclass(frozen=True)
class ReadPacket:
    """What a body says. `complaint` is empty if it is a packet that the standard allows."""

    complaint: str
    code: str = ""
    body: str | None = None


def read(kind: str, body: bytes | bytearray) -> ReadPacket:
    try:
        packet = msgspec.json.decode(body)
        stored = json.dumps(_without_content(packet), ensure_ascii=False)
    except (ValueError, RecursionError):
        return ReadPacket(_("Nội dung không phải là JSON đọc được."))
    named = [f"{error.path or kind}: {error.message}" for error in check(kind, packet)[:ERRORS_NAMED]]
    code = packet.get("DocCode") if isinstance(packet, dict) else None
    return ReadPacket(" ".join(named), code if isinstance(code, str) else "", stored)


class PracticePortal:
    """Answers each request and enters it in the ledger, in one transaction."""

    def __init__(
        self, ledger: Ledger, client_id: str, client_secret: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.ledger = ledger
        self._credentials = (client_id, client_secret)
        self._clock = clock
        self._lock = Lock()
        self._expiries: dict[str, float] = {}

    def answer(self, request: SandboxRequest) -> SandboxReply:
        """The reply. Steps that spoil it on its way are carried out by `sending`."""
        wrong = instead(request.fate)
        if wrong and not request.fate.stored:
            return self._turn_away(request, wrong)
        right = self._right_answer(request)
        return wrong or dressed(request.fate, right)

    def _right_answer(self, request: SandboxRequest) -> SandboxReply:
        if request.path not in CALLS and request.path != TOKEN:
            return self._enter(request, result(404, _("Không có địa chỉ này.")))
        if request.method != "POST":
            return self._enter(request, result(405, _("Địa chỉ này chỉ nhận POST."), Allow="POST"))
        if request.path == TOKEN:
            return self._enter(request, self._token(request), kind="token")
        return self._take(request, CALLS[request.path])

    def refuse(self, request: SandboxRequest, status: int, message: str) -> SandboxReply:
        """For a request that could not be read to its end."""
        return self._enter(request, result(status, message))

    def _turn_away(self, request: SandboxRequest, wrong: SandboxReply) -> SandboxReply:
        """Enters the packet with its kind, code and body, but does not check it."""
        if request.fate.do is Do.UNAUTHORIZED:
            token = _bearer(request)
            with self._lock:
                self._expiries = {other: expiry for other, expiry in self._expiries.items() if other != token}
        if request.path == TOKEN:
            return self._enter(request, wrong, outcome=REFUSED, kind="token")
        kind, digest = CALLS[request.path], _sha256(request.body)
        reading = read(kind, request.body)
        return self._enter(
            request, wrong, outcome=REFUSED, kind=kind, digest=digest, code=reading.code, body=reading.body
        )

    def _take(self, request: SandboxRequest, kind: str) -> SandboxReply:
        digest = _sha256(request.body)
        refusal = self._refusal(request)
        if refusal:
            return self._enter(request, refusal, kind=kind, digest=digest)
        reading = read(kind, request.body)
        with self.ledger.transaction():
            earlier = self.ledger.accepted_with(request.headers.get("idempotency-key", ""))
            repeated = earlier is not None and (earlier.path, earlier.digest) == (request.path, digest)
            if earlier and repeated:
                reply = result(earlier.status, earlier.message)
            elif earlier:
                reply = result(409, _("Idempotency-Key này đã dùng cho một gói tin khác."))
            elif reading.complaint:
                reply = result(400, reading.complaint)
            elif kind == "trace" and not self.ledger.knows(reading.code):
                reply = result(400, _("DocCode: Cổng chưa nhận hồ sơ có mã này."))
            else:
                reply = result(200, "OK")
            return self._enter(
                request,
                reply,
                outcome=REPEATED if repeated else None,
                kind=kind,
                digest=digest,
                code=reading.code,
                body=reading.body,
            )

    def _refusal(self, request: SandboxRequest) -> SandboxReply | None:
        """Why the packet is refused before it is read."""
        if self._expiries.get(_bearer(request), 0) <= self._clock():
            return result(401, _("Thiếu token, hoặc token đã hết hạn."), WWW_Authenticate="Bearer")
        if _media_type(request) != "application/json":
            return result(415, _("Content-Type phải là application/json."))
        return None

    def _token(self, request: SandboxRequest) -> SandboxReply:
        form = parse_qs(request.body.decode(errors="replace"))
        if _media_type(request) != "application/x-www-form-urlencoded" or "grant_type" not in form:
            return SandboxReply(400, {"error": "invalid_request"})
        if form["grant_type"] != ["client_credentials"]:
            return SandboxReply(400, {"error": "unsupported_grant_type"})
        shown = (form.get("client_id", [""])[0], form.get("client_secret", [""])[0])
        pairs = zip(shown, self._credentials, strict=True)
        if not all(hmac.compare_digest(one.encode(), other.encode()) for one, other in pairs):
            return SandboxReply(401, {"error": "invalid_client"})
        content = {
            "access_token": self._new_token(),
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": "default",
        }
        return SandboxReply(200, content, {"Cache-Control": "no-store"})

    def _new_token(self) -> str:
        now, token = self._clock(), secrets.token_urlsafe(32)
        with self._lock:
            alive = {old: expiry for old, expiry in self._expiries.items() if expiry > now}
            self._expiries = alive | {token: now + TOKEN_SECONDS}
        return token

    def _enter(
        self,
        request: SandboxRequest,
        reply: SandboxReply,
        *,
        outcome: str | None = None,
        kind: str = "",
        code: str = "",
        digest: str = "",
        body: str | None = None,
    ) -> SandboxReply:
        """Adds the request to the ledger; a token request without a digest, which would be one of the secret."""
        entered = Arrival(
            received=timezone.localtime().isoformat(timespec="milliseconds"),
            method=request.method,
            path=request.path,
            key=request.headers.get("idempotency-key", ""),
            status=reply.status,
            outcome=outcome or (ACCEPTED if reply.status == 200 else REFUSED),
            message=reply.message,
            kind=kind,
            code=code,
            digest=digest,
            body=body,
            mischief=request.fate.label,
        )
        self.ledger.add(entered)
        return replace(reply, outcome=entered.outcome)


def call(method: str, path: str) -> Call | None:
    """Which kind of call a plan takes this request for; None for one that no plan covers."""
    if method != "POST" or (path not in CALLS and path != TOKEN):
        return None
    return Call.TOKEN if path == TOKEN else Call.PACKET


def _bearer(request: SandboxRequest) -> str:
    """The token in the request, or ""."""
    scheme, _blank, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _sha256(body: bytes | bytearray) -> str:
    return hashlib.sha256(body).hexdigest() if body else ""


def _media_type(request: SandboxRequest) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _without_content(value: object) -> object:
    if isinstance(value, dict):
        return {name: _digest(part) if name == "Base64" else _without_content(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_without_content(part) for part in value]
    return value


def _digest(content: object) -> str:
    """Digest and size of what base64 stands for; "broken" for anything else."""
    digest, size = hashlib.sha256(), 0
    try:
        for block in decoded_blocks(content if isinstance(content, str) else "?"):
            digest.update(block)
            size += len(block)
    except ValueError:
        return "broken"
    return f"sha256:{digest.hexdigest()}:{size}"
