"""Forms that narrow what a page shows: nothing is saved by them, and their errors say so."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class FilterForm(forms.Form):
    # What the summary of errors is called, in place of the one of forms that save.
    errors_title = _("Điều kiện lọc chưa đúng. Vui lòng kiểm tra:")
