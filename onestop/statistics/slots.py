"""What figures and ratings add to the navigation, to the first page and to the page *Quản trị*."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from onestop.common.slots import fills
from onestop.staff.administration.entries import AdminEntry, add_to_administration
from onestop.staff.guide.topics import Chapter, Topic, add_to_guide
from onestop.staff.models import Role
from onestop.staff.navigation import NavEntry, add_to_navigation
from onestop.staff.requests import StaffRequest

# Imported for the permission it declares.
from .pages import hall_screens as hall_screens


def figures_or_ratings(request: HttpRequest, address: str) -> str:
    if request.path == address:
        return "page"
    return "true" if request.path.startswith(address) or "/votes/" in request.path else ""


@fills("home-cards")
def the_month(request: StaffRequest) -> str:
    """For those who answer for the office's figures."""
    if not request.user.has_role(Role.MANAGER, Role.AUDITOR):
        return ""
    return render_to_string("statistics/home_card.html", request=request)


add_to_navigation(NavEntry(50, _("Thống kê"), "statistics:overview", current=figures_or_ratings))
add_to_administration(
    AdminEntry(
        60,
        _("Màn hình sảnh"),
        _("Số liệu trong ngày trên màn hình đặt tại sảnh chờ; không có tên người và mã hồ sơ."),
        "statistics:hall-screens",
        "set_hall_screens",
    )
)

add_to_guide(
    Topic(
        Chapter.FIGURES,
        10,
        "statistics",
        "Thống kê",
        "guide/statistics.html",
        ("statistics:overview", "statistics:dossiers"),
    ),
    Topic(Chapter.FIGURES, 20, "classes", "Điểm và xếp loại", "guide/classes.html", ("statistics:classes",)),
    Topic(
        Chapter.FIGURES,
        30,
        "published",
        "Chốt và công bố số liệu",
        "guide/published.html",
        ("statistics:published", "statistics:publication", "statistics:close-period"),
    ),
    Topic(
        Chapter.ADMINISTRATION,
        60,
        "hall-screens",
        "Màn hình sảnh",
        "guide/hall_screens.html",
        ("statistics:hall-screens", "statistics:hall-screen-of"),
    ),
)
