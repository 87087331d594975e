"""What is typed at the counter and at the desk. Forms check how it is written; `lifecycle` decides what may be."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency, Channel, Phase, Procedure, ProcedureFee, ProcedurePaper
from onestop.generics import ModelChoiceField, ModelForm
from onestop.staff.models import Role, User

from . import lifecycle
from .attachments import check_upload
from .file_kinds import SIGNATURES
from .models import Dossier, Fee, Move, Paper, ReturnMethod

Data = MultiValueDict[str, str]
Files = MultiValueDict[str, "UploadedFile[bytes]"]

# The most that the database's integer column holds.
MOST_DONG = 2_147_483_647


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; what is wrong with one is said by its name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{
                "required": False,
                "widget": FilesInput({"accept": ",".join(sorted(SIGNATURES))}),
                "help_text": _("Có thể chọn nhiều tệp: PDF, ảnh, Word, Excel, ZIP."),
                **options,
            }
        )

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        files: list[UploadedFile[bytes]] = data or []
        faults: list[ValidationError] = []
        for file in files:
            try:
                check_upload(file)
            except ValidationError as fault:
                faults += fault.error_list
        if faults:
            raise ValidationError(faults)
        return files


def text_area(rows: int) -> forms.Textarea:
    return forms.Textarea({"rows": rows})


def lines(text: str) -> list[str]:
    """The lines of `text` that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


# ---- the counter


class ReceiveForm(ModelForm[Dossier]):
    """Who asks for what, and how. `uuid` is given with the blank form: sent twice, it is still one dossier."""

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    uploads = FilesField(label=_("tệp đính kèm"))
    comment = forms.CharField(label=_("lý do từ chối"), required=False, max_length=4000, widget=text_area(3))

    class Meta:
        model = Dossier
        fields = ["channel", "agency", *lifecycle.AMENDABLE]
        widgets = {
            "channel": forms.RadioSelect,
            "applicant_kind": forms.RadioSelect,
            "return_method": forms.RadioSelect,
            "phone": forms.TextInput({"type": "tel"}),
            "summary": text_area(2),
        }

    def __init__(self, procedure: Procedure, user: User, data: Data | None = None, files: Files | None = None) -> None:
        dossier = Dossier(procedure=procedure, agency=user.agency) if user.agency else Dossier(procedure=procedure)
        channels = procedure.channels
        if channels and dossier.channel not in channels:
            dossier.channel = channels[0]
        super().__init__(data, files, instance=dossier, initial={"uuid": uuid.uuid4()})
        self.fields["channel"] = forms.ChoiceField(
            label=_("hình thức nộp"),
            choices=[(channel.value, channel.label) for channel in channels],
            widget=forms.RadioSelect,
        )
        self._offer_agencies(user)

    def _offer_agencies(self, user: User) -> None:
        """Only whose agency has others below it is asked which one receives the dossier."""
        agencies = user.agencies.filter(is_active=True)
        if user.agency and not agencies.exclude(pk=user.agency.pk).exists():
            del self.fields["agency"]
        else:
            self.fields["agency"] = forms.ModelChoiceField(agencies, label=_("cơ quan tiếp nhận"))

    def dossier(self) -> Dossier:
        """The new dossier as typed, not saved."""
        dossier = self.instance
        dossier.uuid = self.cleaned_data["uuid"] or dossier.uuid
        dossier.unit = dossier.agency
        return dossier


class PaperLine(forms.Form):
    """One paper of the procedure's list: handed in or not, and how many."""

    given = forms.BooleanField(required=False)
    quantity = forms.IntegerField(label=_("số lượng"), required=False, min_value=1, max_value=999)
    form = forms.ChoiceField(label=_("hình thức"), required=False, choices=Paper.Form)

    def __init__(self, asked: ProcedurePaper, data: Data | None = None) -> None:
        self.asked = asked
        usual = Paper.Form.ORIGINAL if asked.originals or not asked.copies else Paper.Form.COPY
        initial = {"quantity": (asked.originals + asked.copies) or 1, "form": usual}
        super().__init__(data, prefix=f"paper-{asked.pk}", initial=initial)
        self.fields["given"].label = asked.name

    def paper(self, at: datetime, received_by: str) -> Paper:
        return Paper(
            procedure_paper=self.asked,
            name=self.asked.name,
            quantity=self.cleaned_data["quantity"] or 1,
            form=self.cleaned_data["form"] or self.initial["form"],
            received_at=at,
            received_by=received_by,
        )


