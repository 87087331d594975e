"""The page *Quản trị*: what its reader may administer."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from onestop.staff.access import may
from onestop.staff.models import User
from onestop.staff.requests import StaffRequest

from .entries import admin_links


@require_GET
def administration(request: StaffRequest) -> HttpResponse:
    require(request.user, "administer")
    return render(request, "staff/administration.html", {"links": list(admin_links(request.user))})


def require(user: User, name: str) -> None:
    """Raises PermissionDenied, with a sentence, unless `user` has the permission `name`."""
    if not may(user, name):
        raise PermissionDenied(_("Vai trò của bạn không được quản trị mục này."))
