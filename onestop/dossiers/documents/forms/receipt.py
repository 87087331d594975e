"""Form 01: what was handed in, when the result is due, how it is fetched."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from reportlab.platypus import Flowable

from onestop.catalog.models import SubmissionChannel
from onestop.dossiers.documents.context import FormContext
from onestop.dossiers.documents.kinds import FormKind, FormSet, FormTitle
from onestop.dossiers.documents.parts import (
    Signer,
    applicant,
    boxes,
    codes,
    fee_table,
    head,
    line,
    paper_table,
    short_lines,
    signatures,
)
from onestop.dossiers.documents.sheet import SMALL
from onestop.dossiers.documents.typeface.typography import hour_and_day
from onestop.dossiers.models import Move, PrintedForm, ReturnMethod

_GIVER_HINTS = {
    SubmissionChannel.DIRECT: "(Ký, ghi rõ họ tên)",
    SubmissionChannel.ONLINE: "(Nộp trực tuyến)",
    SubmissionChannel.POSTAL: "(Nộp qua bưu chính)",
}
_TITLE = FormTitle("01", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả")


def parts(context: FormContext) -> list[Flowable]:
    dossier = context.dossier
    due_date = context.due_date()
    due = hour_and_day(due_date.due_at) if due_date and due_date.due_at else "sẽ thông báo sau"
    papers, fees, files = context.papers(), context.fees(), context.number_of_files()
    returned = "qua bưu chính, đến địa chỉ của chủ hồ sơ"
    if dossier.return_method == ReturnMethod.DIRECT:
        returned = f"trực tiếp tại {context.desk}"
    return [
        *head(SMALL, context),
        *codes(SMALL, context),
        *applicant(SMALL, context),
        *([paper_table(SMALL, "Thành phần hồ sơ đã nộp", papers)] if papers else []),
        *line(SMALL, "Tệp điện tử kèm theo", f"{files} tệp" if files else ""),
        # Always one set: the office numbers and processes one. Further copies are listed with each paper.
        *short_lines(
            SMALL,
            ("Số lượng hồ sơ", "01 bộ"),
            ("Hình thức nộp", dossier.get_channel_display()),
            ("Thời hạn giải quyết", context.promise.in_words),
        ),
        *([fee_table(SMALL, fees, context.at)] if fees else []),
        *line(SMALL, "Nhận kết quả", returned),
        *line(SMALL, "Tra cứu tại", context.look_up),
        signatures(
            SMALL,
            Signer("Người nộp hồ sơ", _GIVER_HINTS[SubmissionChannel(dossier.channel)], dossier.submitter_name),
            Signer("Người tiếp nhận hồ sơ", name=context.signer),
            [boxes(SMALL, ("Nhận hồ sơ lúc", hour_and_day(context.at)), ("Hẹn trả kết quả lúc", due))],
        ),
    ]


KIND = FormKind(
    PrintedForm.RECEIPT,
    _("giấy tiếp nhận và hẹn trả"),
    {FormSet.TT01_2018: _TITLE, FormSet.TT03_2025: _TITLE},
    parts,
    (Move.ACCEPT,),
)
