"""The ready texts that a form offers for its text field."""

from __future__ import annotations

from copy import copy
from typing import Final, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency, Procedure
from onestop.dossiers.models import ReadyText
from onestop.staff.models import User

# The field in which a browser without scripts names the chosen text, and the field into which a text goes.
CHOICE: Final = "ready_text"
INTO: Final = "comment"
# So many are offered. More would take longer to read than the sentence takes to type.
MOST: Final = 20


class OptionalTextarea(forms.Textarea):
    """Not required by the browser, because a chosen ready text takes its place; the server checks."""

    def use_required_attribute(self, _initial: object) -> bool:
        return False


class ReadyTextField(forms.CharField):
    """The choice of a ready text without scripts. The template also offers `texts` to a script that inserts them."""

    def __init__(self, texts: list[ReadyText]) -> None:
        self.texts = texts
        choices = [("", _("không dùng")), *((text.pk, text.title) for text in texts)]
        super().__init__(
            label=_("câu mẫu"),
            required=False,
            widget=forms.Select(choices=choices),
            help_text=_("Câu mẫu được chọn chỉ dùng khi để trống ô nội dung ở trên."),
        )


def texts_for(use: str, user: User, agency: Agency | None, procedure: Procedure | None) -> list[ReadyText]:
    """The texts for `use` of the user's agency and those above it, for a superuser of `agency` instead, and of all.

    The nearest agency's first, of these those of the procedure, then by title. One query.
    """
    if use not in ReadyText.Use.values:
        return []
    nearest_first = _with_those_above(user.agency or agency)
    texts = ReadyText.objects.offered(use, nearest_first, procedure)
    places = {key: place for place, key in enumerate(nearest_first)}

    def place(text: ReadyText) -> tuple[int, bool, str]:
        distance = len(places) if text.agency_id is None else places[text.agency_id]
        return distance, text.procedure_id is None, text.title

    return sorted(texts, key=place)[:MOST]


def offer(form: forms.BaseForm, texts: list[ReadyText]) -> None:
    """Adds the choice of a text to `form`, after its field `INTO`.

    A text that was chosen without scripts is used if that field was left empty; what was typed stays as it is.
    """
    if not texts or INTO not in form.fields:
        return
    field = form.fields[INTO]
    if field.required:
        field.widget = OptionalTextarea({**field.widget.attrs, "data-required": True})
    form.fields[CHOICE] = ReadyTextField(texts)
    names = [name for name in form.fields if name != CHOICE]
    names.insert(names.index(INTO) + 1, CHOICE)
    form.order_fields(names)
    if form.is_bound and (key := form.data.get(form.add_prefix(CHOICE))):
        chosen = {str(text.pk): text.text for text in texts}.get(key)
        if chosen and not str(form.data.get(form.add_prefix(INTO)) or "").strip():
            data = cast("dict[str, object]", copy(form.data))
            data[form.add_prefix(INTO)] = chosen
            # Chosen once: if the form comes back, the text stands in its field, where it can be changed or removed.
            data[form.add_prefix(CHOICE)] = ""
            form.data = data


def _with_those_above(agency: Agency | None) -> list[int]:
    """The keys of `agency` and of the agencies above it, itself first."""
    return [] if agency is None else [int(key) for key in agency.path.strip("/").split("/")][::-1]
