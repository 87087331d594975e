"""What strangers can do to everybody else's pages: sign in again and again, send large bodies, send many unknown keys.

`python -m tests.bench.doors` runs the office's web server on a database of its own for about a minute and prints
figures. Everything stays on 127.0.0.1.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import statistics
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.installation import Installation
from tests.web_server import serving

SECONDS, CONNECTIONS, PROBES = 12.0, 8, 20
LARGE = 300 * 1024 * 1024
KEYS = 60_000

PARTNER = """
import json
from onestop.catalog.models import Agency
from onestop.partners.credentials import issue
from onestop.partners.models import Partner
agency = Agency.objects.create(code="H22", name="Tỉnh", level="province")
partner = Partner.objects.create(name="LGSP", scopes=["dossiers:create"])
partner.agencies.set([agency])
issued = issue(partner)
print(json.dumps([issued.told()["client_id"], issued.secret]))
"""


class Visitor:
    """One connection, with the cookies that it was given."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        self.headers: dict[str, str] = {}

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        self.connection.request(method, path, body, self.headers | headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def open_sign_in(self) -> str:
        """The token of its form."""
        self.connection.request("GET", "/sign-in/")
        answer = self.connection.getresponse()
        cookies = [line.partition(";")[0] for line in answer.headers.get_all("Set-Cookie", [])]
        self.headers["Cookie"] = "; ".join(cookies)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())
        return found[1] if found else ""


def how_long(address: str) -> float:
    """Seconds until a page has come."""
    visitor, begun = Visitor(address), time.perf_counter()
    visitor.ask("GET", "/tra-cuu/")
    return time.perf_counter() - begun


def attack(address: str, until: float, answers: Counter[int]) -> None:
    while time.monotonic() < until:
        try:
            visitor = Visitor(address)
            token = visitor.open_sign_in()
            while time.monotonic() < until:
                form = {"csrfmiddlewaretoken": token, "username": "lan", "password": "sai hết"}
                fields = {"Content-Type": "application/x-www-form-urlencoded"}
                status, _page = visitor.ask("POST", "/sign-in/", urlencode(form).encode(), **fields)
                answers[status] += 1
        except (http.client.HTTPException, OSError):
            answers[0] += 1


def slowed(address: str) -> None:
    quiet = [how_long(address) for _ in range(PROBES)]
    answers: Counter[int] = Counter()
    until = time.monotonic() + SECONDS
    strangers = [threading.Thread(target=attack, args=(address, until, answers)) for _ in range(CONNECTIONS)]
    for stranger in strangers:
        stranger.start()
    time.sleep(1)
    busy = []
    while time.monotonic() < until:
        busy.append(how_long(address))
    for stranger in strangers:
        stranger.join()
    print(f"a page alone: median {statistics.median(quiet):.3f} s, worst {max(quiet):.3f} s")
    print(f"with {CONNECTIONS} strangers signing in: median {statistics.median(busy):.3f} s, worst {max(busy):.3f} s")
    print(f"ratio of medians {statistics.median(busy) / statistics.median(quiet):.1f}; answers {dict(answers)}")


def large_body(address: str) -> None:
    visitor = Visitor(address)
    token = visitor.open_sign_in()
    head = f'--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
    head += '--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n'
    connection, sent, begun = visitor.connection, 0, time.perf_counter()
    connection.putrequest("POST", "/sign-in/")
    for name, value in (visitor.headers | {"Content-Type": "multipart/form-data; boundary=x"}).items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(LARGE))
    connection.endheaders()
    try:
        connection.send(head.encode())
        sent = len(head)
        piece = b"a" * 65536
        while sent < LARGE:
            connection.send(piece[: LARGE - sent])
            sent += len(piece)
    except OSError:
        pass
    try:
        status: object = connection.getresponse().status
    except (http.client.HTTPException, OSError) as error:
        status = type(error).__name__
    print(f"300 MB at /sign-in/: {sent / 2**20:.1f} MB taken, {status}, {time.perf_counter() - begun:.2f} s")


def many_keys(address: str, client_id: str, secret: str) -> None:
    form = urlencode({"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret})
    _status, answer = Visitor(address).ask(
        "POST", "/oauth2/token", form.encode(), **{"Content-Type": "application/x-www-form-urlencoded"}
    )
    headers = {"Authorization": f"Bearer {json.loads(answer)['access_token']}", "Content-Type": "application/json"}
    unknown = json.dumps({f"k{number}": 1 for number in range(KEYS)}).encode()
    twice = ("{" + ",".join(f'"k{number}":1' for number in [*range(KEYS), KEYS - 1]) + "}").encode()
    for name, body in (("unknown keys", unknown), ("keys, the last one twice", twice)):
        begun = time.perf_counter()
        status, answer = Visitor(address).ask("POST", "/api/v1/dossiers", body, **headers)
        faults = len(json.loads(answer)["errors"])
        print(f"{KEYS} {name}: {status}, {faults} faults, {time.perf_counter() - begun:.2f} s")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="doors-") as name:
        folder = Path(name)
        office = Installation(folder)
        # With the passwords that are kept in earnest, not with the quick ones of the tests.
        office.environment |= {"DJANGO_SETTINGS_MODULE": "onestop.settings", "LOG_LEVEL": "ERROR", "TMPDIR": name}
        client_id, secret = json.loads(office.run("shell", "-v0", "-c", PARTNER)[0])
        environment = office.environment | {"API_BODY_MAX_KB": "4096"}
        with serving(folder / "log", environment) as address:
            many_keys(address, client_id, secret)
            large_body(address)
            slowed(address)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main()
