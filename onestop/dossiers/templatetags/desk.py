"""How a dossier is shown: its state as a badge, its due instant in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from onestop.catalog.models import Procedure
from onestop.common.input import birth_dates, identity_numbers, phones
from onestop.common.wording import WORKING_DAY, days_in_words, dong, span_in_full
from onestop.dossiers.access import sees
from onestop.dossiers.deadlines.remaining import remaining
from onestop.dossiers.desk.menu import ENDING, FORWARD
from onestop.dossiers.lifecycle import possible_moves
from onestop.dossiers.models import Dossier, Move, State
from onestop.staff.models import User

if TYPE_CHECKING:
    from onestop.dossiers.lists.columns import ListColumn

# A dossier with fewer days left than this is one of the next to work on: working days, where its limit is in those.
SOON = 2

register = template.Library()
register.filter("dong", dong)

# The shape beside a state's name, so that states differ without colour.
SHAPES = {
    State.REGISTERED: "new",
    State.ACCEPTED: "work",
    State.IN_PROGRESS: "work",
    State.AWAITING_SUPPLEMENT: "pause",
    State.AWAITING_PAYMENT: "pause",
    State.COMPLETED: "done",
    State.RETURNED: "done",
    State.REFUSED: "end",
    State.WITHDRAWN: "end",
    State.STOPPED: "end",
}


@register.filter
def state_badge(number: int) -> SafeString:
    state = State(number)
    return format_html('<span class="state state-{}">{}</span>', SHAPES[state], capfirst(state.label))


@register.filter
def state_of(dossier: Dossier) -> SafeString:
    """The state as a badge. A refusal is none of success, although the dossier is completed."""
    if dossier.approved is not False:
        return state_badge(dossier.state)
    label = _("%(state)s: từ chối giải quyết") % {"state": capfirst(State(dossier.state).label)}
    return format_html('<span class="state state-end">{}</span>', label)


@register.filter
def due_in_words(dossier: Dossier) -> str:
    """How much time is left until the due instant: còn 2 ngày làm việc, quá hạn 3 giờ làm việc, tạm dừng …"""
    if dossier.finished_at is not None:
        if dossier.decided_at is None:
            return _("kết thúc trễ hạn") if dossier.was_late else _("đã kết thúc")
        return _("hoàn thành trễ hạn") if dossier.was_late else _("hoàn thành đúng hạn")
    left = remaining(dossier, dossier.due_at, timezone.now()) if dossier.due_at is not None else None
    if dossier.is_paused:
        if left is not None and left.is_late:
            return _("tạm dừng khi đã quá hạn %(time)s") % {"time": left.in_words}
        return _("tạm dừng")
    if dossier.accepted_at is None:
        return _("chưa tiếp nhận")
    if left is None:
        return _("không có hạn")
    return (_("quá hạn %(time)s") if left.is_late else _("còn %(time)s")) % {"time": left.in_words}


@register.filter
def text_of(dossier: Dossier, column: ListColumn) -> str:
    """The text of a column without a template of its own."""
    return column.text(dossier)


@register.filter
def phone(kept: str) -> str:
    """In groups, as it is read aloud."""
    return phones.shown(kept)


@register.filter
def identity_no(kept: str) -> str:
    return identity_numbers.shown(kept)


@register.filter
def birth_date(kept: str) -> str:
    return birth_dates.shown(kept)


@register.filter
def due_tone(dossier: Dossier) -> str:
    """The CSS class that highlights late and soon due dossiers in a list, and mutes those that wait for others."""
    if dossier.finished_at is not None:
        return "is-over was-late" if dossier.was_late else "is-over"
    if dossier.is_overdue:
        return "is-late"
    if dossier.is_paused or dossier.due_at is None:
        return "is-over"
    return "is-soon" if remaining(dossier, dossier.due_at, timezone.now()).days < SOON else ""


@register.filter
def move_tone(move: Move) -> str:
    return "primary" if move in FORWARD else "danger" if move in ENDING else ""


@register.filter
def next_move(dossier: Dossier, user: User) -> Move | None:
    """What `user` can do to bring the dossier forward, if anything."""
    return next((move for move in possible_moves(dossier, user) if move in FORWARD), None)


@register.filter
def other_way(heading_sort: str, sort: str) -> str:
    """The order of the list that the head of a column leads to: that of the column, or its reverse where it holds."""
    return f"-{heading_sort}" if sort == heading_sort else heading_sort


@register.filter
def visible_to(dossier: Dossier, user: User) -> bool:
    """Whether `user` may see the dossier itself, not only a figure that counts it."""
    return sees(user, dossier)


@register.filter
def counted(time: timedelta, unit: str) -> str:
    """A part of a limit in `unit`: whole days for calendar days, else hours and minutes of working time."""
    if not time:
        return "–"
    if unit == Procedure.Unit.DAYS:
        return days_in_words(time.days)
    hours, minutes = divmod(int(time.total_seconds()) // 60, 60)
    return f"{hours}:{minutes:02}"


@register.filter
def working_time(time: timedelta) -> str:
    """In working days of eight hours, and hours: 2 ngày 3 giờ."""
    return span_in_full(time, WORKING_DAY)


@register.filter
def instant(text: str) -> str:
    """An instant from the facts of a move, for people."""
    return f"{timezone.localtime(datetime.fromisoformat(text)):%d/%m/%Y %H:%M}" if text else ""


@register.filter
def move_name(value: str) -> str:
    return str(Move(value).label)
