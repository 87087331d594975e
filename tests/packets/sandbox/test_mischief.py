import json
import math
import re
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

import httpx2
import pytest

from packets.sandbox.mischief import Call, Do, Mischief, Plan
from packets.sandbox.plans import FIELDS, WrongPlan, read_plan
from packets.sandbox.shapes import LIVES, SHAPES, Meaning
from packets.sandbox.store import Ledger
from tests.packets import document, vote
from tests.practice_portal import PATHS, ROOT, Sandbox

OK = {"Status": 0, "Message": "OK"}
SIGN_IN = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo-secret"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("mischief") / "ledger.sqlite3")
    sandbox.sign_in()
    yield sandbox
    assert sandbox.stop() == (0, "")


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    """Well behaved and signed in anew, whatever the test before did."""
    running.behave()
    running.sign_in()
    return running


def plan(told: object) -> Plan:
    return read_plan(json.dumps(told).encode())[0]


def fates(told: object, number: int, at: Call = Call.PACKET) -> list[str]:
    return [step.do.value for step in islice(plan(told).fates(at), number)]


def entered(sandbox: Sandbox, key: str) -> list[tuple[str, str, int]]:
    return [
        (arrival["outcome"], arrival["mischief"], arrival["status"])
        for arrival in sandbox.ledger(bodies=False)
        if arrival["key"] == key
    ]


def raw(sandbox: Sandbox, key: str) -> tuple[bytes, bool]:
    """All that comes back of a packet, byte for byte, and whether the connection was reset."""
    url, body, got = sandbox.http.base_url, json.dumps(document()).encode(), b""
    head = (
        f"POST {PATHS['document']} HTTP/1.1\r\nHost: x\r\nAuthorization: {sandbox.http.headers['Authorization']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nIdempotency-Key: {key}\r\n\r\n"
    )
    with socket.create_connection((url.host, url.port or 80), timeout=10) as line:
        line.sendall(head.encode() + body)
        try:
            while piece := line.recv(65_536):
                got += piece
        except ConnectionResetError:
            return got, True
    return got, False


@pytest.mark.parametrize(
    ("step", "status", "inner"),
    [
        ({"do": "refuse"}, 400, 400),
        ({"do": "refuse", "status": 422}, 422, 422),
        ({"do": "unauthorized"}, 401, 401),
        ({"do": "busy"}, 429, 429),
        ({"do": "server-error", "status": 503}, 503, None),
        ({"do": "error-in-200"}, 200, 500),
        ({"do": "refused-in-200"}, 200, 400),
        ({"do": "garbage"}, 200, None),
        ({"do": "redirect"}, 302, None),
        ({"do": "redirect", "status": 307, "to": "http://127.0.0.1:9/x"}, 307, None),
    ],
)
def test_a_wrong_answer_stands_in_for_the_right_one_and_nothing_is_taken(
    sandbox: Sandbox, step: dict[str, Any], status: int, inner: int | None
) -> None:
    key = str(uuid.uuid4())
    sandbox.misbehave([step])
    reply = sandbox.send("document", document(), key=key)
    assert reply.status_code == status
    assert _json(reply).get("Status") == inner
    assert inner is None or "để thực hành" in reply.json()["Message"]
    assert entered(sandbox, key) == [("refused", step["do"], status)]
    assert sandbox.ledger()[-1]["body"]["DocCode"] == document()["DocCode"]
    sandbox.sign_in()
    assert sandbox.send("document", document(), key=key).json() == OK
    assert entered(sandbox, key)[1:] == [("accepted", "", 200)]


@pytest.mark.parametrize("do", ["server-error", "error-in-200", "garbage"])
def test_a_wrong_answer_can_hide_that_the_packet_was_taken(sandbox: Sandbox, do: str) -> None:
    key = str(uuid.uuid4())
    sandbox.misbehave([{"do": do, "stored": True}])
    assert _json(sandbox.send("document", document(), key=key)) != OK
    assert sandbox.send("document", document(), key=key).json() == OK
    assert entered(sandbox, key) == [("accepted", do, 200), ("repeated", "", 200)]


