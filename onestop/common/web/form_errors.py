"""Shows a refusal of the domain on a form of the desk."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.forms import BaseForm

from onestop.common.errors import WHOLE, InputRefused, Refused


def show_on_form(form: BaseForm, error: Refused) -> None:
    """Puts the reasons on the form: beside the field where the form has it, otherwise at the top."""
    by_field = error.fields if isinstance(error, InputRefused) else {WHOLE: [error]}
    for name, reasons in by_field.items():
        for reason in reasons:
            form.add_error(name if name in form.fields else None, ValidationError(str(reason), reason.code))
