"""What is typed: a portal in the admin, whose secret goes in and never comes out; why a packet is given up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onestop.generics import ModelForm
from onestop.text_fields import LinesField

from .models import PORTAL_DIALECTS, Portal


class PortalForm(ModelForm[Portal]):
    client_secret = forms.CharField(
        label=gettext_lazy("Client secret"),
        required=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=gettext_lazy("Được mã hóa, không bao giờ hiện lại. Để trống để giữ giá trị cũ."),
    )

    class Meta:
        model = Portal
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["client_secret"] = ""
        self.fields["client_secret"].required = self.instance.pk is None
        if isinstance(dialect := self.fields.get("dialect"), forms.ChoiceField):
            dialect.choices = PORTAL_DIALECTS

    def clean_client_secret(self) -> str:
        typed: str = self.cleaned_data["client_secret"]
        return typed or self.instance.client_secret

    def clean_aliases(self) -> dict[str, str]:
        aliases: Any = self.cleaned_data["aliases"] or {}
        if not isinstance(aliases, dict) or not all(isinstance(new, str) and new for new in aliases.values()):
            raise forms.ValidationError(
                _('Phải là các cặp tên trường, ví dụ {"tên theo chuẩn": "tên Cổng này muốn"}.')
            )
        return aliases

    def clean_codes(self) -> dict[str, dict[str, Any]]:
        codes: Any = self.cleaned_data["codes"] or {}
        if not isinstance(codes, dict) or not all(isinstance(changed, dict) for changed in codes.values()):
            raise forms.ValidationError(
                _('Phải là tên trường và các giá trị đổi khác của nó, ví dụ {"tên trường": {"0": 1, "1": 0}}.')
            )
        return codes

    def clean_success_statuses(self) -> list[int]:
        statuses: Any = self.cleaned_data["success_statuses"]
        # Exactly int: in Python true is one too, and would be taken for the status 1.
        if not isinstance(statuses, list) or not all(type(status) is int for status in statuses):
            raise forms.ValidationError(_("Phải là danh sách số nguyên, ví dụ [0, 1, 200]."))
        return statuses


class GiveUpForm(forms.Form):
    because = LinesField(
        label=gettext_lazy("vì sao bỏ"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Người xem sau đọc được cùng tên bạn."),
    )