def _json(reply: httpx2.Response) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = reply.json()
    except ValueError:
        return {}
    return answer


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ({"do": "reset"}, httpx2.ReadError),
        ({"do": "reset", "after": 0}, httpx2.ReadError),
        ({"do": "truncated"}, httpx2.RemoteProtocolError),
        ({"do": "lost"}, httpx2.RemoteProtocolError),
    ],
)
def test_a_packet_is_taken_though_its_answer_does_not_come_through(
    sandbox: Sandbox, step: dict[str, Any], error: type[Exception]
) -> None:
    key = str(uuid.uuid4())
    sandbox.misbehave([step, {"do": "well"}, step])
    with pytest.raises(error):
        sandbox.send("document", document(), key=key)
    assert sandbox.send("document", document(), key=key).json() == OK
    with pytest.raises(error):
        sandbox.send("document", document(), key=key)
    do = step["do"]
    assert entered(sandbox, key) == [("accepted", do, 200), ("repeated", "", 200), ("repeated", do, 200)]


@pytest.mark.parametrize(
    ("step", "was_reset", "shape"),
    [
        ({"do": "reset"}, True, rb'HTTP/1\.1 200 .*\r\n\r\n\{"Status":0,"'),
        ({"do": "reset", "after": 9}, True, rb"HTTP/1\.1 "),
        ({"do": "truncated"}, False, rb'HTTP/1\.1 200 .*Content-Length: 27.*\r\n\r\n\{"Status":0,"'),
        ({"do": "lost"}, False, rb""),
        ({"do": "reset-before"}, True, rb""),
        ({"do": "down"}, True, rb""),
    ],
)
def test_a_connection_ends_in_the_manner_of_its_step(
    sandbox: Sandbox, step: dict[str, Any], was_reset: bool, shape: bytes
) -> None:
    sandbox.misbehave([step])
    got, reset = raw(sandbox, key="")
    assert reset == was_reset
    assert re.fullmatch(shape, got, re.DOTALL), got


def test_a_connection_reset_before_the_packet_was_looked_at_takes_nothing(sandbox: Sandbox) -> None:
    key = str(uuid.uuid4())
    sandbox.misbehave([{"do": "reset-before"}])
    with pytest.raises(httpx2.ReadError):
        sandbox.send("document", document(), key=key)
    sandbox.send("document", document(), key=key)
    assert entered(sandbox, key) == [("refused", "reset-before", 0), ("accepted", "", 200)]


def test_a_late_answer_is_the_right_one(sandbox: Sandbox) -> None:
    sandbox.misbehave([{"do": "delay", "seconds": 0.5}])
    begun = time.monotonic()
    assert sandbox.send("document", document()).json() == OK
    assert time.monotonic() - begun >= 0.5
    sandbox.misbehave([{"do": "delay", "seconds": 2}])
    with pytest.raises(httpx2.ReadTimeout):
        sandbox.http.post(PATHS["document"], json=document(), timeout=1)
    assert sandbox.ledger()[-1]["outcome"] == "accepted"


def test_an_answer_drips_byte_by_byte_and_is_the_right_one(sandbox: Sandbox) -> None:
    sandbox.misbehave([{"do": "drip", "seconds": 0.001}])
    begun = time.monotonic()
    reply = sandbox.send("document", document())
    assert reply.json() == OK
    assert time.monotonic() - begun > 0.2


def test_an_answer_can_drip_longer_than_anybody_waits(sandbox: Sandbox) -> None:
    sandbox.misbehave([{"do": "drip", "seconds": 0, "length": 5_000}])
    reply = sandbox.send("document", document())
    assert (len(reply.content), reply.json()) == (5_000, OK)


@pytest.mark.parametrize(
    "step", [{"do": "delay", "seconds": 600}, {"do": "drip", "seconds": 60}, {"do": "drip", "length": 100_000}]
)
def test_the_end_does_not_wait_for_an_answer_that_is_late_on_purpose(tmp_path: Path, step: dict[str, Any]) -> None:
    sandbox = Sandbox(tmp_path / "ledger.sqlite3")
    sandbox.sign_in()
    sandbox.misbehave([step])
    with ThreadPoolExecutor(1) as people:
        reply = people.submit(sandbox.send, "document", document())
        while not sandbox.ledger()[1:]:
            time.sleep(0.01)
        sandbox.process.terminate()
        assert reply.result(timeout=10).json() == OK
    assert sandbox.process.wait(timeout=20) == 0
    assert sandbox.stop() == (0, "")


