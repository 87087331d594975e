"""The forms of the desk. They check how a value is written; `lifecycle` decides what is allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, ClassVar, Generic, TypeVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.html import escape, linebreaks
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from onestop.catalog.models import Phase, Procedure
from onestop.common.input.dates import DayField, MomentField
from onestop.common.input.form_fields import LineField, LinesField
from onestop.common.input.money import DongField
from onestop.common.wording import dong
from onestop.dossiers import lifecycle
from onestop.dossiers.deadlines.dossier import supplement_due
from onestop.dossiers.deadlines.moments import corrected
from onestop.dossiers.fees import MOST_DONG
from onestop.dossiers.files.uploads import check_upload, kinds_taken
from onestop.dossiers.lifecycle.approving import approvers
from onestop.dossiers.lifecycle.correcting import correctable
from onestop.dossiers.models import Dossier, Fee, Move, Paper, ReturnMethod
from onestop.dossiers.store import DATABASE
from onestop.dossiers.texts.offering import CHOICE
from onestop.staff.models import Role, User

from .persons import PersonsForm

Data = MultiValueDict[str, str]
Files = MultiValueDict[str, "UploadedFile[bytes]"]
# The named arguments of a move's function; each move has its own.
Arguments = dict[str, object]


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files for a procedure, which the form sets with `take_for`.

    Each error names its file.
    """

    procedure: Procedure

    def __init__(self, *, label: StrOrPromise) -> None:
        super().__init__(label=label, required=False, widget=FilesInput())

    def take_for(self, procedure: Procedure) -> None:
        self.procedure = procedure
        self.widget.attrs["accept"] = ",".join(kinds_taken(procedure))
        self.help_text = (
            _("Có thể chọn nhiều tệp: PDF, ảnh, Word, Excel, ZIP, tệp ký số, bản vẽ DWG.")
            if procedure.takes_drawings
            else _("Có thể chọn nhiều tệp: PDF, ảnh, Word, Excel, ZIP, tệp ký số.")
        )

    def clean(self, data: object, initial: object = None) -> list[UploadedFile[bytes]]:
        files = cast("list[UploadedFile[bytes]]", data or [])
        errors: list[ValidationError] = []
        for file in files:
            try:
                check_upload(file, self.procedure)
            except ValidationError as error:
                errors += error.error_list
        if errors:
            raise ValidationError(errors)
        return files


def text_area(rows: int) -> forms.Textarea:
    return forms.Textarea({"rows": rows})


def lines(text: str) -> list[str]:
    """The lines of `text` that are not blank."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class MoveForm(forms.Form):
    """The fields of one move."""

    comment = LinesField(label=_("ghi chú"), required=False, max_length=4000, widget=text_area(4))

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        self.dossier = dossier
        self.user = user
        super().__init__(data, files)
        for field in self.fields.values():
            if isinstance(field, FilesField):
                field.take_for(dossier.procedure)
        if self.field_order is None:
            # The fields of a child class come before the comment that it inherits.
            self.order_fields([name for name in self.fields if name != "comment"])
        if not self.is_bound and (shown := self.visible_fields()):
            # The page is about this form alone. A list of errors takes the focus itself.
            shown[0].field.widget.attrs["autofocus"] = True

    def arguments(self) -> Arguments:
        """The arguments of the move's function in `lifecycle` besides the dossier and the actor."""
        values = {name: value for name, value in self.cleaned_data.items() if name != CHOICE}
        # The field is not called `files`: Django's forms use that name.
        return {"files" if name == "uploads" else name: value for name, value in values.items()}


class ReasonForm(MoveForm):
    comment = LinesField(label=_("lý do"), max_length=4000, widget=text_area(4))


def missing_papers(dossier: Dossier) -> list[str]:
    """The papers that the procedure always requires and that were not handed in yet."""
    received = dossier.papers.filter(received_at__isnull=False, procedure_paper__isnull=False).values(
        "procedure_paper"
    )
    required = dossier.procedure.papers.filter(group="").exclude(originals=0, copies=0)
    return [" ".join(name.split()) for name in required.exclude(pk__in=received).values_list("name", flat=True)]


# Suggested where the procedure sets no days for a supplement.
USUAL_TIME_TO_RESPOND = timedelta(days=30)


