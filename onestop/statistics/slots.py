"""What figures and ratings add to the navigation."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from onestop.staff.navigation import NavEntry, add_to_navigation


def figures_or_ratings(request: HttpRequest, address: str) -> str:
    if request.path == address:
        return "page"
    return "true" if request.path.startswith(address) or "/votes/" in request.path else ""


add_to_navigation(NavEntry(50, _("Thống kê"), "statistics:overview", current=figures_or_ratings))