class FeeLine(forms.Form):
    """One fee of the procedure: whether it is charged here, how much, and whether it was paid at once."""

    charged = forms.BooleanField(required=False)
    amount = forms.IntegerField(label=_("số tiền (đồng)"), required=False, min_value=0, max_value=MOST_DONG)
    paid = forms.BooleanField(label=_("đã thu"), required=False)
    receipt_no = forms.CharField(label=_("số biên lai"), required=False, max_length=50)

    def __init__(self, asked: ProcedureFee, data: Data | None = None, *, only_one: bool) -> None:
        self.asked = asked
        super().__init__(
            data,
            prefix=f"fee-{asked.pk}",
            # Several fees are often one for each case, so none of them is taken for granted.
            initial={"amount": asked.amount, "charged": only_one and bool(asked.amount)},
        )
        self.fields["charged"].label = asked.name

    @property
    def channels(self) -> list[Channel]:
        return [channel for channel in Channel if getattr(self.asked, channel.value)]

    def clean(self) -> None:
        if self.is_charged and self.cleaned_data.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", _("Ghi số tiền phải thu."))

    @property
    def is_charged(self) -> bool:
        return bool(self.cleaned_data.get("charged") or self.cleaned_data.get("paid"))

    def fee(self, at: datetime) -> Fee:
        paid = self.cleaned_data["paid"]
        return Fee(
            name=self.asked.name,
            amount=self.cleaned_data["amount"],
            phase=Phase(self.asked.phase),
            is_mandatory=self.asked.is_mandatory,
            paid_at=at if paid else None,
            method=Fee.Method.CASH if paid else "",
            receipt_no=self.cleaned_data["receipt_no"],
        )


class Intake:
    """Everything on the counter's page: the dossier, the papers handed in, the fees."""

    def __init__(self, procedure: Procedure, user: User, data: Data | None = None, files: Files | None = None) -> None:
        self.received_by = user.full_name
        self.form = ReceiveForm(procedure, user, data, files)
        self.papers = [PaperLine(asked, data) for asked in procedure.papers.all()]
        fees = list(procedure.fees.all())
        self.fees = [FeeLine(asked, data, only_one=len(fees) == 1) for asked in fees]

    def is_valid(self) -> bool:
        """Checks everything, so that every error shows at once."""
        valid = [part.is_valid() for part in (self.form, *self.papers)]
        # A fee of another way in is neither shown nor charged.
        self.charged = [line for line in self.fees if self.form.cleaned_data.get("channel") in line.channels]
        valid += [line.is_valid() for line in self.charged]
        return all(valid)

    def rows(self, at: datetime) -> tuple[list[Paper], list[Fee]]:
        """The papers handed in and the fees charged, not saved."""
        papers = [line.paper(at, self.received_by) for line in self.papers if line.cleaned_data["given"]]
        return papers, [line.fee(at) for line in self.charged if line.is_charged]


# ---- the desk


class MoveForm(forms.Form):
    """The fields of one move."""

    comment = forms.CharField(label=_("ghi chú"), required=False, max_length=4000, widget=text_area(4))

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        self.dossier = dossier
        self.user = user
        super().__init__(data, files)
        if self.field_order is None:
            # What a child class adds comes before the comment it inherits.
            self.order_fields([name for name in self.fields if name != "comment"])

    def arguments(self) -> dict[str, Any]:
        """What the move's function in `lifecycle` takes besides the dossier and the actor."""
        # Django's forms keep the name `files` for themselves.
        return {"files" if name == "uploads" else name: value for name, value in self.cleaned_data.items()}


class ReasonForm(MoveForm):
    comment = forms.CharField(label=_("lý do"), max_length=4000, widget=text_area(4))


