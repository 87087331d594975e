"""The permission to make a call: the scope that the view names for each of its operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from .models import PartnerActor

if TYPE_CHECKING:
    # The framework's views import this module, so an import at run time would be circular.
    from rest_framework.views import APIView


class IsPartner(BasePermission):
    """Lets every partner in, whatever the scopes of its token."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, PartnerActor)


class HasScope(BasePermission):
    """Refuses every call of a view that names no scope."""

    message = _("Token này không có quyền cần cho việc này.")
    code = "scope"

    def has_permission(self, request: Request, view: APIView) -> bool:
        needed: set[str] = getattr(view, "required_scopes", set)()
        user = request.user
        return isinstance(user, PartnerActor) and bool(needed) and needed <= user.scopes  # scope: needed
