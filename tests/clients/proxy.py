"""A proxy before the office that holds every call and every answer to the contract, and notes who called what."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.api.contract import complaints, operation_of

from .calls import request_complaints

ANSWERED_WITHIN = 60
# Of one connection, not of the message (RFC 9110 §7.6.1); the proxy tells its own lengths.
OF_A_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


@dataclass(frozen=True)
class Passed:
    """An answer that was passed on."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes


@dataclass
class Record:
    """What one client did: calls by operation, the answers to them, and what the contract does not allow."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)

    def note(self, method: str, target: str, headers: Mapping[str, str], body: bytes, answer: Passed) -> None:
        if not urlsplit(target).path.startswith("/api/"):
            # Tokens are described by RFC 6749.
            return
        self.complaints += request_complaints(method, target, headers, body)
        described = operation_of(method.lower(), target)
        if described is not None:
            path, operation = described
            self.calls[method, path] += 1
            self.statuses[operation["operationId"], answer.status_code] += 1
            self.complaints += complaints(method.lower(), target, answer)
            if answer.status_code >= 500:
                self.complaints.append(f"{method} {path}: {answer.status_code}")


class Proxy(ThreadingHTTPServer):
    """Listens on 127.0.0.1. `upstream` is the office's address, `record` that of the client whose turn it is."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = ""
        self.record = Record()
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def pass_on(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Passed:
        line = http.client.HTTPConnection(urlsplit(self.upstream).netloc, timeout=ANSWERED_WITHIN)
        try:
            line.request(method, target, body, {k: v for k, v in headers.items() if k not in OF_A_CONNECTION})
            response = line.getresponse()
            answer = Passed(response.status, dict(response.getheaders()), response.read())
        finally:
            line.close()
        with self._lock:
            self.record.note(method, target, headers, body, answer)
        return answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def _pass_on(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        answer = self.server.pass_on(self.command, self.path, headers, body)
        if "transfer-encoding" in headers:
            # The rest of the connection is a body that was not read.
            self.close_connection = True
        self.send_response_only(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in OF_A_CONNECTION:
                self.send_header(name, value)
        if answer.status_code not in (204, 304):
            self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _pass_on

    def log_message(self, format: str, *values: object) -> None:
        """What is passed on is in the record."""


@contextmanager
def listening() -> Iterator[Proxy]:
    """A proxy that answers until the end of the block."""
    with Proxy() as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