def missing_papers(dossier: Dossier) -> list[str]:
    """What the procedure asks for in every case and nobody has handed in yet."""
    received = dossier.papers.filter(received_at__isnull=False, procedure_paper__isnull=False).values(
        "procedure_paper"
    )
    asked = dossier.procedure.papers.filter(group="").exclude(originals=0, copies=0)
    return [" ".join(name.split()) for name in asked.exclude(pk__in=received).values_list("name", flat=True)]


class AskSupplementForm(MoveForm):
    comment = forms.CharField(label=_("nội dung yêu cầu"), max_length=4000, widget=text_area(4))
    papers = forms.CharField(
        label=_("giấy tờ còn thiếu"),
        required=False,
        max_length=10_000,
        widget=text_area(5),
        help_text=_("Mỗi dòng một giấy tờ."),
    )

    field_order = ["comment", "papers"]

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        super().__init__(dossier, user, data, files)
        self.initial = {"papers": "\n".join(missing_papers(dossier))}

    def arguments(self) -> dict[str, Any]:
        names = lines(self.cleaned_data["papers"])
        return {
            "comment": self.cleaned_data["comment"],
            "papers": [Paper(name=name, phase=Phase.SUPPLEMENT) for name in names],
        }


class ReceiveSupplementForm(MoveForm):
    uploads = FilesField(label=_("tệp bổ sung"))


class AskPaymentForm(MoveForm):
    name = forms.CharField(label=_("tên khoản phải nộp"), max_length=500)
    amount = forms.IntegerField(label=_("số tiền (đồng)"), min_value=1, max_value=MOST_DONG)

    def arguments(self) -> dict[str, Any]:
        fee = Fee(name=self.cleaned_data["name"], amount=self.cleaned_data["amount"])
        return {"comment": self.cleaned_data["comment"], "fees": [fee]}


class ReceivePaymentForm(MoveForm):
    method = forms.ChoiceField(
        label=_("cách nộp"), choices=Fee.Method, widget=forms.RadioSelect, initial=Fee.Method.CASH
    )
    receipt_no = forms.CharField(label=_("số biên lai"), required=False, max_length=50)


class ApproveForm(MoveForm):
    approver_name = forms.CharField(label=_("người duyệt"), max_length=150)
    approver_position = forms.CharField(label=_("chức vụ người duyệt"), required=False, max_length=150)
    comment = forms.CharField(label=_("ý kiến duyệt"), required=False, max_length=1000, widget=text_area(4))
    uploads = FilesField(label=_("tệp kết quả"))

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        super().__init__(dossier, user, data, files)
        self.initial = {"approver_name": user.full_name, "approver_position": user.position}


class DenyForm(ApproveForm):
    comment = forms.CharField(
        label=_("lý do"),
        max_length=1000,
        widget=text_area(4),
        help_text=_("Công dân được thông báo lý do này."),
    )


class ReturnResultForm(MoveForm):
    return_method = forms.ChoiceField(label=_("hình thức trả kết quả"), choices=ReturnMethod, widget=forms.RadioSelect)
    comment = forms.CharField(label=_("ghi chú"), required=False, max_length=1000, widget=text_area(4))

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        super().__init__(dossier, user, data, files)
        self.initial = {"return_method": dossier.return_method}
        owed = dossier.fees.open().filter(is_mandatory=True)
        if user.has_role(Role.MANAGER) and owed.exists():
            self.fields["despite_fees"] = forms.CharField(
                label=_("lý do trả kết quả khi còn khoản phải nộp"),
                help_text=", ".join(fee.name for fee in owed),
                max_length=1000,
                widget=text_area(2),
            )


