"""Figures, scopes and times in the words in which people read them."""

from __future__ import annotations

from datetime import datetime

from django.utils.formats import date_format, get_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from onestop.catalog.models import SubmissionChannel
from onestop.statistics.scope import FigureScope


def grouped(number: int) -> str:
    """12.345: Django's own Vietnamese number format groups no digits."""
    return f"{number:,}".replace(",", str(get_format("THOUSAND_SEPARATOR")))


def decimal(tenths: int) -> str:
    return f"{tenths // 10}{get_format('DECIMAL_SEPARATOR')}{tenths % 10}"


def percent(tenths: int) -> str:
    return f"{decimal(tenths)}%"


def time_in_words(seconds: int | None) -> str:
    """In the two greatest units, around the clock: 2 ngày 5 giờ."""
    if seconds is None:
        return "–"
    days, rest = divmod(seconds, 24 * 3600)
    hours, minutes = divmod(rest // 60, 60)
    parts = [ngettext("%(count)d ngày", "%(count)d ngày", days) % {"count": days}] if days else []
    parts += [ngettext("%(count)d giờ", "%(count)d giờ", hours) % {"count": hours}] if hours else []
    if (minutes and not days) or not parts:
        parts.append(ngettext("%(count)d phút", "%(count)d phút", minutes) % {"count": minutes})
    return " ".join(parts)


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
