"""What a citizen types to see how a dossier stands."""

from __future__ import annotations

import re

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from .models import Dossier, DossierQuerySet

END_OR_WHOLE = r"\A(?:[0-9]{4}|\+?[0-9][0-9 .()-]{7,18})\Z"


def public_dossiers() -> DossierQuerySet:
    """Those that citizens may ask for, with what is told of them."""
    return Dossier.objects.filter(is_test=False).select_related("procedure", "agency", "unit")


class LookUpForm(forms.Form):
    """A dossier's code, and the end of the phone that was left with it."""

    code = forms.CharField(
        label=_("mã hồ sơ"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("Như ghi trên giấy tiếp nhận hoặc tin nhắn: H21.101.00-261127-0001"),
    )
    phone_end = forms.CharField(
        label=_("bốn số cuối điện thoại"),
        max_length=20,
        validators=[RegexValidator(END_OR_WHOLE, _("Gõ đúng bốn chữ số cuối, hoặc cả số điện thoại."))],
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
        help_text=_("Của số điện thoại đã để lại khi nộp hồ sơ; nhập cả số cũng được."),
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip().upper()
        return code

    @property
    def is_whole_number(self) -> bool:
        return len(self.cleaned_data["phone_end"]) > 4

    def dossier(self) -> Dossier | None:
        """The one that both belong to."""
        found = public_dossiers().filter(code=self.cleaned_data["code"]).first()
        left, typed = _national(found.phone) if found else "", self.cleaned_data["phone_end"]
        is_right = left == _national(typed) if self.is_whole_number else left[-4:] == typed
        return found if left and is_right else None


def _national(phone: str) -> str:
    """`0912 000 111` and `+84912000111` alike: the digits behind the country or the leading zero."""
    return re.sub(r"\A(?:84|0)", "", re.sub(r"[^0-9]", "", phone))
