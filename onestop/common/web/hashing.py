"""Hashes passwords and partners' secrets: expensive to guess, but never so expensive that other pages have to wait.

The parameters are those of OWASP's Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes and one lane.
Django's defaults are 100 MiB and eight lanes; with them, a few strangers who sign in would occupy the whole machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# In one process: how many hashes are computed at once, how many more may wait, and for how many seconds.
AT_ONCE, WAITING, PATIENCE = 1, 3, 2.0


class TooManyAtOnce(Exception):
    """Too many passwords are being checked at once. This one was not checked, neither as right nor as wrong."""

    retry_after = 1


class Turns:
    """Limits how many callers run at once and how many wait: each that waits blocks a thread that could show pages."""

    def __init__(self, at_once: int, waiting: int, patience: float) -> None:
        self._inside = BoundedSemaphore(at_once)
        self._near = BoundedSemaphore(at_once + waiting)
        self._patience = patience

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Raises TooManyAtOnce where too many wait already, or where the wait takes too long."""
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
    """Django compares the parameters of a stored hash with these, and hashes again when its owner signs in."""

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
    """For hashes that an earlier version stored."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        with turns.taken():
            return super().encode(password, salt, iterations)


class BusyHashingMiddleware:
    """Middleware: answers TooManyAtOnce with a page (503), wherever a password is checked or set."""

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