def test_the_right_answer_in_the_wrong_clothes_is_a_page(sandbox: Sandbox) -> None:
    key = str(uuid.uuid4())
    sandbox.misbehave([{"do": "wrong-type"}])
    reply = sandbox.send("document", document(), key=key)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "{&quot;Status&quot;:0" in reply.text
    assert entered(sandbox, key) == [("accepted", "wrong-type", 200)]


def test_what_is_wrong_with_a_packet_is_still_told_however_late(sandbox: Sandbox) -> None:
    sandbox.misbehave([{"do": "delay", "seconds": 0}])
    assert sandbox.send("document", document(Status=3)).status_code == 400
    assert sandbox.ledger()[-1]["mischief"] == "delay"


def test_unauthorized_wants_a_new_sign_in(sandbox: Sandbox) -> None:
    sandbox.misbehave([{"do": "unauthorized"}])
    assert [sandbox.send("document", document()).status_code for _time in range(2)] == [401, 401]
    sandbox.sign_in()
    assert sandbox.send("document", document()).status_code == 200
    assert [arrival["mischief"] for arrival in sandbox.ledger()[-4:]] == ["unauthorized", "", "", ""]


def test_busy_says_when_to_come_again_in_seconds_or_as_a_date(sandbox: Sandbox) -> None:
    sandbox.misbehave([{"do": "busy", "seconds": 7}, {"do": "busy", "seconds": 7, "date": True, "status": 503}])
    assert sandbox.send("document", document()).headers["Retry-After"] == "7"
    before = datetime.now(UTC)
    reply = sandbox.send("document", document())
    assert reply.status_code == 503
    waits = (parsedate_to_datetime(reply.headers["Retry-After"]) - before).total_seconds()
    assert 7 <= waits < 9


def test_who_follows_a_redirect_is_found_in_the_ledger(sandbox: Sandbox) -> None:
    sandbox.misbehave([{"do": "redirect", "status": 307}])
    sandbox.http.post(PATHS["document"], json=document(), follow_redirects=True)
    assert [arrival["path"] for arrival in sandbox.ledger()[-2:]] == [PATHS["document"], "/elsewhere"]


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ({"do": "no-token"}, 200),
        ({"do": "no-token", "status": 500}, 500),
        ({"do": "garbage", "at": "token"}, 200),
        ({"do": "refuse", "at": "token", "status": 401}, 401),
        ({"do": "busy", "at": "token"}, 429),
        ({"do": "server-error", "at": "token"}, 500),
        ({"do": "redirect", "at": "token"}, 302),
        ({"do": "wrong-type", "at": "token"}, 200),
    ],
)
def test_a_sign_in_can_come_to_nothing(sandbox: Sandbox, step: dict[str, Any], status: int) -> None:
    sandbox.misbehave([step])
    assert sandbox.send("document", document()).json() == OK  # packets do not use it up
    reply = sandbox.http.post("/token", data=SIGN_IN)
    assert reply.status_code == status
    assert "access_token" not in _json(reply)
    assert sandbox.ledger()[-1]["mischief"] == step["do"]
    assert "access_token" in sandbox.http.post("/token", data=SIGN_IN).json()


@pytest.mark.parametrize("do", ["lost", "reset", "reset-before", "truncated"])
def test_a_sign_in_can_be_cut_off(sandbox: Sandbox, do: str) -> None:
    sandbox.misbehave([{"do": do, "at": "token"}])
    with pytest.raises(httpx2.TransportError):
        sandbox.http.post("/token", data=SIGN_IN)
    sandbox.sign_in()


