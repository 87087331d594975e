"""The filters of the list of packets; all their values stand in the address."""

from __future__ import annotations

import django_filters
from django import forms
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onestop.common.input.filter_forms import FilterForm
from onestop.common.input.text import words_of
from onestop.staff.models import User
from onestop.staff.requests import StaffRequest
from packets.models import SETTLED_STATES, Packet, PacketQuerySet, PacketState, Portal, PortalQuerySet
from packets.models.kinds import kind_choices
from packets.models.reasons import Reason
from packets.monitoring.backlog import Age, Stage, of_age, of_stage

# The states of a packet, and for one that waits also what it waits for.
STATES = [
    (PacketState.READY.value, PacketState.READY.label),
    *Stage.choices,
    *((state.value, state.label) for state in SETTLED_STATES),
]


def portals_offered(request: HttpRequest) -> PortalQuerySet:
    return Portal.objects.visible_to(request.user) if isinstance(request.user, User) else Portal.objects.none()


class PacketFilter(django_filters.FilterSet):  # type: ignore[misc] # the package ships no types
    q = django_filters.CharFilter(
        label=_("mã hồ sơ"),
        method="filter_code",
        max_length=60,
        widget=forms.TextInput({"type": "search", "placeholder": _("có thể nhập một phần mã")}),
    )
    portal = django_filters.ModelChoiceFilter(
        label=_("cổng nhận"), queryset=portals_offered, to_field_name="code", empty_label=_("mọi cổng")
    )
    kind = django_filters.ChoiceFilter(label=_("loại"), choices=kind_choices, empty_label=_("mọi loại"))
    state = django_filters.ChoiceFilter(
        label=_("trạng thái"), choices=STATES, method="filter_state", empty_label=_("mọi trạng thái")
    )
    age = django_filters.ChoiceFilter(
        label=_("tạo cách đây"), choices=Age.choices, method="filter_age", empty_label=_("tất cả")
    )
    reason = django_filters.ChoiceFilter(label=_("lý do"), choices=Reason.choices, empty_label=_("mọi lý do"))

    class Meta:
        form = FilterForm

    def filter_code(self, rows: PacketQuerySet, _name: str, code: str) -> PacketQuerySet:
        """By any part of the code; dossiers have an index of its words."""
        words = " ".join(words_of(code))
        return rows.filter(dossier__search__contains=words, dossier__code__contains=code.upper())

    def filter_state(self, rows: PacketQuerySet, _name: str, state: str) -> PacketQuerySet:
        if state in SETTLED_STATES:
            return rows.filter(state=state)
        # `unsettled` lets the database use the index, which holds unsettled packets only.
        rows = rows.unsettled()
        return rows.filter(of_stage(Stage(state), timezone.now()) if state in Stage.values else Q(state=state))

    def filter_age(self, rows: PacketQuerySet, _name: str, age: str) -> PacketQuerySet:
        return rows.filter(of_age(Age(age), timezone.now()))


def filtered(request: StaffRequest) -> tuple[PacketFilter, PacketQuerySet]:
    """The filter of this request and the packets that match it; none if it is not valid."""
    seen = Packet.objects.visible_to(request.user)
    filters = PacketFilter(request.GET, seen, request=request)
    return filters, filters.qs if filters.is_valid() else seen.none()
