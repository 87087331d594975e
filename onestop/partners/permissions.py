"""What a call needs: a scope, named by the view for each of its operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from .models import PartnerActor

if TYPE_CHECKING:
    # The framework's views load this module.
    from rest_framework.views import APIView


class HasScope(BasePermission):
    """Closed where a view names no scope."""

    message = _("Token này không có quyền cần cho việc này.")
    code = "scope"

    def has_permission(self, request: Request, view: APIView) -> bool:
        needed: set[str] = getattr(view, "required_scopes", set)()
        user = request.user
        return isinstance(user, PartnerActor) and bool(needed) and needed <= user.scopes  # scope: needed