class ExtendForm(MoveForm):
    due_at = forms.DateTimeField(
        label=_("hẹn trả mới"), widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    comment = forms.CharField(label=_("lý do và lời xin lỗi"), max_length=4000, widget=text_area(4))


class AmendForm(MoveForm):
    """What was written down of the applicant, to be put right, and files that were forgotten."""

    uploads = FilesField(label=_("tệp đính kèm"))
    field_order = [*lifecycle.AMENDABLE, "uploads", "comment"]

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        super().__init__(dossier, user, data, files)
        self.fields |= forms.fields_for_model(Dossier, lifecycle.AMENDABLE)
        self.fields["summary"].widget = text_area(2)
        self.initial = {name: getattr(dossier, name) for name in lifecycle.AMENDABLE}
        self.order_fields(self.field_order)

    def arguments(self) -> dict[str, Any]:
        changes = {name: self.cleaned_data[name] for name in lifecycle.AMENDABLE}
        return {
            "changes": changes,
            "files": self.cleaned_data["uploads"],
            "comment": self.cleaned_data["comment"],
        }


class OfficerField(ModelChoiceField[User]):
    def label_from_instance(self, obj: User) -> str:
        return f"{obj} — {obj.agency}"


class HandOverForm(MoveForm):
    field_order = ["unit", "officer", "step_due", "comment"]

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        super().__init__(dossier, user, data, files)
        units = Agency.objects.filter(level1=dossier.agency.level1_id, is_active=True)
        officers = User.objects.filter(agency__in=units, is_active=True).select_related("agency")
        self.fields["unit"] = forms.ModelChoiceField(
            units,
            label=_("đơn vị"),
            required=False,
            empty_label=_("theo đơn vị của cán bộ được chọn, hoặc giữ nguyên"),
        )
        self.fields["officer"] = OfficerField(
            officers.order_by("agency__code", "full_name"),
            label=_("cán bộ"),
            required=False,
            empty_label=_("để đơn vị tự phân công"),
        )
        self.fields["step_due"] = forms.DateTimeField(
            label=_("hạn của bước này"),
            required=False,
            widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            help_text=_("Ghi trên phiếu kiểm soát; không đổi hẹn trả cho công dân."),
        )
        self.order_fields(self.field_order)


# The fields of every move, and what it will do, in one sentence.
MOVE_FORMS: dict[Move, tuple[type[MoveForm], Promise]] = {
    Move.ACCEPT: (MoveForm, _("Hồ sơ được cấp mã và bắt đầu tính thời hạn giải quyết.")),
    Move.REFUSE: (ReasonForm, _("Hồ sơ không được tiếp nhận; lý do được báo cho người nộp.")),
    Move.ASK_SUPPLEMENT: (
        AskSupplementForm,
        _("Thời hạn dừng lại cho đến khi người nộp bổ sung đủ những gì được yêu cầu."),
    ),
    Move.RECEIVE_SUPPLEMENT: (
        ReceiveSupplementForm,
        _("Giấy tờ bổ sung được ghi nhận; hồ sơ trở lại bước trước và có hẹn trả mới."),
    ),
    Move.ASK_PAYMENT: (AskPaymentForm, _("Thời hạn dừng lại cho đến khi người nộp hoàn thành nghĩa vụ tài chính.")),
    Move.RECEIVE_PAYMENT: (
        ReceivePaymentForm,
        _("Mọi khoản còn nợ được ghi là đã nộp; thời hạn chạy tiếp phần còn lại."),
    ),
    Move.START: (MoveForm, _("Hồ sơ chuyển sang đang xử lý; nếu chưa có ai phụ trách, bạn là cán bộ xử lý.")),
    Move.APPROVE: (ApproveForm, _("Hồ sơ có kết quả đồng ý và chờ trả cho công dân.")),
    Move.DENY: (DenyForm, _("Hồ sơ kết thúc với kết quả không đồng ý; công dân được báo lý do.")),
    Move.RETURN_RESULT: (ReturnResultForm, _("Kết quả được trao cho công dân; hồ sơ kết thúc.")),
    Move.AMEND: (AmendForm, _("Thông tin được sửa và báo lại lên Cổng; trạng thái và hẹn trả giữ nguyên.")),
    Move.HAND_OVER: (HandOverForm, _("Hồ sơ sang đơn vị hoặc cán bộ khác; trạng thái và hẹn trả giữ nguyên.")),
    Move.EXTEND: (ExtendForm, _("Công dân nhận lời xin lỗi và hẹn trả mới; chỉ được gia hạn một lần.")),
    Move.WITHDRAW: (ReasonForm, _("Hồ sơ kết thúc vì công dân xin rút.")),
    Move.STOP: (ReasonForm, _("Hồ sơ kết thúc mà không có kết quả.")),
    Move.REOPEN: (ReasonForm, _("Kết thúc đã ghi được hủy và hồ sơ xử lý lại; lịch sử vẫn giữ nguyên.")),
}
