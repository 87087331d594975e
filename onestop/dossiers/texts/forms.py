"""The forms of ready texts: to find and to keep them."""

from __future__ import annotations

from typing import Any, Final, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onestop.catalog.models import Agency, Procedure
from onestop.common.input.form_fields import LineField
from onestop.dossiers.models import ReadyText
from onestop.staff.models import User

# The fields of these moves take less text than the others.
SHORT_USES: Final = (ReadyText.Use.APPROVE, ReadyText.Use.DENY, ReadyText.Use.RETURN_RESULT)
MOST_OF_SHORT: Final = 1_000


class TextFilter(forms.Form):
    use = forms.ChoiceField(
        label=gettext_lazy("dùng khi"),
        choices=[("", gettext_lazy("tất cả")), *ReadyText.Use.choices],
        required=False,
    )
    q = LineField(
        label=gettext_lazy("tiêu đề hoặc nội dung"),
        max_length=100,
        required=False,
        widget=forms.TextInput({"type": "search"}),
    )

    @property
    def is_used(self) -> bool:
        return any(self.data.get(name) for name in self.fields)


class ProcedureCodeField(LineField):
    """A procedure by its code: a list of thousands would be too long to choose from. Its value is the procedure."""

    def clean(self, value: object) -> Any:  # Any: as Django's field
        code = super().clean(value)
        if not code:
            return None
        procedure = Procedure.objects.filter(code=code).first()
        if procedure is None:
            raise ValidationError(_("Không có thủ tục mang mã này."), "unknown")
        return procedure

    def has_changed(self, initial: object, data: object) -> bool:
        return (initial or "") != (data or "")


class ReadyTextForm(forms.ModelForm[ReadyText]):
    procedure = ProcedureCodeField(
        label=gettext_lazy("mã thủ tục"),
        max_length=50,
        required=False,
        help_text=gettext_lazy("Để trống nếu dùng cho mọi thủ tục. Ví dụ: 1.001193."),
    )

    class Meta:
        model = ReadyText
        fields = ["use", "title", "text", "agency", "procedure", "is_active"]
        widgets = {"text": forms.Textarea({"rows": 5})}

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:  # Any: the arguments of Django's form
        super().__init__(*args, **kwargs)
        agency = cast("forms.ModelChoiceField[Agency]", self.fields["agency"])
        agency.queryset = user.agencies
        agency.required = not user.is_superuser
        agency.empty_label = str(_("mọi cơ quan")) if user.is_superuser else None
        agency.help_text = _("Cơ quan này và các đơn vị trực thuộc dùng được câu mẫu.")
        self.initial["procedure"] = self.instance.procedure.code if self.instance.procedure else ""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        use, text = self.cleaned_data.get("use"), self.cleaned_data.get("text") or ""
        if use in SHORT_USES and len(text) > MOST_OF_SHORT:
            message = _("Nội dung của loại này có tối đa %(most)s ký tự (hiện có %(number)s).")
            self.add_error("text", message % {"most": MOST_OF_SHORT, "number": len(text)})
        return cleaned
