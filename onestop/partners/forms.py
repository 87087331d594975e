"""The form with which a superuser sets up a partner."""

from __future__ import annotations

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from .models import Partner
from .scopes import ApiScope


def described() -> list[tuple[str, str]]:
    """The scopes with their labels. A function, so that each page has them in the language of its user."""
    return [(scope.value, f"{scope.label} ({scope.value})") for scope in ApiScope]


class PartnerForm(forms.ModelForm[Partner]):
    scopes = forms.MultipleChoiceField(
        label=capfirst(_("quyền")),
        choices=described,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Bỏ một quyền là mất ngay, kể cả với token đã cấp."),
    )
