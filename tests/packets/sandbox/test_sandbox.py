import base64
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import httpx2
import pytest

from packets.sandbox.exchange import SandboxRequest
from packets.sandbox.portal import TOKEN_SECONDS, PracticePortal
from packets.sandbox.server import Server
from packets.sandbox.store import Ledger
from tests.packets import SAMPLES, document, trace
from tests.practice_portal import PATHS, Sandbox

ROOT = Path(__file__).resolve().parents[3]
OK = {"Status": 0, "Message": "OK"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox") / "ledger.sqlite3")
    sandbox.sign_in()
    yield sandbox
    assert sandbox.stop() == (0, "")


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    """Signed in, whatever the test before did to the headers."""
    headers = running.http.headers.copy()
    yield running
    running.http.headers = headers


def test_a_token_comes_in_the_standard_s_shape(sandbox: Sandbox) -> None:
    form = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo-secret"}
    reply = sandbox.http.post("/token", data=form)
    token = reply.json()
    assert reply.status_code == 200
    assert set(token) == {"access_token", "token_type", "expires_in", "scope"}
    assert (token["token_type"], token["expires_in"]) == ("Bearer", TOKEN_SECONDS)


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "x"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
    ],
)
def test_a_wrong_sign_in_is_told_why(sandbox: Sandbox, form: dict[str, str], status: int, error: str) -> None:
    right = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo-secret"}
    reply = sandbox.http.post("/token", data=right | form)
    assert (reply.status_code, reply.json()) == (status, {"error": error})


@pytest.mark.parametrize("kind", ["document", "trace", "vote", "statistic"])
def test_each_call_takes_its_packet(sandbox: Sandbox, kind: str) -> None:
    if kind == "trace":
        sandbox.send("document", document())
    reply = sandbox.send(kind, SAMPLES[kind]())
    assert (reply.status_code, reply.json()) == (200, OK)
    last = sandbox.ledger()[-1]
    assert (last["kind"], last["outcome"], last["path"]) == (kind, "accepted", PATHS[kind])


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Basic ZGVtbzpkZW1v"])
def test_a_call_without_a_good_token_is_not_opened(sandbox: Sandbox, authorization: str) -> None:
    sandbox.http.headers["Authorization"] = authorization
    reply = sandbox.send("document", document())
    assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert sandbox.ledger()[-1]["body"] is None


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"{}", "", 415),
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'"\\ud800"', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[" * 900 + b"]" * 900, "application/json", 400),
        (b"[]", "application/json; charset=utf-8", 400),
    ],
)
def test_what_is_no_packet_is_refused(sandbox: Sandbox, content: bytes, media_type: str, status: int) -> None:
    reply = sandbox.http.post(PATHS["document"], content=content, headers={"Content-Type": media_type})
    assert (reply.status_code, reply.json()["Status"]) == (status, status)


def test_a_wrong_packet_is_refused_by_the_names_of_its_fields(sandbox: Sandbox) -> None:
    reply = sandbox.send("document", document(Status=3, CitizenName=["Trần Văn Bảo"], Attachments=None))
    assert reply.status_code == 400
    assert {"Status:", "CitizenName:", "Attachments:"} <= set(reply.json()["Message"].split())
    assert "Bảo" not in reply.text


def test_broken_base64_is_refused_and_not_kept(sandbox: Sandbox) -> None:
    [attachment] = document()["Attachments"]
    reply = sandbox.send("document", document(Attachments=[attachment | {"Base64": "aGVsbG8"}]))
    assert reply.status_code == 400
    assert sandbox.ledger()[-1]["body"]["Attachments"][0]["Base64"] == "broken"


def test_the_content_of_an_attachment_is_kept_as_its_digest(sandbox: Sandbox) -> None:
    reply = sandbox.send("document", document())
    arrival = sandbox.ledger()[-1]
    digest = hashlib.sha256(b"hello").hexdigest()
    assert arrival["body"]["Attachments"][0]["Base64"] == f"sha256:{digest}:5"
    assert arrival["digest"] == hashlib.sha256(reply.request.content).hexdigest()


