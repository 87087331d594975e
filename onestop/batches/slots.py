"""What batches add to the list of dossiers and to the first page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.template.loader import render_to_string
from django.utils import timezone

from onestop.common.slots import fills
from onestop.dossiers.lists.days_off import days_off, due_on
from onestop.dossiers.lists.home import COUNTED
from onestop.dossiers.models import Dossier, Move
from onestop.staff.guide.topics import Chapter, Topic, add_to_guide
from onestop.staff.models import Role
from onestop.staff.requests import StaffRequest

from .models import Batch


@fills("home-warnings")
def due_on_days_off(request: StaffRequest) -> str:
    """For managers, who may postpone them: how many dossiers are due on a day off, counted up to `COUNTED`."""
    if not request.user.has_role(Role.MANAGER):
        return ""
    due = due_on(Dossier.objects.visible_to(request.user), days_off(timezone.now()))
    count = due.order_by().values("pk")[:COUNTED].count()
    return render_to_string("batches/due_on_days_off.html", {"count": count}, request) if count else ""


@fills("calendar-day")
def due_on_day(request: StaffRequest, day: date) -> str:
    """How many dossiers are due on a day that becomes free, counted up to `COUNTED`."""
    count = due_on(Dossier.objects.visible_to(request.user), [day]).order_by().values("pk")[: COUNTED + 1].count()
    context = {"count": min(count, COUNTED), "is_more": count > COUNTED, "day": day}
    return render_to_string("batches/due_on_day.html", context, request)


@fills("list-warnings")
def unfinished_batches(request: StaffRequest) -> str:
    unfinished = Batch.objects.unfinished_of(request.user)
    return render_to_string("batches/unfinished.html", {"unfinished": unfinished}, request)


@fills("list-tools")
def way_to_batches(request: StaffRequest) -> str:
    return render_to_string("batches/list_tool.html", request=request)


@fills("list-foot")
def move_many(request: StaffRequest, query: str, moves: Sequence[Move], number: int, is_more: bool) -> str:
    """The form of the list's checkboxes. `moves`: those that the user may make with many dossiers at once.

    `number`: how many dossiers the list has on all its pages; with `is_more`, it has more.
    """
    context = {"query": query, "moves": moves, "number": number, "is_more": is_more}
    return render_to_string("batches/move_many.html", context, request)


add_to_guide(
    Topic(
        Chapter.LISTS,
        20,
        "batches",
        "Thao tác hàng loạt",
        "guide/batches.html",
        ("batches:mine", "batches:batch", "batches:days-off"),
    )
)
