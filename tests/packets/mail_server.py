"""A mail server for tests: takes mail, refuses some addresses, or accepts a connection and never says a word."""

from __future__ import annotations

import socket
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event, Thread


class MailServer(socketserver.ThreadingTCPServer):
    """`inbox` holds what came for anybody who is not among `refused`."""

    daemon_threads = True
    call: socket.socket

    def __init__(self, *, silent: bool = False, refused: tuple[str, ...] = ()) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.silent = silent
        self.refused = refused
        self.inbox: list[EmailMessage] = []
        self.called, self.ended = Event(), Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def hang_up(self) -> None:
        """Ends the last call."""
        self.call.shutdown(socket.SHUT_RDWR)


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.call = self.request
        self.server.called.set()
        if not self.server.silent:
            self.say("220 test")
        for line in self.rfile:
            match line.upper().split()[:1]:
                case [b"DATA"]:
                    self.take()
                case [b"RCPT"] if any(address.encode() in line for address in self.server.refused):
                    self.say("550 nobody here by that name")
                case [b"QUIT"]:
                    self.say("221 bye")
                case _:
                    self.say("250 ok")
        self.server.ended.set()

    def take(self) -> None:
        self.say("354 go on")
        lines = list(iter(self.rfile.readline, b".\r\n"))
        message = message_from_bytes(b"".join(lines).replace(b"\r\n", b"\n"), policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.server.inbox.append(message)
        self.say("250 taken")

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def a_mail_server(*, silent: bool = False, refused: tuple[str, ...] = ()) -> Iterator[MailServer]:
    with MailServer(silent=silent, refused=refused) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
