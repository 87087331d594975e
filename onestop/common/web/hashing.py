"""How passwords and partners' secrets are kept: dear to guess, and never so dear that everybody else's pages wait.

Argon2id with 19 MiB, two passes and one lane, the figures of OWASP's Password Storage Cheat Sheet. Django's own take
100 MiB and eight lanes, so that a handful of strangers who sign in occupy the whole machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# In one process: so many are reckoned at once, and so many more wait for their turn, for so long.
AT_ONCE, WAITING, PATIENCE = 1, 3, 2.0


class TooManyAtOnce(Exception):
    """So many passwords are being checked that this one is not; nothing was decided about it."""

    retry_after = 1


class Turns:
    """Bounds how many are inside, and how many wait at the door: whoever waits keeps a thread from showing pages."""

    def __init__(self, at_once: int, waiting: int, patience: float) -> None:
        self._inside = BoundedSemaphore(at_once)
        self._near = BoundedSemaphore(at_once + waiting)
        self._patience = patience

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Raises TooManyAtOnce where the turn does not come."""
        if not self._near.acquire(blocking=False):
            raise TooManyAtOnce
        try:
            if not self._inside.acquire(timeout=self._patience):
                raise TooManyAtOnce
            try:
                yield
            finally:
                self._inside.release()
        finally:
            self._near.release()


turns = Turns(AT_ONCE, WAITING, PATIENCE)


class Argon2(Argon2PasswordHasher):
    """What was kept with other figures is kept anew when its owner signs in: Django compares them."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with turns.taken():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with turns.taken():
            return super().verify(password, encoded)


class PBKDF2(PBKDF2PasswordHasher):
    """For what was kept so before."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        with turns.taken():
            return super().encode(password, salt, iterations)


class BusyHashingMiddleware:
    """Middleware: a page that says so, wherever a password is checked or set."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, TooManyAtOnce):
            return None
        answer = render(request, "503.html", status=503)
        answer["Retry-After"] = str(error.retry_after)
        return answer
