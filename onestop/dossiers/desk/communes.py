"""A commune in a form: one text, with suggestions while it is typed; where it can mean several, they are offered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from onestop.catalog.models import Agency, Commune
from onestop.catalog.places.addresses import read_address
from onestop.catalog.places.finding import BEGINS, Suggestion, meant, province_of, suggestions
from onestop.common.input.form_fields import LineField
from onestop.common.input.text import tidy_line
from onestop.common.web.methods import post_only
from onestop.staff.requests import StaffRequest

LONGEST = 200


class CommuneInput(forms.TextInput):
    """The text, and the communes that it can mean, once they were offered."""

    template_name = "dossiers/commune_input.html"
    offered: Sequence[Suggestion] = ()

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        addresses = {"suggestions": reverse("dossiers:communes"), "card": reverse("dossiers:card-address")}
        context["widget"] |= {"offered": self.offered, "addresses": addresses}
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> object:  # Any: as in Django's widgets
        """The code of the commune that was chosen for this very text, otherwise the text."""
        text = data.get(name)
        code, _space, chosen_for = (data.get(f"{name}_chosen") or "").partition(" ")
        return code if code and chosen_for == text else text


class CommuneField(LineField):
    """Reads the name of a commune of today or of before. Its value is the commune, or None."""

    default_error_messages = {
        "unknown": _(
            "Không tìm thấy xã, phường này. Nhập tên hiện nay hoặc tên trước sắp xếp, có thể kèm huyện, tỉnh; "
            "nếu không rõ thì để trống và ghi vào địa chỉ."
        ),
        "several": _("Chọn xã, phường trong danh sách dưới đây."),
    }
    # Whose province comes first, and the commune that the dossier has already, which may have ended since.
    agency: Agency | None = None
    kept: Commune | None = None

    def __init__(self) -> None:
        attrs = {"autocomplete": "off", "placeholder": _("ví dụ: quy nhon, Đa Kao, Bà Rịa")}
        help_text = _("Tên hiện nay hoặc tên trước sắp xếp, có thể nhập không dấu.")
        super().__init__(
            label=_("xã, phường"),
            required=False,
            max_length=LONGEST,
            help_text=help_text,
            widget=CommuneInput(attrs),
        )

    def prepare_value(self, value: object) -> object:
        """A commune, its key or its code as its name."""
        if isinstance(value, Commune):
            return str(value)
        if isinstance(value, int) or (isinstance(value, str) and len(value) == 5 and value.isdecimal()):
            by = {"pk": value} if isinstance(value, int) else {"code": value}
            return str(Commune.objects.select_related("province").filter(**by).first() or value)
        return value

    def clean(self, value: object) -> Any:  # Any: a CharField's value is a text
        text = super().clean(value)
        if not text:
            return None
        if self.kept is not None and text == str(self.kept):
            return self.kept
        matches = meant(text, province_of(self.agency))
        if len(matches) == 1 and matches[0].fit == BEGINS:
            return matches[0].commune
        if not matches:
            raise ValidationError(self.error_messages["unknown"], "unknown")
        assert isinstance(self.widget, CommuneInput)  # noqa: S101 as it was made
        self.widget.offered = matches
        raise ValidationError(self.error_messages["several"], "several")

    def has_changed(self, initial: object, data: object) -> bool:
        return (self.prepare_value(initial) or "") != (self.prepare_value(data) or "")


# By POST: where a person lives must not be in an address, which is written into logs.


@post_only
@never_cache
def commune_suggestions(request: StaffRequest) -> HttpResponse:
    """The communes that the text typed so far may mean; none for a text of fewer than two letters."""
    text = _posted(request, "commune")
    rows = suggestions(text, province_of(request.user.agency)) if len(text) > 1 else []
    return render(request, "dossiers/commune_suggestions.html", {"suggestions": rows, "text": text})


@post_only
@never_cache
def card_address(request: StaffRequest) -> JsonResponse:
    """The commune in an address that was read from an identity card, and what stands before it."""
    read = read_address(_posted(request, "address"))
    return JsonResponse({"address": read.rest, "commune": read.place} if read else {})


def _posted(request: StaffRequest, name: str) -> str:
    return tidy_line(request.POST.get(name, "").replace("\0", "")[:LONGEST])
