"""A number that looks wrong is queried once. If the same number is sent again, it is accepted."""

from __future__ import annotations

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from onestop.dossiers.lifecycle import applicants
from onestop.dossiers.models import Dossier


class AsksBack(forms.Form):
    """For a form with `applicant_kind`, `identity_no`, `phone`. `before`: the stored dossier, None for a new one."""

    # The numbers that were queried in the last answer; the form sends them back.
    asked_back = forms.CharField(required=False, widget=forms.HiddenInput)

    before: Dossier | None = None

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        typed = {name: self.cleaned_data.get(name) or "" for name in ("applicant_kind", *applicants.NUMBERS)}
        before = self.before
        changed = [name for name in typed if before is None or getattr(before, name) != typed[name]]
        doubts = applicants.objections(Dossier(**typed), changed)
        doubted = " ".join(f"{name}:{typed[name]}" for name in doubts)
        is_answer = doubted == self.cleaned_data.get("asked_back")
        for name, doubt in doubts.items():
            if doubt.is_final:
                self.add_error(name, forms.ValidationError(str(doubt.text), doubt.code))
            elif not is_answer:
                message = _("%(doubt)s Nếu đúng là số này, bấm lại lần nữa để vẫn nhận.")
                self.add_error(name, forms.ValidationError(message % {"doubt": doubt.text}, doubt.code))
        if doubts and isinstance(self.data, MultiValueDict):
            # The form must send back the numbers that are queried now, not those that it was sent with.
            data = self.data.copy()
            data[self.add_prefix("asked_back")] = doubted
            self.data = data
        return cleaned
