"""Dossiers that a partner hands in: the contract of one, and how it is taken in exactly once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency, Phase, Procedure, SubmissionChannel
from onestop.common.errors import InputRefused, Reasons, Refused
from onestop.common.input import birth_dates, identity_numbers, phones
from onestop.dossiers import lifecycle
from onestop.dossiers.fees import MOST_DONG
from onestop.dossiers.models import ApplicantKind, Dossier, Fee, Paper, ReturnMethod, SubmitterCapacity
from onestop.dossiers.store import DATABASE, Store
from onestop.partners.models import PartnerActor
from onestop.rest.fields import (
    ChoiceInput,
    FlagInput,
    InstantInput,
    LineInput,
    LinesInput,
    ListInput,
    Strict,
    Validated,
    WholeInput,
)

from .commune_codes import FIELD, CommuneCodes

# The fields that cannot change after a dossier was handed in; the others can be amended.
FIXED = ("procedure", "agency", "channel", "code", "from_portal", "is_test")


class ByInput(Strict):
    """Who at the partner did it; public, as the step's officer."""

    name = LineInput(max_length=150, help_text=_("Họ tên cán bộ."))
    position = LineInput(max_length=150, required=False, allow_blank=True, help_text=_("Chức vụ."))


class PaperInput(Strict):
    name = LineInput(max_length=2000)
    quantity = WholeInput(min_value=1, max_value=999, required=False)
    form = ChoiceInput(choices=Paper.Form.choices, required=False)


class FeeInput(Strict):
    name = LineInput(max_length=500)
    amount = WholeInput(min_value=0, max_value=MOST_DONG, help_text=_("Đồng."))
    phase = WholeInput(min_value=1, max_value=3, required=False, help_text=_("1 tiếp nhận, 2 bổ sung, 3 trả kết quả."))
    is_mandatory = FlagInput(required=False)
    is_paid = FlagInput(required=False)
    receipt_no = LineInput(max_length=50, required=False, allow_blank=True)


class IdentityNumber(LineInput):
    """Kept in the one way in which each is written."""

    read = staticmethod(identity_numbers.canonical)


class Phones(LineInput):
    """One or several, kept in the one way in which each is written."""

    read = staticmethod(phones.canonical)


class BirthDate(LineInput):
    """As precisely as it is known, in the one way in which each is written."""

    read = staticmethod(birth_dates.canonical)


class ApplicantInput(Strict):
    """What may be put right later: applicant, submitter, summary and return."""

    applicant_kind = ChoiceInput(choices=ApplicantKind.choices, required=False)
    applicant_name = LineInput(max_length=500)
    birth_date = BirthDate(
        max_length=10,
        required=False,
        allow_blank=True,
        help_text=_("Chỉ với cá nhân: 1950-03-07; chỉ biết tháng hoặc năm thì 1950-03 hoặc 1950."),
    )
    identity_no = IdentityNumber(
        max_length=30,
        required=False,
        allow_blank=True,
        help_text=_("Được lưu không có dấu cách: 052085570548, 0101234567-001, C1234567."),
    )
    phone = Phones(
        max_length=30,
        required=False,
        allow_blank=True,
        help_text=_("Được lưu dạng 0905123456; nhiều số thì 0905123456; 0912345678."),
    )
    email = LineInput(max_length=254, required=False, allow_blank=True)
    address = LineInput(
        max_length=1000,
        required=False,
        allow_blank=True,
        help_text=_("Số nhà, đường, thôn; không có `commune_code` thì cả địa chỉ."),
    )
    commune_code = LineInput(
        max_length=5,
        required=False,
        allow_blank=True,
        help_text=_("Mã xã, phường hiện nay theo danh mục của cơ quan thống kê; tra ở `communes`."),
    )
    applicant_note = LinesInput(max_length=1000, required=False, allow_blank=True)
    submitter_name = LineInput(
        max_length=500,
        required=False,
        allow_blank=True,
        help_text=_("Người khác nộp thay chủ hồ sơ; chủ hồ sơ tự nộp thì để trống cả năm trường."),
    )
    submitter_capacity = ChoiceInput(
        choices=SubmitterCapacity.choices,
        required=False,
        allow_blank=True,
        help_text=_("Tư cách của người nộp thay; bắt buộc khi có `submitter_name`."),
    )
    submitter_identity_no = IdentityNumber(max_length=30, required=False, allow_blank=True)
    submitter_phone = Phones(max_length=30, required=False, allow_blank=True)
    submitter_authorisation = LineInput(
        max_length=200, required=False, allow_blank=True, help_text=_("Số, ngày của văn bản ủy quyền.")
    )
    summary = LinesInput(max_length=1000, required=False, allow_blank=True)
    return_method = ChoiceInput(choices=ReturnMethod.choices, required=False)


