"""Scopes and times in words."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from onestop.catalog.models import SubmissionChannel
from onestop.common.wording import span_in_full
from onestop.statistics.scope import FigureScope


def time_in_words(seconds: int | None) -> str:
    """In days of 24 hours, and hours: 2 ngày 5 giờ."""
    return "–" if seconds is None else span_in_full(timedelta(seconds=seconds))


def scope_in_words(scope: FigureScope) -> str:
    parts = [scope.agency.name]
    if scope.alone:
        parts.append(_("không kể đơn vị trực thuộc"))
    if scope.field:
        parts.append(_("lĩnh vực %(name)s") % {"name": scope.field.name})
    if scope.procedure:
        parts.append(_("thủ tục %(code)s %(name)s") % {"code": scope.procedure.code, "name": scope.procedure.name})
    if scope.channel:
        parts.append(_("nộp %(channel)s") % {"channel": SubmissionChannel(scope.channel).label})
    return " · ".join(parts)


def provisional_mark(now: datetime) -> str:
    return _("số liệu tạm tính đến %(time)s") % {"time": date_format(localtime(now), "H:i d/m/Y")}
