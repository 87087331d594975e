"""The forms of the counter. They check how a value is written; `lifecycle` decides what is allowed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django import forms
from django.forms import BaseForm, BoundField
from django.utils.datastructures import MultiValueDict
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Phase, Procedure, ProcedureFee, ProcedurePaper, SubmissionChannel
from onestop.catalog.places.addresses import read_address
from onestop.common.input.form_fields import LineField, LinesField
from onestop.common.input.identity_scans import Card
from onestop.common.input.money import DongField
from onestop.dossiers import lifecycle
from onestop.dossiers.desk.forms import Data, Files, FilesField, text_area
from onestop.dossiers.desk.persons import PersonsForm
from onestop.dossiers.fees import MOST_DONG
from onestop.dossiers.models import Dossier, Fee, Paper, ReadyText
from onestop.dossiers.texts.offering import offer
from onestop.staff.models import User

# Copied from an earlier dossier of the same identity number.
APPLICANT = ("applicant_kind", "applicant_name", "birth_date", "phone", "email", "address", "commune")


class ReceiveForm(PersonsForm, forms.ModelForm[Dossier]):
    """The applicant, the submitter, the request, and how it was handed in.

    The blank form holds the `uuid` of the dossier: sent twice, it makes one dossier.
    """

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    # Set once the form has asked whether nothing was handed in.
    without_papers = forms.BooleanField(required=False, widget=forms.HiddenInput)
    uploads = FilesField(label=_("tệp đính kèm"))
    comment = LinesField(label=_("lý do từ chối"), required=False, max_length=4000, widget=text_area(3))

    class Meta:
        model = Dossier
        fields = ["channel", "agency", *lifecycle.AMENDABLE]
        error_messages = {"applicant_name": {"required": _("Nhập họ tên chủ hồ sơ.")}}
        widgets = {
            "channel": forms.RadioSelect,
            "applicant_kind": forms.RadioSelect,
            "return_method": forms.RadioSelect,
            "identity_no": forms.TextInput({"autofocus": True}),
            "applicant_name": forms.TextInput({"autocomplete": "off"}),
            "phone": forms.TextInput({"type": "tel"}),
            "submitter_phone": forms.TextInput({"type": "tel"}),
            "summary": text_area(2),
        }

    # The identity number first: with it, the other fields may be filled in from an earlier dossier.
    field_order = ["channel", "agency", "applicant_kind", "identity_no"]

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
        uploads = self.fields["uploads"]
        assert isinstance(uploads, FilesField)  # noqa: S101 as it is declared above
        uploads.take_for(procedure)
        self._offer_agencies(user)
        self.ask_for_persons(user)
        self.order_fields(self.field_order)
        if self.is_bound:
            # The list of errors takes the focus.
            del self.fields["identity_no"].widget.attrs["autofocus"]

    def _offer_agencies(self, user: User) -> None:
        """Asks for the receiving agency only if the user's agency has others below it."""
        agencies = user.agencies.taking_in()
        if user.agency and not agencies.exclude(pk=user.agency.pk).exists():
            del self.fields["agency"]
        else:
            self.fields["agency"] = forms.ModelChoiceField(agencies, label=_("cơ quan tiếp nhận"))

    def ask_whether_nothing_came(self) -> None:
        """Asks once. If the form is sent again as it is, it is taken in without papers."""
        self.add_error(
            None,
            _(
                "Chưa đánh dấu thành phần hồ sơ nào và chưa có tệp nào. Đánh dấu những gì đã nhận; "
                "nếu đúng là không có, bấm “Tiếp nhận” lần nữa."
            ),
        )
        data = MultiValueDict(self.data)
        data["without_papers"] = "on"
        self.data = data

    def dossier(self) -> Dossier:
        """The new dossier as typed, not saved."""
        dossier = self.instance
        dossier.uuid = self.cleaned_data["uuid"] or dossier.uuid
        dossier.unit = dossier.agency
        return dossier


class PaperLine(forms.Form):
    """One paper of the procedure's list: handed in or not, and how many."""

    given = forms.BooleanField(required=False)
    quantity = forms.IntegerField(required=False, min_value=1, max_value=999)
    form = forms.ChoiceField(label=_("hình thức"), required=False, choices=Paper.Form)

    def __init__(self, procedure_paper: ProcedurePaper, data: Data | None = None) -> None:
        self.procedure_paper = procedure_paper
        initial = {
            "quantity": (procedure_paper.originals + procedure_paper.copies) or 1,
            "form": Paper.usual_form(procedure_paper),
        }
        super().__init__(data, prefix=f"paper-{procedure_paper.pk}", initial=initial)
        self.fields["given"].label = procedure_paper.name
        self.fields["quantity"].label = _("số lượng: %(paper)s") % {"paper": Truncator(procedure_paper.name).chars(60)}

    def paper(self, at: datetime, received_by: str) -> Paper:
        return Paper(
            procedure_paper=self.procedure_paper,
            name=self.procedure_paper.name,
            quantity=self.cleaned_data["quantity"] or 1,
            form=self.cleaned_data["form"] or self.initial["form"],
            received_at=at,
            received_by=received_by,
        )