class AskSupplementForm(MoveForm):
    comment = LinesField(label=_("nội dung yêu cầu"), max_length=4000, widget=text_area(4))
    papers = LinesField(
        label=_("giấy tờ còn thiếu"),
        required=False,
        max_length=10_000,
        widget=text_area(5),
        help_text=_("Mỗi dòng một giấy tờ."),
    )

    respond_on = DayField(
        label=_("hạn bổ sung"),
        help_text=_("Đến hết giờ làm việc của ngày này; ngày này được in trên phiếu yêu cầu bổ sung."),
    )

    field_order = ["comment", "papers", "respond_on"]

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        super().__init__(dossier, user, data, files)
        self.initial = {"papers": "\n".join(missing_papers(dossier))}
        now = timezone.now()
        usual = supplement_due(dossier, now, dossier.calendar)
        self.initial["respond_on"] = timezone.localdate(usual or now + USUAL_TIME_TO_RESPOND)

    def arguments(self) -> Arguments:
        names = lines(self.cleaned_data["papers"])
        return {
            "comment": self.cleaned_data["comment"],
            "papers": [Paper(name=name, phase=Phase.SUPPLEMENT) for name in names],
            "respond_on": self.cleaned_data["respond_on"],
        }


Row = TypeVar("Row", Paper, Fee)


