"""The HTTP server: HTTP/1.1 with connections kept alive, bodies of known length or in chunks."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from socketserver import ThreadingTCPServer
from typing import cast
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from . import page
from .control import MISCHIEF, control
from .exchange import SandboxReply, SandboxRequest
from .mischief import WELL, Do, Mischief, MischiefStep
from .portal import PracticePortal, call
from .sending import send

BODY_MAX = 256 * 1024 * 1024
LINE_MAX = 65_536
STOP_SECONDS = 10


class Unreadable(Exception):
    """The body's end is unknown, and with it the next request's beginning: the server answers and disconnects."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class SandboxHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "portal-sandbox"
    sys_version = ""
    timeout = 60
    # Head and body leave in two writes; with Nagle's algorithm the second would wait for the first's receipt.
    disable_nagle_algorithm = True

    def answer(self) -> None:
        server = cast(Server, self.server)
        with server.at_work():
            parts = urlsplit(self.path)
            called = call(self.command, parts.path)
            fate = server.mischief.fate(called) if called else WELL
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = SandboxRequest(self.command, parts.path, headers, fate=fate)
            try:
                body = b"" if fate.do is Do.DOWN else self._read_body()
            except Unreadable as error:
                self.close_connection = True
                request = replace(request, fate=WELL)  # its step of the plan is used up, but not carried out
                self._send_reply(server.portal.refuse(request, error.status, error.message), WELL)
            else:
                self._answer(server, replace(request, body=body), parts.query)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def _answer(self, server: "Server", request: SandboxRequest, query: str) -> None:
        looking = request.method in ("GET", "HEAD")
        answer = page.look_up(request.path, query, server.portal.ledger, server.mischief) if looking else None
        if answer:
            self._send(answer.status, answer.media_type, answer.content, {})
        elif request.path == MISCHIEF:
            self._send_reply(control(request, server.mischief), WELL)
        else:
            self._send_reply(server.portal.answer(request), request.fate)

    def _send_reply(self, reply: SandboxReply, fate: MischiefStep) -> None:
        sheet, line = BytesIO(), self.wfile
        self.wfile = sheet
        try:
            self._send(reply.status, "application/json", reply.body, reply.headers)
        finally:
            self.wfile = line
        if not send(sheet.getvalue(), len(reply.body), fate, self.connection, cast(Server, self.server).pause):
            self.close_connection = True

    def _send(self, status: int, media_type: str, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        own = {
            "Content-Type": media_type,
            "Content-Length": str(len(content)),
            "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'",
            "X-Content-Type-Options": "nosniff",
        }
        for name, value in (own | headers).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _read_body(self) -> bytes | bytearray:
        coding, lengths = self.headers.get("Transfer-Encoding"), self.headers.get_all("Content-Length", [])
        if coding is not None:
            if coding.strip().lower() != "chunked" or lengths:
                raise Unreadable(400, _("Không hiểu cách chia gói của nội dung."))
            return self._read_chunks()
        if not lengths:
            return b""
        if len(lengths) > 1:
            raise Unreadable(400, _("Có nhiều Content-Length."))
        return self._read_exactly(_size(lengths[0], 10))

    def _read_chunks(self) -> bytearray:
        body = bytearray()
        while size := _size(self._read_line().partition(b";")[0].decode("latin-1"), 16):
            if len(body) + size > BODY_MAX:
                raise Unreadable(413, _("Nội dung quá lớn."))
            body += self._read_exactly(size)
            if self._read_line().strip():
                raise Unreadable(400, _("Không hiểu cách chia gói của nội dung."))
        while self._read_line().strip():
            pass  # trailers
        return body

    def _read_exactly(self, size: int) -> bytes:
        if size > BODY_MAX:
            raise Unreadable(413, _("Nội dung quá lớn."))
        content = self.rfile.read(size)
        if len(content) < size:
            raise ConnectionAbortedError
        return content

    def _read_line(self) -> bytes:
        line = self.rfile.readline(LINE_MAX)
        if not line.endswith(b"\n"):
            raise ConnectionAbortedError
        return line

    def log_message(self, *args: object) -> None:
        """Logs nothing: the ledger records more, and a parent process that does not read our output would block us."""


def _size(text: str, base: int) -> int:
    digits = text.strip()
    if not digits.isalnum() or not digits.isascii():
        raise Unreadable(400, _("Không đọc được độ dài của nội dung."))
    try:
        return int(digits, base)
    except ValueError:
        raise Unreadable(400, _("Không đọc được độ dài của nội dung.")) from None


class Server(ThreadingTCPServer):
    """Runs a thread for each connection. `stop` lets the requests under way finish."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], portal: PracticePortal, mischief: Mischief | None = None) -> None:
        self.portal = portal
        self.mischief = mischief or Mischief()
        self._working = 0
        self._stopped = threading.Event()
        self._idle = threading.Condition()
        super().__init__(address, SandboxHandler)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        with self._idle:
            if self._stopped.is_set():
                raise ConnectionAbortedError
            self._working += 1
        try:
            yield
        finally:
            with self._idle:
                self._working -= 1
                self._idle.notify_all()

    def pause(self, seconds: float) -> None:
        """Waits so long, or until the server stops: stopping must not wait for an answer that is late on purpose."""
        self._stopped.wait(seconds)

    def stop(self) -> None:
        """Stops the server. Must be called from another thread than `serve_forever`'s."""
        self.shutdown()
        with self._idle:
            self._stopped.set()
            self._idle.wait_for(lambda: not self._working, timeout=STOP_SECONDS)
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Logs errors of our own; a client that disconnects is none."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # typeshed's private alias
