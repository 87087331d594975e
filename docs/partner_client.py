"""A partner's system in sixty lines: signs in, hands a dossier in, follows it. Python's own library is enough.

python docs/partner_client.py https://motcua.example.vn CLIENT_ID CLIENT_SECRET 1.001193 H22.101
"""

import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any


class Office:
    """The office's API. Every write has a key of its own, so a call whose answer got lost is simply made again."""

    def __init__(self, address: str, client_id: str, client_secret: str) -> None:
        self.credential = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        self.address, self.token, self.token_until = address.rstrip("/"), "", 0.0

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        if method != "GET":
            headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
        for attempt in range(5):
            try:
                return self._once(method, path, body, headers)
            except urllib.error.HTTPError as error:
                if error.code not in (429, 502, 503):
                    raise SystemExit(f"{error.code} {error.read().decode()}") from error
                time.sleep(float(error.headers.get("Retry-After", 2**attempt)))
            except urllib.error.URLError:
                time.sleep(2**attempt)
        raise SystemExit("the office does not answer")

    def _once(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        address = path if path.startswith("http") else f"{self.address}/api/v1/{path}"
        told = {"Authorization": f"Bearer {self._signed_in()}", "Content-Type": "application/json", **headers}
        request = urllib.request.Request(address, body and json.dumps(body).encode(), told, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def _signed_in(self) -> str:
        if time.monotonic() >= self.token_until:
            form = urllib.parse.urlencode(self.credential)
            with urllib.request.urlopen(f"{self.address}/oauth2/token", form.encode(), timeout=30) as answer:
                granted = json.load(answer)
            self.token, self.token_until = granted["access_token"], time.monotonic() + granted["expires_in"] - 60
        return self.token


if __name__ == "__main__":
    office, (procedure, agency) = Office(*sys.argv[1:4]), sys.argv[4:6]
    new = {"external_id": f"THU-{uuid.uuid4()}", "procedure": procedure, "agency": agency, "channel": "direct"}
    dossier = office.call("POST", "dossiers", {**new, "applicant_name": "Đặng Văn Ước", "is_test": True})
    print(dossier["code"], dossier["due_at"])
    office.call("POST", f"dossiers/{dossier['uuid']}/start", {"by": {"name": "Trần Minh", "position": "Chuyên viên"}})
    for step in office.call("GET", f"dossiers/{dossier['uuid']}/history")["results"]:
        print(step["at"], step["move"], step["actor_name"])
