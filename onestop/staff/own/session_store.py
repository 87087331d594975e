"""Sessions in the database that say whose they are (the setting SESSION_ENGINE), so that their owner can see and end
them. Django's own table holds nothing but encoded data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from onestop.staff.models import StaffSession
from onestop.staff.sessions import ADDRESS, AGENT, BEGAN, SEEN


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[StaffSession]:
        return StaffSession

    def create_model_instance(self, data: dict[str, Any]) -> StaffSession:  # Any: whatever a session holds
        session = super().create_model_instance(data)
        assert isinstance(session, StaffSession)  # noqa: S101 as `get_model_class` says
        session.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        session.began, session.seen = _moment(data.get(BEGAN)), _moment(data.get(SEEN) or data.get(BEGAN))
        session.agent, session.address = data.get(AGENT, ""), data.get(ADDRESS) or None
        return session


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
