"""Partners in Django's admin, for superusers. No secret is shown here: the commands print each secret once."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from oauth2_provider.models import AccessToken, Application, Grant, IDToken, RefreshToken

from onestop.common.admin.pages import ModelAdmin

from .credentials import switch_off
from .forms import PartnerForm
from .models import Credential, Partner

# The pages of the OAuth2 library are not needed, and would create clients that belong to no partner.
for model in (Application, AccessToken, Grant, IDToken, RefreshToken):
    admin.site.unregister(model)


class CredentialInline(admin.TabularInline[Credential, Partner]):
    model = Credential
    fields = ["client_id", "created_at", "expires_at", "last_used_at"]
    readonly_fields = ["client_id", "created_at", "expires_at", "last_used_at"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Credential]:
        """The newest first, with the application that holds the client id."""
        return super().get_queryset(request).select_related("application").order_by("-pk")

    @admin.display(description=_("mã ứng dụng (client id)"))
    def client_id(self, credential: Credential) -> str:
        return str(credential)

    def has_add_permission(self, request: HttpRequest, obj: Partner | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return _is_superuser(request)


@admin.register(Partner)
class PartnerAdmin(ModelAdmin[Partner]):
    """A partner is never deleted, because its actions stay on record. It is switched off instead."""

    belongs_to = None
    form = PartnerForm
    list_display = ["name", "is_active", "is_test", "rate_per_minute", "created_at"]
    list_filter = ["is_active", "is_test"]
    search_fields = ["name"]
    autocomplete_fields = ["agencies"]
    fields = ["name", "is_active", "is_test", "agencies", "scopes", "rate_per_minute", "created_at"]
    actions = ["switch_off_now"]
    inlines = [CredentialInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Partner | None = None) -> list[str]:
        """A partner stays what it was added as: its dossiers would be of the other sort."""
        return ["created_at", "is_test"] if obj is not None else ["created_at"]

    def save_model(self, request: HttpRequest, obj: Partner, form: forms.ModelForm[Partner], change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            switch_off(obj)

    @admin.action(description=_("Ngắt ngay các đối tác đã chọn"), permissions=["change"])
    def switch_off_now(self, request: HttpRequest, partners: QuerySet[Partner]) -> None:
        for partner in partners:
            switch_off(partner)
        message = ngettext("Đã ngắt %(count)d đối tác.", "Đã ngắt %(count)d đối tác.", len(partners))
        self.message_user(request, message % {"count": len(partners)}, messages.SUCCESS)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Partner | None = None) -> bool:
        return _is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Partner | None = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Partner | None = None) -> bool:
        return False


def _is_superuser(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_superuser
