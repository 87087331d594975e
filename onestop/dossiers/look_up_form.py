"""What a citizen types to see how a dossier stands."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from onestop import phones
from onestop.text_fields import LineField

from .code_reading import code_meant
from .models import Dossier, DossierQuerySet


def public_dossiers() -> DossierQuerySet:
    """Those that citizens may ask for, with what is told of them."""
    return Dossier.objects.filter(is_test=False).select_related("procedure", "agency", "unit")


class LookUpForm(forms.Form):
    """A dossier's code, and the end of the phone that was left with it."""

    code = LineField(
        label=_("mã hồ sơ"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("Như ghi trên giấy tiếp nhận hoặc tin nhắn: H21.101.00-261127-0001"),
    )
    phone_end = LineField(
        label=_("bốn số cuối điện thoại"),
        validators=[RegexValidator(r"\A[0-9]{4}\Z", _("Gõ đúng bốn chữ số cuối."))],
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": "4"}),
        help_text=_("Của số điện thoại đã để lại khi nộp hồ sơ."),
    )

    def clean_code(self) -> str:
        return code_meant(self.cleaned_data["code"])

    def dossier(self) -> Dossier | None:
        """The one that both belong to."""
        found = public_dossiers().filter(code=self.cleaned_data["code"]).first()
        return found if found and phones.ends_with(found.phone, self.cleaned_data["phone_end"]) else None
