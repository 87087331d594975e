"""Who sees and does what on the operator's screens and in the admin."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from onestop.staff.models import Role, User
from onestop.staff.requests import StaffRequest

from .models import Packet, Portal


def may_act(user: User) -> bool:
    return user.has_role(Role.OPERATOR)


def may_steer(user: User) -> bool:
    """A portal takes the packets of a whole ministry or province: nobody below pauses or changes it for all."""
    at_the_top = user.agency is not None and user.agency.parent_id is None
    return user.is_superuser or (may_act(user) and at_the_top)


def may_read(user: User) -> bool:
    return user.has_role(Role.OPERATOR, Role.MANAGER, Role.AUDITOR)


def require_reader(user: User) -> None:
    if not may_read(user):
        raise PermissionDenied(_("Vai trò của bạn không theo dõi việc đồng bộ."))


def require_operator(user: User) -> None:
    if not may_act(user):
        raise PermissionDenied(_("Chỉ quản trị tích hợp được gửi lại hoặc bỏ gói tin."))


def steered(request: StaffRequest, code: str) -> Portal:
    """The portal that the address names, for whoever may pause it."""
    if not may_steer(request.user):
        raise PermissionDenied(_("Chỉ quản trị tích hợp của bộ, tỉnh được tạm dừng hoặc cho cổng gửi tiếp."))
    return get_object_or_404(Portal.objects.visible_to(request.user), code=code)


def visible(request: StaffRequest, pk: int) -> Packet:
    """The packet that the address names, with what its pages tell of it."""
    seen = Packet.objects.visible_to(request.user).select_related(
        "portal", "dossier", "publication__agency", "transition", "given_up_by"
    )
    return get_object_or_404(seen, pk=pk)
