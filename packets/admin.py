"""The sync app in Django's admin: portals are configured here; packets and their attempts can only be read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from onestop.common.admin.pages import LargeTableAdmin, ModelAdmin
from onestop.staff.models import User

from . import dialects
from .access import may_act, may_add_portal, may_steer, steerable
from .desk.forms import PortalForm
from .models import Attempt, DeliveryState, Packet, PacketQuerySet, Portal, PortalQuerySet
from .models.portal_change import PortalChange
from .operations import pause, resend_all, resume
from .portals.changes import Settings, note, note_addition, note_change


class DeliveryStateInline(admin.StackedInline[DeliveryState, Portal]):
    """The state of sending, which only the workers write."""

    model = DeliveryState
    fields = ("last_success_at", "last_failure", "failures", "rests", "resting_until", "number", "seal", "digested_on")
    readonly_fields = fields
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Portal | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Every user who sees the portal sees its state."""
        return True


@admin.register(Portal)
class PortalAdmin(ModelAdmin[Portal]):
    # Several agencies; `access` decides who may steer it.
    belongs_to = "agencies"
    form = PortalForm
    list_display = ["code", "name", "dialect", "is_active", "resting_until", "last_success_at"]
    list_select_related = ["delivery"]
    list_filter = ["is_active", "dialect"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["agencies"]
    actions = ["pause", "resume"]
    inlines = [DeliveryStateInline]
    fieldsets = [
        (None, {"fields": ["code", "name", "is_active"]}),
        (
            _("Kết nối"),
            {"fields": ["dialect", "base_url", "token_url", "ledger_url", "client_id", "client_secret", "token_auth"]},
        ),
        (_("Phạm vi báo cáo"), {"fields": ["agencies", "since"]}),
        (_("Giới hạn gửi theo thỏa thuận với Cổng"), {"fields": ["most_in_flight", "rate_limit", "rate_seconds"]}),
        (
            _("Điểm khác chuẩn của Cổng này"),
            {
                "fields": [
                    "require_attachment",
                    "date_offset",
                    "empty_date",
                    "aliases",
                    "codes",
                    "success_field",
                    "success_statuses",
                ]
            },
        ),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Portal | None = None) -> Any:
        """The fields of a portal and the switches of its dialect; of a webhook only what its partner does not set."""
        if obj is None or not obj.is_webhook:
            known = {name for dialect in dialects.all() for name in dialect.switches}
            offered = dialects.for_operators() if obj is None else [dialects.of(obj)]
            hidden = known - {name for dialect in offered for name in dialect.switches}
            groups = [
                (title, {"fields": [name for name in group["fields"] if name not in hidden]})
                for title, group in self.fieldsets
            ]
            return [(title, group) for title, group in groups if group["fields"]]
        bounds = {"fields": ["most_in_flight", "rate_limit", "rate_seconds"]}
        return [
            (None, {"fields": ["code", "name", "partner", "base_url", "is_active"]}),
            (_("Giới hạn gửi theo thỏa thuận với Cổng"), bounds),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Portal]:
        """Only the portals that the user may change: no page here only shows one."""
        return steerable(request.user) if isinstance(request.user, User) else Portal.objects.none()

    def get_form(self, request: HttpRequest, obj: Portal | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Django makes a class for each request, so the user of the request can be set on it."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        return form

    def save_model(self, request: HttpRequest, obj: Portal, form: PortalForm, change: bool) -> None:
        form.before = Settings.of(obj) if change else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: PortalForm, formsets: object, change: bool) -> None:
        """Notes the change here and not in `save_model`: the agencies are saved only now."""
        super().save_related(request, form, formsets, change)
        if form.before is None:
            note_addition(form.instance, request.user)
        else:
            note_change(form.instance, form.before, request.user)

    def delete_model(self, request: HttpRequest, obj: Portal) -> None:
        with transaction.atomic():
            note(obj, PortalChange.Act.DELETED, request.user)
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Portal]) -> None:
        with transaction.atomic():
            for portal in queryset:
                note(portal, PortalChange.Act.DELETED, request.user)
            super().delete_queryset(request, queryset)

    def may_write(self, request: HttpRequest, row: Portal) -> bool:
        """A new portal has no agencies yet: `has_add_permission` comes before, and the form checks the agencies."""
        return _may_steer(request, row if row.pk else None)

    def writable(self, request: HttpRequest, rows: QuerySet[Portal]) -> QuerySet[Portal]:
        """All of them: `get_queryset` leaves only those."""
        return rows

    def get_readonly_fields(self, request: HttpRequest, obj: Portal | None = None) -> list[str]:
        """The code is read-only once evidence exists: it is part of what is sealed, so another breaks every seal."""
        if obj is not None and obj.is_webhook:
            return ["code", "partner", "base_url"]
        return ["code"] if obj is not None and obj.delivery.number else []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and may_add_portal(_user(request))

    def has_change_permission(self, request: HttpRequest, obj: Portal | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_steer(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Portal | None = None) -> bool:
        """Only with the right to change: admin's read-only page would show every field, the secret too."""
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Portal | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_steer(request, obj)

    @admin.display(description=_("tạm nghỉ đến"), ordering="delivery__resting_until")
    def resting_until(self, portal: Portal) -> datetime | None:
        return portal.delivery.resting_until

    @admin.display(description=_("lần gửi thành công gần nhất"), ordering="delivery__last_success_at")
    def last_success_at(self, portal: Portal) -> datetime | None:
        return portal.delivery.last_success_at

    @admin.action(description=_("Tạm dừng các cổng đã chọn"), permissions=["change"])
    def pause(self, request: HttpRequest, portals: PortalQuerySet) -> None:
        for portal in portals:
            pause(portal, by=request.user)

    @admin.action(description=_("Cho các cổng đã chọn gửi tiếp"), permissions=["change"])
    def resume(self, request: HttpRequest, portals: PortalQuerySet) -> None:
        for portal in portals:
            resume(portal, by=request.user)


class AttemptInline(admin.TabularInline[Attempt, Packet]):
    model = Attempt
    fields = ["at", "milliseconds", "http_status", "outcome", "reason", "reply", "number"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        """With what the heading of each row needs."""
        return super().get_queryset(request).select_related("packet__dossier", "packet__publication__agency")

    def has_add_permission(self, request: HttpRequest, obj: Packet | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Every user who sees the packet sees its attempts."""
        return request.user.has_perm("packets.view_packet")


@admin.register(Packet)
class PacketAdmin(LargeTableAdmin[Packet]):
    belongs_to = None
    list_display = ["id", "kind", "subject", "portal", "state", "reason", "tries", "due_at"]
    # Only columns with an index; the operators' list also filters by portal and kind.
    list_filter = ["state", "reason"]
    list_select_related = ["portal", "dossier", "publication__agency"]
    search_fields = ["dossier__code__exact"]
    actions = ["resend"]
    # The key is not editable, so it must be listed to be shown. Content and position are on the operator's page.
    readonly_fields = ["key"]
    fieldsets = [
        (None, {"fields": ["portal", "kind", "dossier", "transition", "publication", "key"]}),
        (_("Trạng thái"), {"fields": ["state", "reason", "detail", "superseded_by"]}),
        (_("Thời gian"), {"fields": ["collected_at", "first_tried_at", "tries", "due_at"]}),
        (_("Đã hủy"), {"fields": ["given_up_by", "given_up_because"]}),
    ]
    inlines = [AttemptInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Packet]:
        return (
            Packet.objects.visible_to(request.user).defer("body")
            if isinstance(request.user, User)
            else Packet.objects.none()
        )

    def writable(self, request: HttpRequest, rows: QuerySet[Packet]) -> QuerySet[Packet]:
        """All of them: a user sees only the packets that the same user may resend."""
        return rows

    def view_on_site(self, packet: Packet) -> str:
        """The address of the operator's page of the packet, which shows its content and position."""
        return reverse("packets:detail", args=[packet.pk])

    @admin.display(description=_("về"))
    def subject(self, packet: Packet) -> str:
        return packet.subject

    @admin.action(description=_("Gửi lại các gói dừng đã chọn"), permissions=["resend"])
    def resend(self, request: HttpRequest, packets: PacketQuerySet) -> None:
        resent = resend_all(packets, by=request.user)
        back = ngettext("%(count)d gói trở lại hàng chờ gửi.", "%(count)d gói trở lại hàng chờ gửi.", resent.back)
        self.message_user(request, back % {"count": resent.back}, messages.SUCCESS)
        if wrong := resent.still_wrong:
            left = ngettext("%(count)d gói chưa hợp lệ.", "%(count)d gói chưa hợp lệ.", wrong)
            self.message_user(request, left % {"count": wrong}, messages.WARNING)

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and may_act(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Packet | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Packet | None = None) -> bool:
        return False


def _may_steer(request: HttpRequest, portal: Portal | None) -> bool:
    """Whether the user may steer `portal`; without one, any portal."""
    user = _user(request)
    if portal is None and may_add_portal(user):
        return True
    # Kept on the request: admin asks many times for one page, and each answer is a query.
    known: dict[int | None, bool] = request.__dict__.setdefault("_steered", {})
    key = None if portal is None else portal.pk
    if key not in known:
        known[key] = may_steer(user, portal) if portal else steerable(user).exists()
    return known[key]


def _user(request: HttpRequest) -> User:
    """The signed-in user: admin has refused all others before."""
    return request.user if isinstance(request.user, User) else User()
