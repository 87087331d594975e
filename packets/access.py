"""Permissions of the operator's screens and the admin: who may see and do what."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from onestop.staff.access import permission
from onestop.staff.models import Role, User
from onestop.staff.requests import StaffRequest

from .models import Packet, Portal, PortalQuerySet


def may_act(user: User) -> bool:
    return user.has_role(Role.OPERATOR)


def steerable(user: User) -> PortalQuerySet:
    """The portals that `user` may pause, resume and change: see `PortalQuerySet.steered_by`."""
    return Portal.objects.steered_by(user) if may_act(user) else Portal.objects.none()


def may_steer(user: User, portal: Portal) -> bool:
    """Whether `user` may decide where the portal's packets go: only one who oversees all its agencies."""
    return steerable(user).filter(pk=portal.pk).exists()


def may_add_portal(user: User) -> bool:
    """Whether `user` may create a portal. A portal carries whole ministries and provinces, so nobody below may."""
    at_the_top = user.agency is not None and user.agency.parent_id is None
    return user.is_superuser or (may_act(user) and at_the_top)


@permission("read_packets")
def may_read(user: User) -> bool:
    return user.has_role(Role.OPERATOR, Role.MANAGER, Role.AUDITOR)


@permission("change_portals")
def may_change_portals(user: User) -> bool:
    """Whether Django admin lets the user change a portal's configuration; `steerable` says which portals."""
    return user.has_perm("packets.change_portal")


@permission("add_portals")
def may_add_portals(user: User) -> bool:
    return may_add_portal(user) and user.has_perm("packets.add_portal")


def require_reader(user: User) -> None:
    if not may_read(user):
        raise PermissionDenied(_("Vai trò của bạn không theo dõi việc đồng bộ."))


def require_operator(user: User) -> None:
    if not may_act(user):
        raise PermissionDenied(_("Chỉ quản trị tích hợp được gửi lại hoặc hủy gói dữ liệu."))


def steered(request: StaffRequest, code: str) -> Portal:
    """The portal in the address. Raises Http404 or PermissionDenied unless the user may steer it."""
    portal: Portal = get_object_or_404(Portal.objects.visible_to(request.user), code=code)
    if not may_steer(request.user, portal):
        raise PermissionDenied(
            _("Chỉ quản trị tích hợp phụ trách mọi cơ quan mà cổng báo cáo được tạm dừng hoặc cho cổng gửi tiếp.")
        )
    return portal


def visible(request: StaffRequest, pk: int) -> Packet:
    """The packet in the address, with the rows that its pages show. Raises Http404 unless the user may see it."""
    related = ("portal", "dossier__agency", "publication__agency", "transition", "given_up_by")
    packet = get_object_or_404(Packet.objects.select_related(*related), pk=pk)
    # The rule of `PacketQuerySet.visible_to`, for one packet that is in memory.
    subject = packet.dossier or packet.publication
    if not request.user.is_superuser and (subject is None or not request.user.oversees(subject.agency)):
        raise Http404
    return packet
