"""Signing in at a portal by OAuth 2.0 (RFC 6749 §4.4, client credentials): the request, and what a reply means."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote_plus

from packets.dialects.tolerant_json import everything, objects, parsed, plain, unwrapped
from packets.http.client import PortalError
from packets.models import Portal, TokenAuth
from packets.models.reasons import Reason

# How long a token is used if the portal gives no lifetime, and at most. A portal that ends it earlier answers 401, and
# then another is fetched.
USUAL, LONGEST = timedelta(minutes=10), timedelta(hours=24)
# The codes of RFC 6749 §5.2 for a client that may not sign in.
TURNED_AWAY = {"invalid_client", "unauthorized_client", "invalid_grant", "access_denied"}
_CODE = re.compile(r"[a-z_]{1,40}")
_VISIBLE = re.compile(r"[!-~]+")
_FRACTION = re.compile(r"\s*([+-]?\d{1,18}(?:\.\d*)?)\s*(?:s|sec|seconds)?\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class TokenRequest:
    """The request to the token's address."""

    form: dict[str, str]
    headers: dict[str, str]


def request(portal: Portal) -> TokenRequest:
    """The request for a token; the secret in the form or, where a portal demands it, as Basic (RFC 6749 §2.3.1)."""
    form, headers = {"grant_type": "client_credentials"}, {"Accept": "application/json"}
    if portal.token_auth == TokenAuth.BASIC:
        pair = f"{quote_plus(portal.client_id)}:{quote_plus(portal.client_secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form |= {"client_id": portal.client_id, "client_secret": portal.client_secret}
    return TokenRequest(form, headers)


def token_in(text: str, http_status: int) -> tuple[str, timedelta]:
    """The token in a reply, and how long it holds. The rest of the reply is ignored, `token_type` too.

    Raises PortalError if there is no token, or none that a request's header can hold.
    """
    try:
        answer = parsed(text)
    except ValueError:
        answer = None
    for part in objects(answer):
        for token in map(unwrapped, part.named("accesstoken")):
            if isinstance(token, str) and _VISIBLE.fullmatch(token.strip()):
                return token.strip(), lifetime(next(part.named("expiresin"), None))
    if (error := error_in(text)) in TURNED_AWAY:
        raise PortalError(Reason.LOGIN, error, http_status=http_status)
    # The detail repeats nothing of the reply, which may contain a token.
    raise PortalError(Reason.UNREADABLE_REPLY, "không thấy access_token", http_status=http_status)


def lifetime(expires_in: object) -> timedelta:
    """How long a token holds, by the seconds that the portal gives: more than nothing, and no longer than `LONGEST`.

    A number, also as text. An absent, zero or negative value, or one that is no number, means `USUAL`; an infinite
    one means `LONGEST`.
    """
    seconds = _seconds(unwrapped(expires_in))
    if seconds is None or seconds <= 0:
        return USUAL
    return timedelta(seconds=min(seconds, LONGEST.total_seconds()))


def _seconds(value: object) -> float | None:
    if isinstance(value, str) and (match := _FRACTION.fullmatch(value)):
        return float(match[1])
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Limited first, because a whole number may be too long for a float.
    return None if value != value else min(value, LONGEST.total_seconds())


def error_in(text: str) -> str:
    """The error code in a reply without a token (RFC 6749 §5.2); "" if it has none. The rest of the reply may repeat
    the request with its secret, so it is not kept.
    """
    try:
        answer = parsed(text)
    except ValueError:
        return ""
    codes = [value for name, value in everything(answer) if plain(name) == "error" and isinstance(value, str)]
    return next(filter(_CODE.fullmatch, codes), "")
