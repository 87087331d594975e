"""Which forms there are: their numbers and titles in both sets in force, and which moves each tells of."""

from __future__ import annotations

from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency
from onestop.dossiers.models import Move

FormSet = Agency.FormSet


class FormKind(models.TextChoices):
    RECEIPT = "receipt", _("giấy tiếp nhận và hẹn trả")
    SUPPLEMENT_REQUEST = "supplement_request", _("phiếu yêu cầu bổ sung")
    REFUSAL = "refusal", _("phiếu từ chối")
    APOLOGY = "apology", _("văn bản xin lỗi")
    STOP_NOTICE = "stop_notice", _("thông báo dừng giải quyết")
    CONTROL_SLIP = "control_slip", _("phiếu kiểm soát")


class Form(NamedTuple):
    """One form as its circular names it; a printed paper is in Vietnamese whoever prints it."""

    number: str
    title: str


_RECEIPT = Form("01", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả")
_SUPPLEMENT_REQUEST = Form("02", "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ")
_REFUSAL = Form("03", "Phiếu từ chối tiếp nhận giải quyết hồ sơ")
_CONTROL_SLIP = "Phiếu kiểm soát quá trình giải quyết hồ sơ"

FORMS: dict[FormSet, dict[FormKind, Form]] = {
    FormSet.TT01_2018: {
        FormKind.RECEIPT: _RECEIPT,
        FormKind.SUPPLEMENT_REQUEST: _SUPPLEMENT_REQUEST,
        FormKind.REFUSAL: _REFUSAL,
        FormKind.APOLOGY: Form("04", "Phiếu xin lỗi và hẹn lại ngày trả kết quả"),
        FormKind.CONTROL_SLIP: Form("05", _CONTROL_SLIP),
    },
    FormSet.TT03_2025: {
        FormKind.RECEIPT: _RECEIPT,
        FormKind.SUPPLEMENT_REQUEST: _SUPPLEMENT_REQUEST,
        FormKind.REFUSAL: _REFUSAL,
        FormKind.APOLOGY: Form("04", "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết"),
        FormKind.STOP_NOTICE: Form("05", "Thông báo dừng giải quyết hồ sơ"),
        FormKind.CONTROL_SLIP: Form("06", _CONTROL_SLIP),
    },
}

# As each circular calls the counter and itself.
DESK_NAMES = {FormSet.TT01_2018: "Bộ phận Tiếp nhận và Trả kết quả", FormSet.TT03_2025: "Bộ phận Một cửa"}
CIRCULARS = {FormSet.TT01_2018: "Thông tư 01/2018/TT-VPCP", FormSet.TT03_2025: "Thông tư 03/2025/TT-VPCP"}

# The control slip is not here: it tells of every move up to the one it is printed for.
TOLD_BY: dict[FormKind, tuple[Move, ...]] = {
    FormKind.RECEIPT: (Move.ACCEPT,),
    FormKind.SUPPLEMENT_REQUEST: (Move.ASK_SUPPLEMENT,),
    # At the counter, or after examination (NĐ 61/2018 điều 17 and 19.8).
    FormKind.REFUSAL: (Move.REFUSE, Move.DENY),
    FormKind.APOLOGY: (Move.EXTEND,),
    FormKind.STOP_NOTICE: (Move.WITHDRAW, Move.STOP),
}