def test_an_outage_lasts_until_told_otherwise_for_whoever_calls(sandbox: Sandbox) -> None:
    sandbox.misbehave([{"do": "well"}, {"do": "down"}])
    assert sandbox.send("document", document()).json() == OK
    for _time in range(2):
        with pytest.raises(httpx2.TransportError):
            sandbox.http.post("/token", data=SIGN_IN)
        with pytest.raises(httpx2.TransportError):
            sandbox.send("document", document(), key="down")
    assert sandbox.http.get("/healthz").status_code == 200
    assert sandbox.http.get("/mischief").json()["next"] == {"packet": "down", "token": "down"}
    sandbox.behave()
    assert sandbox.send("document", document(), key="down").json() == OK
    assert entered(sandbox, "down")[-3:] == [("refused", "down", 0)] * 2 + [("accepted", "", 200)]


def test_a_large_packet_is_not_waited_for_during_an_outage(sandbox: Sandbox) -> None:
    sandbox.misbehave([{"do": "down"}])
    url = sandbox.http.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=10) as line:
        line.sendall(f"POST {PATHS['document']} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n{{".encode())
        with pytest.raises(ConnectionResetError):
            line.recv(1)


def test_an_outage_ends_by_the_clock_and_the_schedule_goes_on() -> None:
    now = [0.0]
    told = [{"do": "down", "seconds": 20}, {"do": "lost"}, {"do": "no-token"}]
    mischief = Mischief(plan(told), told, clock=lambda: now[0])
    assert mischief.fate(Call.TOKEN).do is Do.DOWN
    now[0] = 19.9
    assert mischief.fate(Call.PACKET).do is Do.DOWN
    now[0] = 20
    assert [mischief.fate(call).do for call in (Call.TOKEN, Call.PACKET, Call.PACKET)] == ["no-token", "lost", "well"]


def test_a_schedule_is_gone_through_step_by_step(sandbox: Sandbox) -> None:
    told = [
        {"do": "busy", "seconds": 0, "times": 2},
        {"do": "well"},
        {"do": "server-error", "status": 502, "times": 3},
        {"do": "no-token"},
    ]
    sandbox.misbehave(told)
    statuses = [sandbox.send("vote", vote()).status_code for _time in range(8)]
    assert statuses == [429, 429, 200, 502, 502, 502, 200, 200]
    assert sandbox.http.get("/mischief").json() == {
        "plan": told,
        "next": {"packet": "well", "token": "no-token"},
        "done": {"busy": 2, "server-error": 3, "well": 3},
    }
    sandbox.behave()
    assert sandbox.http.get("/mischief").json() == {
        "plan": None,
        "next": {"packet": "well", "token": "well"},
        "done": {},
    }


def test_many_at_once_share_one_schedule(sandbox: Sandbox) -> None:
    sandbox.misbehave([{"do": "busy", "times": 10}, {"do": "refuse", "times": 10}])
    with ThreadPoolExecutor(8) as people:
        replies = list(people.map(lambda _time: sandbox.send("vote", vote()).status_code, range(40)))
    assert Counter(replies) == {429: 10, 400: 10, 200: 20}


def test_no_two_requests_take_the_same_step() -> None:
    told = [{"do": do, "times": 2_000} for do in ("lost", "busy", "reset")]
    mischief = Mischief(plan(told), told)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as people:
            shares = people.map(lambda _one: [mischief.fate(Call.PACKET).do for _time in range(1_000)], range(8))
            met = Counter(chain.from_iterable(shares))
    finally:
        sys.setswitchinterval(usual)
    assert met == mischief.state()["done"] == {"lost": 2_000, "busy": 2_000, "reset": 2_000, "well": 2_000}


def test_look_ups_and_wrong_addresses_use_up_no_step(sandbox: Sandbox) -> None:
    sandbox.misbehave([{"do": "busy"}])
    for method, path in (("GET", "/"), ("GET", PATHS["vote"]), ("POST", "/nowhere"), ("GET", "/token")):
        sandbox.http.request(method, path)
    assert sandbox.send("vote", vote()).status_code == 429


def test_the_same_seed_has_the_same_in_store(sandbox: Sandbox) -> None:
    chances = {"busy": 0.2, "refuse": {"chance": 0.2, "times": 2}, "error-in-200": 0.1}

    def met(seed: int) -> list[str]:
        sandbox.misbehave({"seed": seed, "chances": chances})
        for _time in range(60):
            sandbox.send("vote", vote())
        return [arrival["mischief"] or "well" for arrival in sandbox.ledger(bodies=False)[-60:]]

    assert met(7) == met(7) == fates({"seed": 7, "chances": chances}, 60)
    assert met(8) == fates({"seed": 8, "chances": chances}, 60) != met(7)