def test_a_trace_of_an_unknown_dossier_is_refused_until_its_document_came(sandbox: Sandbox) -> None:
    code = "H22.001.00-260125-0777"
    assert sandbox.send("trace", trace(DocCode=code), key="early").status_code == 400
    sandbox.send("document", document(DocCode=code, Status=3))
    assert sandbox.send("trace", trace(DocCode=code), key="early").status_code == 400
    sandbox.send("document", document(DocCode=code))
    assert sandbox.send("trace", trace(DocCode=code), key="early").status_code == 200


def test_the_same_key_is_answered_again_and_taken_once(sandbox: Sandbox) -> None:
    first = sandbox.send("document", document(), key="again")
    second = sandbox.send("document", document(), key="again")
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    assert [arrival["outcome"] for arrival in sandbox.ledger()[-2:]] == ["accepted", "repeated"]


def test_the_same_key_for_another_packet_is_a_conflict(sandbox: Sandbox) -> None:
    sandbox.send("document", document(), key="taken")
    other = sandbox.send("document", document(Note="khác"), key="taken")
    assert (other.status_code, other.json()["Status"]) == (409, 409)
    assert sandbox.send("vote", SAMPLES["vote"](), key="taken").status_code == 409


def test_a_key_is_free_until_its_packet_is_accepted(sandbox: Sandbox) -> None:
    assert sandbox.send("document", document(Status=3), key="mended").status_code == 400
    assert sandbox.send("document", document(), key="mended").status_code == 200


def test_one_of_many_at_once_is_taken_and_the_rest_are_repeats(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as people:
        replies = list(people.map(lambda _time: sandbox.send("document", document(), key="race"), range(24)))
    outcomes = [arrival["outcome"] for arrival in sandbox.ledger() if arrival["key"] == "race"]
    assert [reply.status_code for reply in replies] == [200] * 24
    assert sorted(outcomes) == ["accepted"] + ["repeated"] * 23


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/nowhere", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/token", 405),
        ("PUT", "/Document/SyncDocument", 405),
        ("DELETE", "/Vote/UpdateVote", 405),
    ],
)
def test_a_wrong_address_or_method_is_told_apart_and_recorded(
    sandbox: Sandbox, method: str, path: str, status: int
) -> None:
    reply = sandbox.http.request(method, path)
    assert (reply.status_code, reply.json()["Status"]) == (status, status)
    assert (status == 405) == (reply.headers.get("Allow") == "POST")
    last = sandbox.ledger()[-1]
    assert (last["method"], last["path"], last["status"]) == (method, path, status)


def test_a_body_may_come_in_chunks(sandbox: Sandbox) -> None:
    content = json.dumps(document()).encode()
    pieces = (content[start : start + 100] for start in range(0, len(content), 100))
    reply = sandbox.http.post(PATHS["document"], content=pieces, headers={"Content-Type": "application/json"})
    assert reply.json() == OK
    assert reply.request.headers["Transfer-Encoding"] == "chunked"
    assert sandbox.ledger()[-1]["digest"] == hashlib.sha256(content).hexdigest()


