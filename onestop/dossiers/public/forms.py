"""The form with which a citizen looks up a dossier."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from onestop.common.input import phones
from onestop.common.input.form_fields import LineField
from onestop.dossiers.codes.reading import code_meant
from onestop.dossiers.models import Dossier, DossierQuerySet

END_OR_WHOLE = r"\A(?:[0-9]{4}|\+?[0-9][0-9 .()-]{7,18})\Z"


def public_dossiers() -> DossierQuerySet:
    """The dossiers that citizens may look up, with the related rows that the page shows."""
    return Dossier.objects.filter(is_test=False).select_related("procedure", "agency", "unit")


class LookUpForm(forms.Form):
    """A dossier's code, and the last digits of the phone number that was left with it."""

    code = LineField(
        label=_("mã hồ sơ"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("Ghi trên giấy tiếp nhận hồ sơ, ví dụ H21.101.00-261127-0001"),
    )
    phone_end = LineField(
        label=_("4 số cuối của số điện thoại"),
        max_length=20,
        validators=[RegexValidator(END_OR_WHOLE, _("Nhập đúng 4 chữ số cuối hoặc cả số điện thoại."))],
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
        help_text=_("Số điện thoại đã đăng ký khi nộp hồ sơ; có thể nhập đầy đủ số."),
    )

    def clean_code(self) -> str:
        return code_meant(self.cleaned_data["code"])

    @property
    def is_whole_number(self) -> bool:
        return len(self.cleaned_data["phone_end"]) > 4

    def dossier(self) -> Dossier | None:
        """The dossier with this code and this phone; None if there is none."""
        dossier = public_dossiers().filter(code=self.cleaned_data["code"]).first()
        typed = self.cleaned_data["phone_end"]
        if dossier is None:
            return None
        if self.is_whole_number:
            return dossier if phones.canonical(typed) in phones.phones_in(dossier.phone) else None
        return dossier if phones.ends_with(dossier.phone, typed) else None