def test_chances_come_out_as_often_as_they_say() -> None:
    told = {"seed": 1, "chances": {"lost": 0.05, "server-error": {"chance": 0.01, "times": 10}, "no-token": 0.5}}
    drawn = Counter(fates(told, 100_000))
    assert drawn["lost"] == pytest.approx(100_000 * 0.05 / 1.09, rel=0.1)
    assert drawn["server-error"] == pytest.approx(100_000 * 0.10 / 1.09, rel=0.1)
    assert drawn.keys() == {"well", "lost", "server-error"}
    assert Counter(fates(told, 10_000, Call.TOKEN))["no-token"] == pytest.approx(5_000, rel=0.1)


def test_what_was_drawn_lasts_for_its_times() -> None:
    drawn = " ".join(fates({"seed": 3, "chances": {"server-error": {"chance": 0.05, "times": 4}}}, 1_000))
    bursts = re.findall(r"server-error(?: server-error)*", drawn)
    assert len(bursts) > 20
    assert {len(burst.split()) % 4 for burst in bursts[:-1]} == {0}


def test_a_sure_chance_leaves_no_room_for_good_behaviour() -> None:
    assert set(fates({"seed": 1, "chances": {"lost": 0.5, "busy": 0.5}}, 1_000)) == {"lost", "busy"}


# ---- shapes of a reply


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_answered_byte_for_byte_and_taken_as_it_says(sandbox: Sandbox, name: str) -> None:
    key, shape = str(uuid.uuid4()), SHAPES[name]
    sandbox.misbehave([{"do": "shape", "shape": name, "times": 2}])
    first, second = (sandbox.send("vote", vote(), key=key) for _time in range(2))
    # “Already there” is said of a repeat alone.
    shaped = [second] if shape.meaning is Meaning.EXISTS else [first, second]
    assert [(reply.status_code, reply.content) for reply in shaped] == [(shape.status, shape.body)] * len(shaped)
    assert shape.meaning is not Meaning.EXISTS or first.json() == OK
    taken = shape.meaning in (Meaning.YES, Meaning.EXISTS)
    outcomes = ["accepted", "repeated"] if taken else ["refused", "refused"]
    assert [(outcome, did) for outcome, did, _status in entered(sandbox, key)] == [
        (outcome, f"shape {name}") for outcome in outcomes
    ]


def test_a_shape_that_says_nothing_can_hide_that_the_packet_was_taken(sandbox: Sandbox) -> None:
    key = str(uuid.uuid4())
    sandbox.misbehave([{"do": "shape", "shape": "page", "stored": True}])
    assert sandbox.send("vote", vote(), key=key).content == SHAPES["page"].body
    assert sandbox.send("vote", vote(), key=key).json() == OK
    assert [outcome for outcome, _did, _status in entered(sandbox, key)] == ["accepted", "repeated"]


def test_a_shape_that_says_yes_does_not_say_it_of_a_packet_that_is_wrong(sandbox: Sandbox) -> None:
    sandbox.misbehave([{"do": "shape", "shape": "message-alone"}])
    assert sandbox.send("vote", {}).status_code == 400


@pytest.mark.parametrize("name", LIVES)
def test_a_token_can_tell_oddly_how_long_it_holds(sandbox: Sandbox, name: str) -> None:
    sandbox.misbehave([{"do": "shape", "at": "token", "shape": name}])
    reply = sandbox.http.post("/token", data=SIGN_IN)
    assert (f'"expires_in": {LIVES[name]}' in reply.text) == bool(LIVES[name])
    sandbox.http.headers["Authorization"] = f"Bearer {json.loads(reply.text)['access_token']}"
    assert sandbox.send("vote", vote()).json() == OK


