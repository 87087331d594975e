"""Forms: a portal in the admin, whose secret can be typed and is never shown; the reason for giving up a packet."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onestop.catalog.models import Agency, AgencyQuerySet
from onestop.common.input.form_fields import LinesField
from onestop.staff.models import User
from packets import dialects
from packets.http.addresses import Networks, check_web_address
from packets.models import ADDRESSES, Packet, Portal
from packets.portals.changes import Settings


class PortalForm(forms.ModelForm[Portal]):
    client_secret = forms.CharField(
        label=gettext_lazy("Mã bí mật (client secret)"),
        required=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=gettext_lazy(
            "Được mã hóa, không bao giờ hiện lại. Để trống để giữ giá trị cũ; đổi địa chỉ thì phải nhập lại."
        ),
    )
    # The user who fills the form in; the admin sets it on the class that it makes for a request.
    user: ClassVar[User | AnonymousUser | None] = None
    # The portal before the change; the admin sets it before it saves.
    before: Settings | None = None

    class Meta:
        model = Portal
        fields = "__all__"  # noqa: DJ007 the admin, whose form this is, names the fields

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._typed_secret = ""
        self.initial["client_secret"] = ""
        self.fields["client_secret"].required = self.instance.pk is None
        if "token_auth" in self.fields:
            # Left out of the data, it stays as it is.
            self.fields["token_auth"].required = False
        offered = dialects.for_operators()
        if isinstance(dialect := self.fields.get("dialect"), forms.ChoiceField):
            dialect.choices = [(each.code, each.label) for each in offered]
        for each in [dialects.of(self.instance)] if self.instance.pk else offered:
            for name, text in each.switches.items():
                if name in self.fields and text:
                    self.fields[name].help_text = str(text)
        agencies = self.fields.get("agencies")
        if isinstance(agencies, forms.ModelMultipleChoiceField) and not self._is_superuser:
            agencies.queryset = self._overseen.filter(parent=None)
            agencies.required = True
            agencies.help_text = _("Các cơ quan cấp 1 bạn phụ trách. Cổng của mọi cơ quan do quản trị hệ thống lập.")

    @property
    def _is_superuser(self) -> bool:
        return isinstance(self.user, User) and self.user.is_superuser

    @property
    def _overseen(self) -> AgencyQuerySet:
        return self.user.agencies if isinstance(self.user, User) else Agency.objects.none()

    def clean(self) -> dict[str, object] | None:
        """Checks a changed address: neither the old secret nor waiting packets of other agencies may go to it."""
        cleaned = super().clean()
        moved = [
            name
            for name in ADDRESSES
            if self.cleaned_data.get(name) and self.cleaned_data[name] != getattr(self.instance, name)
        ]
        for name in moved:
            try:
                check_web_address(self.cleaned_data[name], Networks.PORTALS)
            except forms.ValidationError as error:
                self.add_error(name, error)
        if moved and self.instance.pk is not None:
            if not self._typed_secret:
                message = _("Địa chỉ thay đổi: nhập lại mã bí mật để giá trị cũ không bị gửi tới địa chỉ mới.")
                self.add_error("client_secret", forms.ValidationError(message, "secret_again"))
            if not self._is_superuser and self._waiting_for_others():
                message = _(
                    "Còn gói của cơ quan khác đang chờ gửi tới cổng này: chỉ quản trị hệ thống đổi được địa chỉ."
                )
                self.add_error(None, forms.ValidationError(message, "others_wait"))
        return cleaned

    def _waiting_for_others(self) -> bool:
        """Whether packets about agencies that the portal once carried are still to be sent."""
        own = self._overseen.values("pk")
        others = Q(dossier__isnull=False) & ~Q(dossier__agency__in=own)
        others |= Q(publication__isnull=False) & ~Q(publication__agency__in=own)
        return Packet.objects.unsettled().filter(others, portal=self.instance).exists()

    def clean_client_secret(self) -> str:
        self._typed_secret = self.cleaned_data["client_secret"]
        return self._typed_secret or self.instance.client_secret

    def clean_token_auth(self) -> str:
        typed: str = self.cleaned_data["token_auth"]
        return typed or self.instance.token_auth

    def clean_aliases(self) -> object:
        return self.cleaned_data["aliases"] or {}

    def clean_codes(self) -> object:
        return self.cleaned_data["codes"] or {}


class GiveUpForm(forms.Form):
    because = LinesField(
        label=gettext_lazy("lý do hủy"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Người xem sau đọc được cùng tên bạn."),
    )
