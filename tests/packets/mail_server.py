"""A mail server for tests: takes mail, refuses some addresses, or keeps whoever calls waiting."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event, Thread


class MailServer(socketserver.ThreadingTCPServer):
    """`inbox` holds what came for anybody who is not among `refused`. It says nothing until it `may_speak`."""

    daemon_threads = True

    def __init__(self, refused: tuple[str, ...]) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.refused = refused
        self.inbox: list[EmailMessage] = []
        self.called, self.may_speak = Event(), Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.called.set()
        self.server.may_speak.wait()
        # Who waited too long has hung up.
        with suppress(ConnectionError):
            self.say("220 test")
            for line in self.rfile:
                self.answer(line)

    def answer(self, line: bytes) -> None:
        match line.upper().split()[:1]:
            case [b"DATA"]:
                self.take()
            case [b"RCPT"] if any(address.encode() in line for address in self.server.refused):
                self.say("550 nobody here by that name")
            case [b"QUIT"]:
                self.say("221 bye")
            case _:
                self.say("250 ok")

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
    with MailServer(refused) as server:
        if not silent:
            server.may_speak.set()
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.may_speak.set()
            server.shutdown()
            thread.join()