def test_the_manual_names_every_shape() -> None:
    manual = (ROOT / "docs/sandbox.md").read_text(encoding="utf-8")
    assert [name for name in [*SHAPES, *LIVES] if f"`{name}`" not in manual] == []


def test_every_name_can_be_planned() -> None:
    assert FIELDS.keys() == set(Do)
    for do in Do:
        assert do in fates([{"do": do}], 1, Call.TOKEN if do is Do.NO_TOKEN else Call.PACKET)


WRONG: list[tuple[object, str]] = [
    ("lost", "danh sách các bước"),
    ({"seed": 1}, "seed và chances"),
    ({"seed": 1, "chances": {}, "x": 1}, "seed và chances"),
    ([{"do": "well"}, "lost"], "Mục 2: phải là đối tượng"),
    ([{"do": "lots"}], "Mục 1, trường do: phải là một trong: well, refuse"),
    ([{"do": ["lost"]}], "Mục 1, trường do"),
    ([{"times": 1}], "Mục 1, trường do"),
    ([{"do": "lost", "time": 1}], "Mục 1, trường time: không có; lost nhận: times, at."),
    ([{"do": "lost", "seconds": 1}], "Mục 1, trường seconds: không có"),
    ([{"do": "lost"}, {"do": "lost", "times": 0}], "Mục 2, trường times: phải là số nguyên từ 1 đến 1000000."),
    ([{"do": "lost", "times": True}], "Mục 1, trường times"),
    ([{"do": "lost", "times": 1.5}], "Mục 1, trường times"),
    ([{"do": "delay", "seconds": "5"}], "Mục 1, trường seconds: phải là số từ 0 đến 600."),
    ([{"do": "delay", "seconds": math.nan}], "Mục 1, trường seconds"),
    ([{"do": "busy", "seconds": 0.5}], "Mục 1, trường seconds: phải là số nguyên"),
    ([{"do": "busy", "date": 1}], "Mục 1, trường date: phải là true hoặc false."),
    ([{"do": "refuse", "status": 200}], "Mục 1, trường status: phải là số nguyên từ 400 đến 499."),
    ([{"do": "redirect", "to": "/x\r\nSet-Cookie: a=b"}], "Mục 1, trường to"),
    ([{"do": "shape", "shape": "round"}], "Mục 1, trường shape: phải là một trong: empty, blank"),
    ([{"do": "shape", "shape": "lasts-zero"}], "Mục 1, trường shape: chỉ dùng với at: token."),
    ([{"do": "lost", "at": "vote"}], "Mục 1, trường at: phải là một trong: packet, token."),
    ([{"do": "unauthorized", "at": "token"}], "Mục 1, trường at: không có"),
    ([{"do": "down", "times": 2}], "Mục 1, trường times: không có; down nhận: seconds."),
    ([{"do": "no-token", "status": 200}], "Mục 1, trường status: phải là số nguyên từ 400 đến 599."),
    ({"seed": "7", "chances": {}}, "Trường seed: phải là số nguyên từ 0 đến 1000000000."),
    ({"seed": 7, "chances": {"lost": 1.5}}, "Mục lost, trường chance: phải là số từ 0 đến 1."),
    ({"seed": 7, "chances": {"lost": None}}, "Mục lost, trường chance"),
    ({"seed": 7, "chances": {"lost": {"times": 2}}}, "Mục lost, trường chance"),
    ({"seed": 7, "chances": {"lots": 0.1}}, "Mục lots, trường do"),
    ({"seed": 7, "chances": {"delay": {"chance": 0.1, "second": 1}}}, "Mục delay, trường second: không có"),
    ({"seed": 7, "chances": {"lost": 0.6, "busy": 0.6}}, "xác suất của packet cộng lại quá 1"),
]


@pytest.mark.parametrize(("told", "reason"), WRONG)
def test_a_wrong_plan_is_told_by_entry_and_field(told: object, reason: str) -> None:
    with pytest.raises(WrongPlan, match=re.escape(reason)):
        plan(told)


