"""The applicant and the submitter in the forms of counter and desk."""

from __future__ import annotations

from typing import Final

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Commune
from onestop.dossiers.lifecycle import applicants
from onestop.dossiers.models import Dossier, SubmitterCapacity
from onestop.staff.models import User

from .communes import CommuneField
from .confirming import AsksBack

# No autocomplete: a browser would show one person's data to the next officer at the same counter.
_UNREMEMBERED: Final = ("birth_date", "identity_no", "phone", "email", "address", *applicants.SUBMITTER)


class PersonsForm(AsksBack):
    """For a form with the fields of applicant and submitter. Without communes in the catalogue it asks for none."""

    commune = CommuneField()

    def ask_for_persons(self, user: User, kept: Commune | None = None) -> None:
        """`kept`: the commune that the dossier has already."""
        field = self.fields["commune"]
        assert isinstance(field, CommuneField)  # noqa: S101 as it is declared above
        field.agency, field.kept = user.agency, kept
        if kept is None and not Commune.objects.exists():
            del self.fields["commune"]
        for name in _UNREMEMBERED:
            self.fields[name].widget.attrs["autocomplete"] = "off"
        capacity = self.fields["submitter_capacity"]
        assert isinstance(capacity, forms.ChoiceField)  # noqa: S101 as the column has choices
        capacity.choices = [("", _("chọn tư cách")), *SubmitterCapacity.choices]
        self.fields["birth_date"].widget.attrs["placeholder"] = _("dd/mm/yyyy hoặc yyyy")

    @property
    def submitter_fields(self) -> list[BoundField]:
        return [self[name] for name in applicants.SUBMITTER]

    @property
    def has_submitter(self) -> bool:
        """Whether the fields of the submitter are shown open."""
        return any(field.value() or field.errors for field in self.submitter_fields)

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        names = ("applicant_kind", "birth_date", *applicants.SUBMITTER)
        # What was typed and refused for another reason counts as typed.
        typed = {name: self.cleaned_data.get(name) or ("?" if name in self.errors else "") for name in names}
        for name, errors in applicants.person_errors(Dossier(**typed)).items():
            for error in errors if name not in self.errors else ():
                self.add_error(name, forms.ValidationError(str(error), error.code))
        return cleaned
