"""What somebody sees and may do, and how the list of packets is narrowed; every choice stands in the address."""

from __future__ import annotations

import django_filters
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from onestop.staff.models import Role, User

from .models import Kind, PacketQuerySet, PacketState, Portal, PortalQuerySet
from .reasons import Reason


def may_act(user: User) -> bool:
    return user.has_role(Role.OPERATOR)


def may_steer(user: User) -> bool:
    """A portal takes the packets of a whole ministry or province: nobody below pauses or changes it for all."""
    at_the_top = user.agency is not None and user.agency.parent_id is None
    return user.is_superuser or (may_act(user) and at_the_top)


def portals_offered(request: HttpRequest) -> PortalQuerySet:
    return Portal.objects.visible_to(request.user) if isinstance(request.user, User) else Portal.objects.none()


class PacketFilter(django_filters.FilterSet):  # type: ignore[misc] # the package ships no types
    q = django_filters.CharFilter(
        label=_("mã hồ sơ"),
        method="narrow_to_code",
        max_length=60,
        widget=forms.TextInput({"type": "search", "placeholder": _("một phần mã cũng được")}),
    )
    portal = django_filters.ModelChoiceFilter(
        label=_("cổng nhận"), queryset=portals_offered, to_field_name="code", empty_label=_("mọi cổng")
    )
    kind = django_filters.ChoiceFilter(label=_("loại"), choices=Kind.choices, empty_label=_("mọi loại"))
    state = django_filters.ChoiceFilter(
        label=_("trạng thái"), choices=PacketState.choices, empty_label=_("mọi trạng thái")
    )
    reason = django_filters.ChoiceFilter(label=_("lý do"), choices=Reason.choices, empty_label=_("mọi lý do"))

    def narrow_to_code(self, found: PacketQuerySet, _name: str, code: str) -> PacketQuerySet:
        return found.filter(dossier__code__contains=code.upper())
