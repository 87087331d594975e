"""The pages for people, and `/ledger` for programs. They only read."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from django.template import Context, Engine
from django.utils.translation import gettext_lazy

from .mischief import Mischief
from .store import ACCEPTED, OUTCOMES, REFUSED, REPEATED, Arrival, Ledger

HERE = Path(__file__).parent
PAGE_ROWS = 50
LEDGER_ROWS, LEDGER_ROWS_MAX = 100, 1000
NUMBER = re.compile(r"[0-9]{1,18}")
PACKET = re.compile(rf"/packets/({NUMBER.pattern})")
ENGINE = Engine(dirs=[str(HERE)], libraries={"i18n": "django.templatetags.i18n"})

KINDS = {
    "document": gettext_lazy("hồ sơ"),
    "trace": gettext_lazy("tiến trình"),
    "vote": gettext_lazy("đánh giá"),
    "statistic": gettext_lazy("thống kê"),
    "token": gettext_lazy("lấy token"),
    "": gettext_lazy("khác"),
}
OUTCOME_NAMES = {
    ACCEPTED: gettext_lazy("đã nhận"),
    REPEATED: gettext_lazy("lặp lại"),
    REFUSED: gettext_lazy("từ chối"),
}


@dataclass(frozen=True)
class StatusPage:
    status: int
    media_type: str
    content: bytes


def look_up(path: str, query: str, ledger: Ledger, mischief: Mischief) -> StatusPage | None:
    """The answer to a GET, or None when the path is no look-up."""
    params = dict(parse_qsl(query))
    packet = PACKET.fullmatch(path)
    if packet:
        arrival = ledger.get(int(packet[1]))
        if arrival is None:
            return _html("missing.html", {}, status=404)
        body = arrival.body and json.dumps(json.loads(arrival.body), ensure_ascii=False, indent=2)
        return _html("packet.html", {"row": _row(arrival), "body": body})
    if path == "/":
        return _list(params, ledger, mischief)
    if path == "/ledger":
        return _ledger(params, ledger)
    if path == "/style.css":
        return StatusPage(200, "text/css; charset=utf-8", (HERE / "style.css").read_bytes())
    if path == "/healthz":
        return StatusPage(200, "text/plain; charset=utf-8", b"ok\n")
    return None


def _list(params: Mapping[str, str], ledger: Ledger, mischief: Mischief) -> StatusPage:
    kind, code = params.get("kind", ""), params.get("code", "").strip()
    before = _number(params, "before")
    arrivals = ledger.latest(PAGE_ROWS + 1, before=before, kind=kind, code=code)
    shown = arrivals[:PAGE_ROWS]
    filters = {name: value for name, value in (("kind", kind), ("code", code)) if value}
    older = urlencode(filters | {"before": shown[-1].number}) if len(arrivals) > PAGE_ROWS else ""
    counts, state = ledger.counts(), mischief.state()
    plan = {"plan": json.dumps(state["plan"], ensure_ascii=False)}
    return _html(
        "page.html",
        {
            "rows": [_row(arrival) for arrival in shown],
            "counts": [
                (name, [counts.get((value, outcome), 0) for outcome in OUTCOMES]) for value, name in KINDS.items()
            ],
            "outcomes": [(outcome, OUTCOME_NAMES[outcome]) for outcome in OUTCOMES],
            "kinds": [(value, name) for value, name in KINDS.items() if value],
            "kind": kind,
            "code": code,
            "older": older,
            "newest": urlencode(filters) if before is not None else None,
            "mischief": None if state["plan"] is None else state | plan,
        },
    )


def _ledger(params: Mapping[str, str], ledger: Ledger) -> StatusPage:
    """`{"arrivals": [...], "last": n}`, oldest first; `after=n` in the next request asks for those that follow.

    `bodies=0` leaves out the bodies, which are large.
    """
    after = _number(params, "after") or 0
    limit = min(_number(params, "limit") or LEDGER_ROWS, LEDGER_ROWS_MAX)
    bodies = params.get("bodies") != "0"
    arrivals = ledger.after(after, limit, bodies=bodies)
    rows = []
    for arrival in arrivals:
        row = asdict(arrival)
        body = row.pop("body")
        rows.append(row | {"body": body and json.loads(body)} if bodies else row)
    content = {"arrivals": rows, "last": arrivals[-1].number if arrivals else after}
    return StatusPage(200, "application/json", json.dumps(content, ensure_ascii=False).encode())


def _row(arrival: Arrival) -> dict[str, object]:
    return {
        "arrival": arrival,
        "received": datetime.fromisoformat(arrival.received),
        "kind": KINDS.get(arrival.kind, arrival.kind),
        "outcome": OUTCOME_NAMES[arrival.outcome],
    }


def _number(params: Mapping[str, str], name: str) -> int | None:
    """A number from the address; anything else counts as absent."""
    return int(params[name]) if NUMBER.fullmatch(params.get(name, "")) else None


def _html(template: str, values: dict[str, object], status: int = 200) -> StatusPage:
    content = ENGINE.get_template(template).render(Context(values))
    return StatusPage(status, "text/html; charset=utf-8", content.encode())
