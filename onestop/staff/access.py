"""Permissions of staff by name: `may(user, "read_log")` in Python, `may.read_log` in a template.

Each app declares its own permissions beside its rules. Its `slots.py` imports them, so that every page knows them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from onestop.common.slots import load_all

from .models import User

Check = Callable[[User], bool]
AnyCheck = TypeVar("AnyCheck", bound=Check)

_CHECKS: dict[str, Check] = {}


def permission(name: str) -> Callable[[AnyCheck], AnyCheck]:
    """Declares that the decorated function decides who may do `name`."""

    def declared(check: AnyCheck) -> AnyCheck:
        _CHECKS[name] = check
        return check

    return declared


def permissions() -> set[str]:
    """The names of all permissions."""
    load_all()
    return set(_CHECKS)


def may(user: object, name: str) -> bool:
    """Whether `user` has the permission `name`. A visitor who is not signed in has none.

    Raises ImproperlyConfigured for a permission that no app declares: a template would ignore a KeyError and silently
    show less.
    """
    load_all()
    if name not in _CHECKS:
        raise ImproperlyConfigured(f"no permission is called {name}")
    return isinstance(user, User) and _CHECKS[name](user)


class May:
    """`may` for the user of one request, for templates."""

    def __init__(self, request: HttpRequest) -> None:
        # The user is read later: a page that checks no permission must not read the session.
        self._request = request

    def __getitem__(self, name: str) -> bool:
        return may(self._request.user, name)
