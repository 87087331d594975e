"""The sessions of one account: which there are, and how they are ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.crypto import salted_hmac

from onestop.staff.models import StaffSession, User

from .devices import device_in_words


@dataclass(frozen=True)
class OpenSession:
    """A session as its owner sees it. `mark` names it on a page: its key would let a reader of the page use it."""

    mark: str
    device: str
    address: str | None
    began: datetime | None
    seen: datetime | None
    is_this: bool


def open_sessions(user: User, own_key: str | None = None) -> list[OpenSession]:
    """The sessions in which `user` is signed in, the one of `own_key` first, then the latest first."""
    live = StaffSession.objects.filter(user=user).live(timezone.now()).order_by("-seen", "pk")
    shown = [
        OpenSession(
            mark_of(session.pk),
            device_in_words(session.agent),
            session.address,
            session.began,
            session.seen,
            session.pk == own_key,
        )
        for session in live.defer("session_data")
    ]
    return sorted(shown, key=lambda session: not session.is_this)


def end_sessions(user: User, *, mark: str = "", except_key: str | None = None) -> int:
    """Ends the sessions of `user` at once, all or the one with this `mark`, but not the one of `except_key`.

    Returns how many have ended.
    """
    sessions = StaffSession.objects.filter(user=user)
    if except_key:
        sessions = sessions.exclude(pk=except_key)
    if mark:
        keys = [key for key in sessions.values_list("pk", flat=True) if mark_of(key) == mark]
        sessions = sessions.filter(pk__in=keys)
    number, _of_models = sessions.delete()
    return number


def mark_of(key: str) -> str:
    return salted_hmac("onestop.staff.own.sessions", key).hexdigest()[:16]