class FeeLine(forms.Form):
    """One fee of the procedure: whether it is charged here, how much, and whether it was paid at once."""

    charged = forms.BooleanField(required=False)
    amount = DongField(label=_("số tiền (đồng)"), required=False, min_value=0, max_value=MOST_DONG)
    paid = forms.BooleanField(label=_("đã thu"), required=False)
    receipt_no = LineField(label=_("số biên lai"), required=False, max_length=50)

    def __init__(self, procedure_fee: ProcedureFee, data: Data | None = None, *, only_one: bool) -> None:
        self.procedure_fee = procedure_fee
        super().__init__(
            data,
            prefix=f"fee-{procedure_fee.pk}",
            # Of several fees often only one applies, so none of them is preselected.
            initial={"amount": procedure_fee.amount, "charged": only_one and bool(procedure_fee.amount)},
        )
        self.fields["charged"].label = procedure_fee.name

    @property
    def channels(self) -> list[SubmissionChannel]:
        return [channel for channel in SubmissionChannel if getattr(self.procedure_fee, channel.value)]

    def clean(self) -> None:
        if self.is_charged and self.cleaned_data.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", _("Ghi số tiền phải thu."))

    @property
    def is_charged(self) -> bool:
        return bool(self.cleaned_data.get("charged") or self.cleaned_data.get("paid"))

    def fee(self, at: datetime) -> Fee:
        paid = self.cleaned_data["paid"]
        return Fee(
            name=self.procedure_fee.name,
            amount=self.cleaned_data["amount"],
            phase=Phase(self.procedure_fee.phase),
            is_mandatory=self.procedure_fee.is_mandatory,
            paid_at=at if paid else None,
            method=Fee.Method.CASH if paid else "",
            receipt_no=self.cleaned_data["receipt_no"],
        )


class Intake:
    """Everything on the counter's page: the dossier, the papers handed in, the fees."""

    def __init__(
        self,
        procedure: Procedure,
        user: User,
        texts: list[ReadyText],
        data: Data | None = None,
        files: Files | None = None,
    ) -> None:
        """`texts`: offered as reasons for a refusal."""
        self.received_by = user.full_name
        self.form = ReceiveForm(procedure, user, data, files)
        offer(self.form, texts)
        self.papers = [PaperLine(paper, data) for paper in procedure.papers.all()]
        fees = list(procedure.fees.all())
        self.fees = [FeeLine(fee, data, only_one=len(fees) == 1) for fee in fees]

    @property
    def parts(self) -> list[BaseForm]:
        return [self.form, *self.papers, *self.fees]

    def keep(self, typed: Data) -> None:
        """Shows what was typed so far, without checking it."""
        for part in self.parts:
            for name, field in part.fields.items():
                part.initial[name] = field.widget.value_from_datadict(typed, MultiValueDict(), part.add_prefix(name))

    def fill_in(self, earlier: Dossier) -> None:
        """Shows the applicant's data of the `earlier` dossier."""
        self.form.initial.update({name: getattr(earlier, name) for name in APPLICANT})

    def fill_in_card(self, card: Card) -> None:
        """Shows the data of an identity card."""
        read = {"identity_no": card.number, "applicant_name": card.name, "birth_date": card.birth_date}
        read["address"] = card.address
        if "commune" in self.form.fields and (place := read_address(card.address)):
            read |= {"address": place.rest, "commune": place.place}
        self.form.initial.update({name: text for name, text in read.items() if text})

    def fields_with_errors(self) -> Iterator[BoundField]:
        """Every field that has an error, in the order of the page."""
        checked = [self.form, *self.papers, *self.charged] if self.form.is_bound else []
        return (field for part in checked for field in part if field.errors)

    def is_valid(self) -> bool:
        """Checks everything, so that every error shows at once."""
        valid = [part.is_valid() for part in (self.form, *self.papers)]
        # A fee for another channel is neither shown nor charged; without a valid channel all are shown.
        channel = self.form.cleaned_data.get("channel")
        self.charged = [line for line in self.fees if channel is None or channel in line.channels]
        valid += [line.is_valid() for line in self.charged]
        return all(valid) and not self._asks_for_papers()

    def _asks_for_papers(self) -> bool:
        """Whether the form is shown again, because the procedure has papers and nothing was handed in."""
        typed = self.form.cleaned_data
        came = typed["uploads"] or any(line.cleaned_data["given"] for line in self.papers)
        if not self.papers or came or typed["without_papers"] or "refuse" in self.form.data:
            return False
        self.form.ask_whether_nothing_came()
        return True

    def rows(self, at: datetime) -> tuple[list[Paper], list[Fee]]:
        """The papers handed in and the fees charged, not saved."""
        papers = [line.paper(at, self.received_by) for line in self.papers if line.cleaned_data["given"]]
        return papers, [line.fee(at) for line in self.charged if line.is_charged]