@pytest.mark.parametrize(
    ("text", "reason"),
    [(b'[{"do": "lost"\n}, ]', "dòng 2, cột 4"), (b"", "dòng 1"), (b'"\xff"', "JSON"), (b"[" * 100_000, "JSON")],
)
def test_what_is_no_json_is_no_plan(sandbox: Sandbox, text: bytes, reason: str) -> None:
    reply = sandbox.http.put("/mischief", content=text)
    assert (reply.status_code, reply.json()["Status"]) == (400, 400)
    assert reason in reply.json()["Message"]


def test_a_wrong_plan_leaves_the_one_in_force(sandbox: Sandbox) -> None:
    sandbox.misbehave([{"do": "busy"}])
    reply = sandbox.http.put("/mischief", json=[{"do": "lots"}])
    assert (reply.status_code, reply.json()["Message"][:18]) == (400, "Mục 1, trường do: ")
    assert sandbox.send("vote", vote()).status_code == 429
    assert sandbox.http.post("/mischief").status_code == 405


def test_the_page_shows_what_is_in_force_and_what_was_done(sandbox: Sandbox) -> None:
    assert "cố ý" not in sandbox.http.get("/", params={"code": "none"}).text
    sandbox.misbehave([{"do": "refuse", "times": 2}])
    sandbox.send("document", document())
    number = sandbox.ledger()[-1]["number"]
    text = sandbox.http.get("/").text
    assert "{&quot;do&quot;: &quot;refuse&quot;, &quot;times&quot;: 2}" in text
    assert "refuse × 1" in text
    assert '<span class="on-purpose">refuse</span>' in text
    assert '<span class="on-purpose">refuse</span>' in sandbox.http.get(f"/packets/{number}").text


def test_the_ledger_can_leave_bodies_out_and_tells_the_time(sandbox: Sandbox) -> None:
    for _time in range(3):
        sandbox.send("vote", vote())
    arrivals = sandbox.ledger(bodies=False)
    assert {key for arrival in arrivals for key in arrival} == {key for key in sandbox.ledger()[-1] if key != "body"}
    times = [arrival["received"] for arrival in arrivals[-3:]]
    assert times == sorted(times)
    assert all(re.search(r"\.\d{3}\+07:00$", when) for when in times)


def test_a_plan_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text('[{"do": "busy"}, {"do": "down"}]', encoding="utf-8")
    sandbox = Sandbox(tmp_path / "ledger.sqlite3", "--mischief", str(file))
    sandbox.sign_in()
    assert sandbox.send("vote", vote()).status_code == 429
    assert raw(sandbox, key="") == (b"", True)
    assert sandbox.stop() == (0, "")


@pytest.mark.parametrize(
    ("text", "reason"), [('[{"do": "lots"}]', "Mục 1, trường do: phải là một trong"), (None, "Không đọc được")]
)
def test_a_wrong_file_is_said_plainly(tmp_path: Path, text: str | None, reason: str) -> None:
    file = tmp_path / "plan.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    store = tmp_path / "ledger.sqlite3"
    end = subprocess.run(  # noqa: S603 our own command
        [sys.executable, "manage.py", "portal_sandbox", "--store", str(store), "--mischief", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert end.returncode == 1
    assert str(file) in end.stderr
    assert reason in end.stderr
    assert "Traceback" not in end.stderr
    assert not store.exists()


def test_a_ledger_of_before_there_was_mischief_opens_and_goes_on(tmp_path: Path) -> None:
    store = tmp_path / "ledger.sqlite3"
    Ledger(store).close()
    old = sqlite3.connect(store)
    old.execute("ALTER TABLE arrival DROP COLUMN mischief")
    old.execute(
        "INSERT INTO arrival (received, method, path, key, kind, code, digest, status, outcome, message)"
        " VALUES ('2026-01-01T00:00:00.000+07:00', 'POST', '/x', 'k', 'vote', '', 'd', 200, 'accepted', 'OK')"
    )
    old.commit()
    old.close()
    for number in range(2):
        ledger = Ledger(store)
        earlier = ledger.accepted_with("k")
        assert earlier
        ledger.add(replace(earlier, outcome="repeated", mischief="lost"))
        kept = [(arrival.path, arrival.mischief) for arrival in ledger.after(0, 10, bodies=True)]
        assert kept == [("/x", "")] + [("/x", "lost")] * (number + 1)
        ledger.close()