class DossierInput(ApplicantInput):
    """A dossier as a partner hands it in; what is left out is as a new dossier has it."""

    external_id = LineInput(max_length=100, help_text=_("Số của hồ sơ ở hệ thống đối tác; mỗi số một hồ sơ."))
    procedure = LineInput(max_length=50, help_text=_("Mã thủ tục."))
    agency = LineInput(max_length=35, help_text=_("Mã định danh cơ quan tiếp nhận."))
    channel = ChoiceInput(choices=SubmissionChannel.choices)
    code = LineInput(
        max_length=60, required=False, help_text=_("Mã hồ sơ đã cấp; không có thì được cấp khi tiếp nhận.")
    )
    from_portal = FlagInput(required=False)
    is_test = FlagInput(
        required=False, help_text=_("Hồ sơ thử, không được đồng bộ lên Cổng. Với đối tác thử: luôn là true.")
    )
    accept = FlagInput(required=False, help_text=_("false: mới đăng ký, chưa tiếp nhận."))
    received_at = InstantInput(required=False, help_text=_("Lúc nộp; không có thì là bây giờ."))
    papers = ListInput(child=PaperInput(), required=False, max_length=200)
    fees: ListInput = ListInput(child=FeeInput(), required=False, max_length=50)
    by = ByInput(required=False)


class Catalogue:
    """Procedures, communes and the partner's agencies by code, each looked up once."""

    def __init__(self, colleague: PartnerActor) -> None:
        self.colleague = colleague
        self._procedures: dict[str, Procedure | None] = {}
        self._agencies: dict[str, Agency | None] = {}
        self.communes = CommuneCodes()

    def look_up(self, procedures: Iterable[str], agencies: Iterable[str]) -> list[Agency]:
        """Reads the procedures and agencies of many dossiers at once. Returns the agencies not read before."""
        unknown = {code for code in procedures if code not in self._procedures}
        if unknown:
            self._procedures |= dict.fromkeys(unknown)
            rows = Procedure.objects.filter(code__in=unknown)
            self._procedures |= {procedure.code: procedure for procedure in rows}
        unknown = {code for code in agencies if code not in self._agencies}
        if not unknown:
            return []
        ours = self.colleague.agencies.filter(code__in=unknown).select_related("level1")  # scope: hand in
        read = list(ours)
        self._agencies |= dict.fromkeys(unknown)
        self._agencies |= {agency.code: agency for agency in read}
        return read

    def procedure(self, code: str) -> Procedure | None:
        self.look_up([code], [])
        return self._procedures[code]

    def agency(self, code: str) -> Agency | None:
        """The agency, or None; also None for one outside the partner's scope, so as not to reveal that it exists."""
        self.look_up([], [code])
        return self._agencies[code]


def new_dossier(data: Validated, catalogue: Catalogue) -> Dossier:
    """A dossier from `data` (as `DossierInput` reads it), not saved. Raises InputRefused by field."""
    procedure, agency = catalogue.procedure(data["procedure"]), catalogue.agency(data["agency"])
    errors: dict[str, Reasons] = {}
    if procedure is None:
        errors["procedure"] = Refused(_("Không có thủ tục này."), "unknown")
    if agency is None:
        errors["agency"] = Refused(_("Không có cơ quan này trong phạm vi của đối tác."), "unknown")
    partner = catalogue.colleague.partner
    if partner.is_test and data.get("is_test") is False:
        errors["is_test"] = Refused(_("Đối tác thử chỉ nộp được hồ sơ thử."), "test_only")
    if procedure is None or agency is None or errors:
        raise InputRefused(errors)
    own = amendable(data, catalogue.communes)
    own |= {name: data[name] for name in ("from_portal", "is_test") if name in data}
    if partner.is_test:
        own["is_test"] = True
    return Dossier(
        procedure=procedure,
        agency=agency,
        unit=agency,
        channel=data["channel"],
        code=data.get("code"),
        partner=partner,
        external_id=data["external_id"],
        **own,
    )


