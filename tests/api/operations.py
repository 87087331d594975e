"""Every operation of the partner contract: as the URL map has it, and as it was agreed, written down by hand.

`AGREED` repeats on purpose what the code says elsewhere, the moves' states after the law and not after
`lifecycle.MOVES`: what somebody changes there by mistake is to be missed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from onestop.dossiers.models import State
from onestop.partners.scopes import ApiScope
from tests import people

PREFIX = "api/v1/"
# What HTTP knows, and one that it does not.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE")


@dataclass(frozen=True)
class Operation:
    """What is agreed of one method of one address.

    `states`: in which a dossier takes this write; None where none is written to. `elsewhere`: what a partner is
    answered that is bound to other agencies than the ward, where the address names no dossier.
    """

    # None: open to whoever asks; with `needs_token`, to every partner.
    scope: ApiScope | None
    answer: int = 200
    body: Any = None
    query: str = ""
    # Where the address has one that is nobody's own.
    code: str = ""
    states: frozenset[State] | None = None
    takes_tests: bool = True
    elsewhere: int = 404
    writes_elsewhere: bool = False
    needs_token: bool = False


REGISTERED, ACCEPTED, REFUSED, IN_PROGRESS, SUPPLEMENT, PAYMENT, WITHDRAWN, STOPPED, COMPLETED, RETURNED = State
REASON = {"comment": "Lý do"}
DOSSIER = {
    "external_id": "LGSP-1",
    "procedure": "1.001193",
    "agency": "H22.101",
    "channel": "online",
    "applicant_name": "Đặng Văn Ước",
}


def reading(scope: ApiScope, **more: Any) -> Operation:
    return Operation(scope, **more)


def writing(scope: ApiScope, *states: State, **more: Any) -> Operation:
    return Operation(scope, states=frozenset(states), **more)


def move(*states: State, body: Any = None, scope: ApiScope = ApiScope.DOSSIERS_MOVE) -> Operation:
    return writing(scope, *states, body=body or {})


AMENDED = (REGISTERED, ACCEPTED, IN_PROGRESS, SUPPLEMENT, PAYMENT)
ONE, WEBHOOK = "dossiers/<uuid:uuid>", "webhooks/<slug:code>"
QUESTION_SET = 1705

AGREED: dict[str, Operation] = {
    "GET dossiers": reading(ApiScope.DOSSIERS_READ, query="limit=200", elsewhere=200),
    "POST dossiers": Operation(ApiScope.DOSSIERS_CREATE, 201, body=DOSSIER, elsewhere=400),
    f"GET {ONE}": reading(ApiScope.DOSSIERS_READ),
    f"PATCH {ONE}": writing(ApiScope.DOSSIERS_CREATE, *AMENDED, body={"phone": "0909"}),
    f"GET {ONE}/history": reading(ApiScope.DOSSIERS_READ),
    f"GET {ONE}/attachments": reading(ApiScope.DOSSIERS_READ),
    f"POST {ONE}/attachments": writing(
        ApiScope.ATTACHMENTS_WRITE, *AMENDED, answer=201, body=people.PDF, query="name=a.pdf"
    ),
    f"GET {ONE}/attachments/<ordinal:ordinal>": reading(ApiScope.ATTACHMENTS_READ),
    # Nghị định 61/2018/NĐ-CP: điều 17 (tiếp nhận), 18 và 19 (giải quyết), 20 (trả kết quả).
    f"POST {ONE}/accept": move(REGISTERED),
    f"POST {ONE}/refuse": move(REGISTERED, body=REASON),
    f"POST {ONE}/ask_supplement": move(REGISTERED, ACCEPTED, IN_PROGRESS, body=REASON),
    f"POST {ONE}/receive_supplement": move(SUPPLEMENT),
    f"POST {ONE}/ask_payment": move(ACCEPTED, IN_PROGRESS, body={"fees": [{"name": "Phí", "amount": 5000}]}),
    f"POST {ONE}/receive_payment": move(PAYMENT),
    f"POST {ONE}/start": move(ACCEPTED),
    f"POST {ONE}/approve": move(ACCEPTED, IN_PROGRESS),
    f"POST {ONE}/deny": move(ACCEPTED, IN_PROGRESS, body=REASON),
    f"POST {ONE}/return_result": move(COMPLETED),
    f"POST {ONE}/hand_over": move(ACCEPTED, IN_PROGRESS, SUPPLEMENT, PAYMENT, body={"unit": "H22.101.01"}),
    f"POST {ONE}/extend": move(ACCEPTED, IN_PROGRESS, body={"due_at": "2035-01-01T00:00:00Z", **REASON}),
    f"POST {ONE}/withdraw": move(REGISTERED, ACCEPTED, IN_PROGRESS, SUPPLEMENT, PAYMENT, body=REASON),
    f"POST {ONE}/stop": move(ACCEPTED, IN_PROGRESS, SUPPLEMENT, PAYMENT, body=REASON),
    f"POST {ONE}/reopen": move(
        REFUSED, WITHDRAWN, STOPPED, COMPLETED, RETURNED, body=REASON, scope=ApiScope.DOSSIERS_MANAGE
    ),
    # None of these is due on a day off.
    f"POST {ONE}/postpone": move(body=REASON, scope=ApiScope.DOSSIERS_MANAGE),
    # In every state; of a step that none of these has.
    f"POST {ONE}/correct_time": writing(
        ApiScope.DOSSIERS_MANAGE,
        *State,
        answer=400,
        body={"step": 9_000_000_000, "to": "2026-01-05T08:00:00+07:00", **REASON},
    ),
    f"GET {ONE}/questions": reading(ApiScope.VOTES_WRITE),
    f"POST {ONE}/vote": writing(
        ApiScope.VOTES_WRITE,
        *(state for state in State if state not in (REGISTERED, REFUSED)),
        answer=201,
        body={"question_set": QUESTION_SET, "answers": [{"question": 1, "rating": 1}]},
        takes_tests=False,
    ),
    "POST dossiers/bulk": Operation(ApiScope.DOSSIERS_CREATE, body=[DOSSIER], elsewhere=200),
    # The catalogue is everybody's.
    "GET agencies": reading(ApiScope.CATALOG_READ, elsewhere=200),
    "GET communes": reading(ApiScope.CATALOG_READ, elsewhere=200),
    "GET communes/<str:code>": reading(ApiScope.CATALOG_READ, code="21583", elsewhere=200),
    "GET agencies/<str:code>": reading(ApiScope.CATALOG_READ, code="H22.101", elsewhere=200),
    "GET fields": reading(ApiScope.CATALOG_READ, elsewhere=200),
    "GET fields/<str:code>": reading(ApiScope.CATALOG_READ, code="hotich", elsewhere=200),
    "GET procedures": reading(ApiScope.CATALOG_READ, elsewhere=200),
    "GET procedures/<str:code>": reading(ApiScope.CATALOG_READ, code="1.001193", elsewhere=200),
    "GET votes": reading(ApiScope.VOTES_READ, query="from=2025-01-01&to=2025-12-31&agency=H22.101"),
    "GET statistics": reading(ApiScope.STATISTICS_READ, query="period=2025&agency=H22.101"),
    "GET packets": reading(ApiScope.PACKETS_READ, query="limit=200", elsewhere=200),
    "GET packets/<uuid:key>": reading(ApiScope.PACKETS_READ),
    # A webhook is its partner's, wherever that is bound.
    "GET webhooks": reading(ApiScope.WEBHOOKS_READ, elsewhere=200),
    "POST webhooks": Operation(
        ApiScope.WEBHOOKS_WRITE, 201, body={"url": "https://8.8.8.8/"}, elsewhere=201, writes_elsewhere=True
    ),
    f"GET {WEBHOOK}": reading(ApiScope.WEBHOOKS_READ),
    f"PATCH {WEBHOOK}": Operation(ApiScope.WEBHOOKS_WRITE, body={"is_active": False}),
    f"DELETE {WEBHOOK}": Operation(ApiScope.WEBHOOKS_WRITE, 204),
    f"POST {WEBHOOK}/secret": Operation(ApiScope.WEBHOOKS_WRITE),
    f"DELETE {WEBHOOK}/old_secrets": Operation(ApiScope.WEBHOOKS_WRITE, 204),
    f"POST {WEBHOOK}/resume": Operation(ApiScope.WEBHOOKS_WRITE),
    f"POST {WEBHOOK}/ping": Operation(ApiScope.WEBHOOKS_WRITE, 201),
    f"GET {WEBHOOK}/deliveries": reading(ApiScope.WEBHOOKS_READ, query="limit=200"),
    f"GET {WEBHOOK}/deliveries/<uuid:id>": reading(ApiScope.WEBHOOKS_READ),
    f"POST {WEBHOOK}/deliveries/<uuid:id>/redeliver": Operation(ApiScope.WEBHOOKS_WRITE),
    "GET me": Operation(None, needs_token=True),
    # The contract itself is no secret.
    "GET openapi.yaml": Operation(None),
    "HEAD openapi.yaml": Operation(None),
    "GET openapi.json": Operation(None),
    "HEAD openapi.json": Operation(None),
    "GET docs": Operation(None),
    "HEAD docs": Operation(None),
}
AGREED |= {name.replace("GET", "HEAD", 1): agreed for name, agreed in AGREED.items() if name.startswith("GET ")}
# Which methods there are is told to everyone, as the contract is.
AGREED |= {
    f"OPTIONS {name.partition(' ')[2]}": Operation(None, 204, code=agreed.code)
    for name, agreed in AGREED.items()
    if agreed.scope or agreed.needs_token
}


@dataclass(frozen=True)
class Route:
    """One address of the URL map and the class of the view behind it, None where it has none."""

    text: str
    view: Any
    # Those that it is restricted to where it stands in the map.
    methods: tuple[str, ...]

    @property
    def declared(self) -> set[str]:
        """Methods that the view names a scope for; of a view that knows no scopes, those that it may answer."""
        scopes = getattr(self.view, "scopes", None)
        if scopes is not None:
            return {name.upper() for name in scopes} | ({"HEAD"} if "get" in scopes else set()) | {"OPTIONS"}
        if self.view is None:
            return set(METHODS)
        return {name.upper() for name in self.methods if hasattr(self.view, name)} | {"HEAD"}

    @property
    def of(self) -> str:
        """Whose kind of thing the address names: a dossier, a packet, a webhook, or nothing that is somebody's."""
        kind, _slash, rest = self.text.partition("/")
        return kind if rest.startswith("<") and kind in ("dossiers", "packets", "webhooks") else ""

    def address(self, values: dict[str, Any]) -> str:
        return "/" + PREFIX + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), self.text)


def routes() -> list[Route]:
    found = _walk("", get_resolver())
    return [Route(text.removeprefix(PREFIX), *view) for text, view in found if text.startswith(PREFIX)]


def _walk(before: str, resolver: URLResolver) -> Iterator[tuple[str, tuple[Any, tuple[str, ...]]]]:
    for entry in resolver.url_patterns:
        text = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            view = getattr(entry.callback, "cls", None) or getattr(entry.callback, "view_class", None)
            usual = {"http_method_names": getattr(view, "http_method_names", ())}
            told = {**usual, **getattr(entry.callback, "initkwargs", {})}
            yield text, (view, tuple(told["http_method_names"]))
        else:
            yield from _walk(text, entry)


def operations() -> dict[str, Route]:
    return {f"{method} {route.text}": route for route in routes() for method in sorted(route.declared)}