def test_a_hundred_megabytes_of_papers_are_taken(sandbox: Sandbox) -> None:
    paper = os.urandom(1024) * 1024 * 100
    [attachment] = document()["Attachments"]
    large = attachment | {"Base64": base64.b64encode(paper).decode()}
    assert sandbox.send("document", document(Attachments=[large])).json() == OK
    kept = sandbox.ledger()[-1]["body"]["Attachments"][0]["Base64"]
    assert kept == f"sha256:{hashlib.sha256(paper).hexdigest()}:{len(paper)}"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("Content-Length: x", 400),
        ("Content-Length: -1", 400),
        ("Content-Length: 999999999999", 413),
        ("Content-Length: 2\r\nContent-Length: 3", 400),
        ("Content-Length: 2\r\nTransfer-Encoding: chunked", 400),
        ("Transfer-Encoding: gzip", 400),
        ("Transfer-Encoding: chunked\r\n\r\nzz", 400),
        ("Transfer-Encoding: chunked\r\n\r\nfffffffffff", 413),
    ],
)
def test_a_body_without_a_clear_end_is_answered_and_the_line_closed(sandbox: Sandbox, head: str, status: int) -> None:
    url = sandbox.http.base_url
    with socket.create_connection((url.host, url.port), timeout=20) as line, line.makefile("rb") as answer:
        line.sendall(f"POST /Document/SyncDocument HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())
        whole = answer.read()
    assert whole.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Connection: close" in whole


def test_a_client_that_hangs_up_midway_disturbs_nobody(sandbox: Sandbox) -> None:
    url, before = sandbox.http.base_url, len(sandbox.ledger())
    for part in (b"Content-Length: 500\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"):
        with socket.create_connection((url.host, url.port)) as line:
            line.sendall(b"POST /Document/SyncDocument HTTP/1.1\r\nHost: x\r\n" + part)
    assert sandbox.send("document", document()).json() == OK
    assert len(sandbox.ledger()) == before + 1


def test_many_requests_go_over_one_connection(sandbox: Sandbox) -> None:
    url = sandbox.http.base_url
    connection = HTTPConnection(url.host, url.port or 80, timeout=20)
    lines = set()
    for path in ("/healthz", "/nowhere", "/"):
        connection.request("HEAD", path)
        connection.getresponse().read()
        lines.add(connection.sock)
    connection.close()
    assert len(lines) == 1
    assert None not in lines


def test_a_head_has_no_body(sandbox: Sandbox) -> None:
    url = sandbox.http.base_url
    with socket.create_connection((url.host, url.port), timeout=20) as line, line.makefile("rb") as answer:
        line.sendall(b"HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer.read().endswith(b"\r\n\r\n")


def test_the_ledger_is_read_on_from_where_one_stopped(sandbox: Sandbox) -> None:
    for _time in range(3):
        sandbox.send("vote", SAMPLES["vote"]())
    last = sandbox.ledger()[-1]["number"]
    first = sandbox.http.get("/ledger", params={"after": last - 3, "limit": 2}).json()
    assert [arrival["number"] for arrival in first["arrivals"]] == [last - 2, last - 1]
    rest = sandbox.http.get("/ledger", params={"after": first["last"]}).json()
    assert [arrival["number"] for arrival in rest["arrivals"]] == [last]
    assert sandbox.http.get("/ledger", params={"after": last}).json() == {"arrivals": [], "last": last}


def test_no_secret_is_kept(sandbox: Sandbox) -> None:
    assert "demo-secret" not in sandbox.http.get("/ledger", params={"limit": 1000}).text
    tokens = [arrival for arrival in sandbox.ledger() if arrival["kind"] == "token"]
    assert {arrival["digest"] for arrival in tokens} == {""}


def test_the_page_shows_newest_first_and_pages_back(sandbox: Sandbox) -> None:
    code = "H22.001.00-260125-0888"
    for _time in range(60):
        sandbox.send("document", document(DocCode=code))
    first = sandbox.http.get("/", params={"code": code, "kind": "document"}).text
    numbers = [int(number) for number in re.findall(r'"/packets/(\d+)"', first)]
    assert len(numbers) == 50
    assert numbers == sorted(numbers, reverse=True)
    older = re.search(r'href="/\?([^"]+)" rel="next"', first)
    assert older
    second = sandbox.http.get("/?" + older[1].replace("&amp;", "&")).text
    rest = [int(number) for number in re.findall(r'"/packets/(\d+)"', second)]
    assert len(rest) == 10
    assert max(rest) < min(numbers)
    assert "rel=" not in second.split("<body>")[1]
    assert "/packets/" not in sandbox.http.get("/", params={"code": code, "kind": "trace"}).text


def test_the_page_of_one_packet_shows_its_json_and_runs_nothing_of_it(sandbox: Sandbox) -> None:
    sandbox.send("document", document(Note="<script>alert(1)</script>"))
    number = sandbox.ledger()[-1]["number"]
    reply = sandbox.http.get(f"/packets/{number}")
    assert "&lt;script&gt;" in reply.text
    assert "<script" not in reply.text
    assert "Nguyễn Thị Lan" in reply.text
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["/?before=x&kind=<b>&code='", "/?before=9999999999999999999", "/ledger?after=-1"])
def test_an_odd_address_is_no_error(sandbox: Sandbox, address: str) -> None:
    reply = sandbox.http.get(address)
    assert reply.status_code == 200
    assert "<b>" not in reply.text


def test_other_look_ups_answer(sandbox: Sandbox) -> None:
    before = len(sandbox.ledger())
    assert sandbox.http.get("/healthz").status_code == 200
    assert sandbox.http.get("/style.css").headers["Content-Type"].startswith("text/css")
    assert sandbox.http.get("/packets/999999999").status_code == 404
    assert len(sandbox.ledger()) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_and_remembers_what_it_took(number: int, tmp_path: Path) -> None:
    store = tmp_path / "ledger.sqlite3"
    sandbox = Sandbox(store)
    sandbox.sign_in()
    sandbox.send("document", document(), key="kept")
    assert sandbox.stop(number) == (0, "")

    again = Sandbox(store)
    assert again.http.post(PATHS["document"], headers={"Authorization": "Bearer old"}).status_code == 401
    again.sign_in()
    again.send("document", document(), key="kept")
    assert [arrival["outcome"] for arrival in again.ledger() if arrival["key"] == "kept"] == ["accepted", "repeated"]
    again.stop()


def test_a_request_under_way_is_answered_before_the_end(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path / "ledger.sqlite3")
    sandbox.sign_in()
    content = json.dumps(document()).encode()

    def pieces() -> Iterator[bytes]:
        yield content[:10]
        sandbox.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        yield content[10:]

    reply = sandbox.http.post(PATHS["document"], content=pieces(), headers={"Content-Type": "application/json"})
    assert reply.json() == OK
    assert sandbox.process.wait(timeout=20) == 0
    assert sandbox.stop() == (0, "")


def test_a_port_in_use_is_said_plainly(sandbox: Sandbox, tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "portal_sandbox", "--store", str(tmp_path / "x.sqlite3"), "--port"]
    end = subprocess.run(  # noqa: S603 our own command
        [*command, str(sandbox.http.base_url.port)], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert end.returncode == 1
    assert "--port" in end.stderr
    assert "Traceback" not in end.stderr


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    yield ledger
    ledger.close()


def signed(portal: PracticePortal, kind: str, key: str = "") -> SandboxRequest:
    """A call with a new token of this portal."""
    form = b"grant_type=client_credentials&client_id=demo&client_secret=demo-secret"
    media_type = {"content-type": "application/x-www-form-urlencoded"}
    token = portal.answer(SandboxRequest("POST", "/token", media_type, form)).content["access_token"]
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json", "idempotency-key": key}
    return SandboxRequest("POST", PATHS[kind], headers, json.dumps(SAMPLES[kind]()).encode())


def test_a_token_lives_for_its_time_and_no_longer(ledger: Ledger) -> None:
    now = [0.0]
    portal = PracticePortal(ledger, "demo", "demo-secret", clock=lambda: now[0])
    call = signed(portal, "vote")
    now[0] = TOKEN_SECONDS - 1
    assert portal.answer(call).status == 200
    now[0] = TOKEN_SECONDS
    assert portal.answer(call).status == 401


def test_nothing_comes_between_looking_up_a_key_and_taking_its_packet(ledger: Ledger) -> None:
    portal = PracticePortal(ledger, "demo", "demo-secret")
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as people:
            for round_ in range(20):
                call = signed(portal, "vote", key=f"race {round_}")
                assert {reply.status for reply in people.map(portal.answer, [call] * 8)} == {200}
    finally:
        sys.setswitchinterval(usual)
    assert ledger.counts()["vote", "accepted"] == 20


def test_chunks_are_too_many_when_together_they_are_too_large(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packets.sandbox.server.BODY_MAX", 10)
    server = Server(("127.0.0.1", 0), PracticePortal(ledger, "demo", "demo-secret"))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    with httpx2.Client(trust_env=False) as http:
        address = f"http://127.0.0.1:{server.server_address[1]}/Vote/UpdateVote"
        statuses = [http.post(address, content=iter([b"123456", last])).status_code for last in (b"1234", b"12345")]
    server.stop()
    thread.join()
    assert statuses == [401, 413]
