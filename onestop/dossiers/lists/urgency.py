"""Dossiers grouped as an officer plans the day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onestop.common.time import start_of
from onestop.dossiers.models import Dossier

from .filters import end_of_next_days


def by_urgency(dossiers: Iterable[Dossier], now: datetime) -> list[tuple[Promise | str, list[Dossier]]]:
    """Running dossiers in the order of their due dates: what is late, due today, due soon, and the rest."""
    tomorrow, later = start_of(timezone.localdate(now) + timedelta(days=1)), end_of_next_days(now)
    groups: dict[Promise | str, list[Dossier]] = {}
    for dossier in dossiers:
        due = dossier.due_at
        if due is None or due >= later:
            title = _("Sau đó")
        elif due < now:
            title = _("Quá hạn")
        else:
            title = _("Hôm nay") if due < tomorrow else _("3 ngày tới")
        groups.setdefault(title, []).append(dossier)
    return list(groups.items())