def amendable(data: Validated, communes: CommuneCodes) -> dict[str, Any]:  # Any: each column has its type
    """What `data` says of the columns that may be amended. Raises InputRefused for an unknown commune."""
    own = {name: data[name] for name in lifecycle.AMENDABLE if name in data}
    if FIELD in data:
        own["commune"] = communes.commune(data[FIELD])
    return own


def papers_and_fees(data: Validated, at: datetime, received_by: str) -> tuple[list[Paper], list[Fee]]:
    """The papers and fees of the dossier in `data`, not saved."""
    papers = [
        Paper(
            name=paper["name"],
            quantity=paper.get("quantity", 1),
            form=paper.get("form", ""),
            received_at=at,
            received_by=received_by,
        )
        for paper in data.get("papers", ())
    ]
    return papers, [fee_of(fee, at) for fee in data.get("fees", ())]


def fee_of(data: Validated, at: datetime) -> Fee:
    paid = data.get("is_paid", False)
    return Fee(
        name=data["name"],
        amount=data["amount"],
        phase=Phase(data.get("phase", Phase.RECEPTION)),
        is_mandatory=data.get("is_mandatory", True),
        paid_at=at if paid else None,
        method=Fee.Method.ONLINE if paid else "",
        receipt_no=data.get("receipt_no", ""),
    )


def actor_of(data: Validated, colleague: PartnerActor) -> PartnerActor:
    """The person named in the call, otherwise the partner itself."""
    by = data.get("by")
    return colleague.named(by["name"], by.get("position", "")) if by else colleague


def receive(dossier: Dossier, data: Validated, colleague: PartnerActor, store: Store = DATABASE) -> None:
    """Takes `dossier` in, at the time and by the person in `data`. Raises InputRefused by field of the contract."""
    actor, at = actor_of(data, colleague), data.get("received_at") or timezone.now()
    papers, fees = papers_and_fees(data, at, actor.full_name)
    take_in = lifecycle.receive if data.get("accept", True) else lifecycle.register
    try:
        take_in(dossier, actor, at=at, papers=papers, fees=fees, store=store)
    except InputRefused as error:
        # The field that the moves call `at` is `received_at` in this contract.
        fields = {"received_at" if name == "at" else name: reasons for name, reasons in error.fields.items()}
        raise InputRefused(fields) from error


def differences(there: Dossier, new: Dossier) -> list[str]:
    """The names of the fields in which a stored dossier differs from the same dossier handed in again."""
    # Where the partner sends no code, the stored one was assigned here.
    compared = [name for name in (*lifecycle.AMENDABLE, *FIXED) if name != "code" or new.code]
    same = {"procedure": "procedure_id", "agency": "agency_id", "commune": "commune_id"}
    return [name for name in compared if getattr(there, same.get(name, name)) != getattr(new, same.get(name, name))]


def taken_in(data: Validated, colleague: PartnerActor) -> tuple[Dossier, bool]:
    """The dossier with the partner's number, and whether it is new. A dossier that is sent twice is taken in once.

    Raises InputRefused by field, also where that number was used for another dossier.
    """
    new = new_dossier(data, Catalogue(colleague))
    there = _there(new)
    if there is None:
        try:
            with transaction.atomic():
                receive(new, data, colleague)
        except IntegrityError:
            # Either another call has just stored the same dossier, or the code is taken.
            there = _there(new)
            if there is None and "code" not in data:
                # The partner sent no code, so it could not correct one.
                raise
            if there is None:
                raise InputRefused({"code": Refused(_("Mã hồ sơ này đã có."), "taken")}) from None
        else:
            return new, True
    if differing := differences(there, new):
        message = _("Số này đã dùng cho hồ sơ khác ở: %(fields)s. Muốn sửa hồ sơ đã nộp, dùng PATCH.")
        fields = ", ".join(FIELD if name == "commune" else name for name in differing)
        raise InputRefused({"external_id": Refused(message, "taken", {"fields": fields})})
    return there, False


def _there(new: Dossier) -> Dossier | None:
    return Dossier.objects.filter(partner=new.partner, external_id=new.external_id).first()
