"""How every form of the office is shown: with the project's templates, and a sentence about each empty field."""

from __future__ import annotations

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext as _


class NamedField(BoundField):
    """Says what is to be entered or chosen where a required field is empty, in place of “this field is required”."""

    def __init__(self, form: forms.BaseForm, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        if field.error_messages.get("required") != forms.Field.default_error_messages["required"]:
            return
        label = str(self.label)
        # The first letter of a sentence's word: capital letters stay in names such as CCCD.
        label = label[:1].lower() + label[1:] if not label[1:2].isupper() else label
        is_choice = isinstance(field, forms.ChoiceField | forms.FileField)
        sentence = _("Chọn %(label)s.") if is_choice else _("Nhập %(label)s.")
        field.error_messages["required"] = sentence % {"label": label}


class FormRenderer(TemplatesSetting):
    bound_field_class = NamedField
