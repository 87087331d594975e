"""A receiver of packets that knows nothing of ours: it keeps what it is sent or does not, and answers as it is told.

Written from the words of the standard alone. What it kept is the only truth about what arrived.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

TOKEN = b'{"access_token": "t1", "token_type": "Bearer", "expires_in": 3600}'


@dataclass(frozen=True)
class Says:
    """One answer. `keeps`: whether the packet is written down before; `silent`: the connection ends without a byte."""

    status: int = 200
    body: bytes = b'{"Status": 0, "Message": "OK"}'
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    keeps: bool = True
    silent: bool = False


OK = Says()
LOST, UNHEARD = Says(silent=True), Says(silent=True, keeps=False)


@dataclass(frozen=True)
class Came:
    """A request: where, with which key and content, and its head."""

    path: str
    key: str
    digest: str
    headers: Mapping[str, str]
    form: bytes = b""


class Receiver:
    """`for_documents`: answers to the next documents, one after the other; the last of them stays.

    `for_others`: to whatever else is sent.
    """

    def __init__(self) -> None:
        self.for_documents: deque[Says] = deque([OK])
        self.for_others, self.token = OK, Says(body=TOKEN)
        self.came: list[Came] = []
        self.kept: set[tuple[str, str]] = set()

    def will_say(self, *answers: Says) -> None:
        self.for_documents = deque(answers)

    def sent(self, path: str) -> list[Came]:
        return [came for came in self.came if came.path == path]

    def _answer(self, came: Came) -> Says:
        if came.path == "/token":
            return self.token
        if came.path != "/Document/SyncDocument":
            return self.for_others
        return self.for_documents.popleft() if len(self.for_documents) > 1 else self.for_documents[0]

    def take(self, came: Came) -> Says:
        self.came.append(came)
        says = self._answer(came)
        if says.keeps and came.path != "/token":
            self.kept.add((came.key, came.digest))
        return says

    @contextmanager
    def listening(self) -> Iterator[str]:
        """Its address, while it listens there."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                head = {name.lower(): value for name, value in self.headers.items()}
                digest = hashlib.sha256(body).hexdigest()
                form = body if self.path == "/token" else b""
                if self.path != "/token":
                    json.loads(body)
                says = receiver.take(Came(self.path, head.get("idempotency-key", ""), digest, head, form))
                if says.silent:
                    self.close_connection = True
                    return
                self.send_response(says.status)
                for name, value in says.headers.items():
                    self.send_header(name, value)
                if says.status != 204:
                    self.send_header("Content-Length", str(len(says.body)))
                self.end_headers()
                if says.status != 204:
                    self.wfile.write(says.body)

            def log_message(self, *_args: object) -> None:
                """Nobody reads it."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