class TicksField(forms.TypedMultipleChoiceField, Generic[Row]):
    """The rows that were requested of an applicant, each with a box for what has come."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, rows: Iterable[Row], in_words: Callable[[Row], str], **more: Any) -> None:
        self.rows: dict[str, Row] = {str(row.pk): row for row in rows}
        choices = [(key, in_words(row)) for key, row in self.rows.items()]
        super().__init__(choices=choices, coerce=self.rows.__getitem__, **more)


class TicksForm(MoveForm):
    """Receives what was requested, box by box. Nothing is received unticked; leaving something out needs a note."""

    ticks: ClassVar[str]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        field, came = self.fields.get(self.ticks), self.cleaned_data.get(self.ticks)
        is_partial = isinstance(field, TicksField) and came and len(came) < len(field.rows)
        if is_partial and not self.cleaned_data.get("comment"):
            self.add_error("comment", _("Chưa nhận đủ: vui lòng ghi rõ lý do vẫn tiếp tục giải quyết hồ sơ."))
        return cleaned


class ReceiveSupplementForm(TicksForm):
    ticks = "papers"
    uploads = FilesField(label=_("tệp bổ sung"))
    field_order = ["papers", "complete", "uploads", "comment"]

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        super().__init__(dossier, user, data, files)
        awaited = DATABASE.awaited_papers(dossier)
        supplement = DATABASE.open_supplement(dossier)
        # Templates show a help text as it is, and this one was typed.
        request = linebreaks(supplement.request, autoescape=True) if supplement else ""
        if awaited:
            self.fields["papers"] = TicksField(
                awaited,
                lambda paper: f"{paper.name} × {paper.quantity}",
                label=_("giấy tờ đã nhận"),
                help_text=request,
                error_messages={"required": _("Đánh dấu từng giấy tờ đã nhận.")},
            )
        else:
            self.fields["complete"] = forms.BooleanField(
                label=_("Đã nhận đủ nội dung được yêu cầu bổ sung"),
                help_text=request,
                error_messages={"required": _("Đánh dấu ô này khi đã nhận đủ.")},
            )
        self.order_fields(self.field_order)

    def arguments(self) -> Arguments:
        return {name: value for name, value in super().arguments().items() if name != "complete"}


class AskPaymentForm(MoveForm):
    name = LineField(label=_("tên khoản phải nộp"), max_length=500)
    amount = DongField(label=_("số tiền (đồng)"), min_value=1, max_value=MOST_DONG)

    def arguments(self) -> Arguments:
        fee = Fee(name=self.cleaned_data["name"], amount=self.cleaned_data["amount"])
        return {"comment": self.cleaned_data["comment"], "fees": [fee]}


class ReceivePaymentForm(TicksForm):
    ticks = "paid"
    method = forms.ChoiceField(
        label=_("cách nộp"), choices=Fee.Method, widget=forms.RadioSelect, initial=Fee.Method.CASH
    )
    receipt_no = LineField(label=_("số biên lai"), required=False, max_length=50)
    field_order = ["paid", "method", "receipt_no", "comment"]

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        super().__init__(dossier, user, data, files)
        # Without any, all were settled one by one, and only the clock is to run again.
        if fees := DATABASE.open_fees(dossier):
            self.fields["paid"] = TicksField(
                fees,
                lambda fee: f"{fee.name}: {dong(fee.amount)}",
                label=_("khoản đã nộp"),
                help_text=_("Tổng số phải nộp: %(sum)s.") % {"sum": dong(sum(fee.amount for fee in fees))},
                error_messages={"required": _("Đánh dấu từng khoản đã nộp.")},
            )
        self.order_fields(self.field_order)


class AcceptForm(MoveForm):
    """Asks first where the procedure has papers and nothing was handed in."""

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        super().__init__(dossier, user, data, files)
        has_some = dossier.papers.exists() or dossier.attachments.exists()
        if not has_some and dossier.procedure.papers.exists():
            self.fields["without_papers"] = forms.BooleanField(
                label=_("Hồ sơ chưa có giấy tờ hoặc tệp nào; vẫn tiếp nhận"),
                error_messages={"required": _("Hồ sơ chưa có giấy tờ nào. Đánh dấu ô này nếu vẫn tiếp nhận.")},
            )
            self.order_fields(["without_papers", "comment"])

    def arguments(self) -> Arguments:
        return {name: value for name, value in super().arguments().items() if name != "without_papers"}


class ApproverField(forms.ModelChoiceField[User]):
    """Shows people by name, position and agency: two may have the same name."""

    def label_from_instance(self, person: User) -> str:
        agency = person.agency.name if person.agency else ""
        return " · ".join(filter(None, (str(person), person.position, agency)))


class ApproveForm(MoveForm):
    comment = LinesField(label=_("ý kiến phê duyệt"), required=False, max_length=1000, widget=text_area(4))
    uploads = FilesField(label=_("tệp kết quả"))

    field_order = ["approver", "comment", "uploads"]

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        super().__init__(dossier, user, data, files)
        self.fields["approver"] = ApproverField(
            approvers(dossier, user),
            label=_("người ký duyệt"),
            empty_label=_("chọn người ký duyệt"),
            help_text=_("Nếu không phải bạn, hồ sơ ghi rõ bạn là người ghi nhận quyết định này."),
            error_messages={"invalid_choice": _("Chọn một lãnh đạo đang làm việc của cơ quan này.")},
        )
        # Only for leaders themselves: an officer must not decide in a leader's name by leaving a default unchanged.
        self.initial = {"approver": user.pk} if user.role == Role.MANAGER else {}
        self.order_fields(self.field_order)


class DenyForm(ApproveForm):
    comment = LinesField(
        label=_("lý do"),
        max_length=1000,
        widget=text_area(4),
        help_text=_("Lý do này được thông báo cho công dân."),
    )


class ReturnResultForm(MoveForm):
    return_method = forms.ChoiceField(label=_("hình thức trả kết quả"), choices=ReturnMethod, widget=forms.RadioSelect)
    comment = LinesField(label=_("ghi chú"), required=False, max_length=1000, widget=text_area(4))

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        super().__init__(dossier, user, data, files)
        self.initial = {"return_method": dossier.return_method}
        owed = dossier.fees.open().filter(is_mandatory=True)
        if user.has_role(Role.MANAGER) and owed.exists():
            self.fields["despite_fees"] = LinesField(
                label=_("lý do trả kết quả khi còn khoản phải nộp"),
                # Templates show a help text as it is, and these names were typed.
                help_text=escape(", ".join(fee.name for fee in owed)),
                max_length=1000,
                widget=text_area(2),
            )


class ExtendForm(MoveForm):
    due_at = MomentField(label=_("hẹn trả mới"))
    comment = LinesField(label=_("lý do và lời xin lỗi"), max_length=4000, widget=text_area(4))


class CorrectTimeForm(MoveForm):
    """Chooses the move that was recorded with a wrong moment, and the right moment."""

    to = MomentField(
        label=_("thời điểm đúng"),
        help_text=_("Mã hồ sơ đã cấp giữ nguyên; hẹn trả được tính lại theo thời điểm đúng."),
    )
    comment = LinesField(label=_("lý do"), max_length=4000, widget=text_area(4))

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        super().__init__(dossier, user, data, files)
        made = list(dossier.transitions.all())
        moments = corrected(made)
        choices = [
            (move.pk, f"{capfirst(str(Move(move.move).label))}: {timezone.localtime(moments[move.pk]):%d/%m/%Y %H:%M}")
            for move in correctable(made)
        ]
        self.fields["step"] = forms.TypedChoiceField(
            label=_("bước ghi sai thời điểm"), choices=choices, coerce=int, widget=forms.RadioSelect
        )
        self.order_fields(["step", "to", "comment"])


class AmendForm(PersonsForm, MoveForm):
    """Corrects the data of applicant and submitter and adds files that were forgotten."""

    uploads = FilesField(label=_("tệp đính kèm"))
    field_order = [*lifecycle.AMENDABLE, "uploads", "comment"]

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        super().__init__(dossier, user, data, files)
        self.before = dossier
        self.fields |= forms.fields_for_model(Dossier, [name for name in lifecycle.AMENDABLE if name != "commune"])
        self.ask_for_persons(user, dossier.commune)
        self.fields["summary"].widget = text_area(2)
        self.initial = {name: getattr(dossier, name) for name in lifecycle.AMENDABLE}
        self.order_fields(self.field_order)

    def arguments(self) -> Arguments:
        changes = {name: self.cleaned_data[name] for name in lifecycle.AMENDABLE if name in self.fields}
        return {
            "changes": changes,
            "files": self.cleaned_data["uploads"],
            "comment": self.cleaned_data["comment"],
        }
