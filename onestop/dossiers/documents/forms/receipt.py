"""Form 01: what was handed in, when the result is due, how it is fetched."""

from __future__ import annotations

from reportlab.platypus import Flowable

from onestop.catalog.models import SubmissionChannel
from onestop.dossiers.documents.context import FormContext
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
from onestop.dossiers.models import ReturnMethod

_GIVER_HINTS = {
    SubmissionChannel.DIRECT: "(Ký, ghi rõ họ tên)",
    SubmissionChannel.ONLINE: "(Nộp trực tuyến)",
    SubmissionChannel.POSTAL: "(Nộp qua bưu chính)",
}


def parts(occasion: FormContext) -> list[Flowable]:
    dossier = occasion.dossier
    due_date = occasion.due_date()
    due = hour_and_day(due_date.due_at) if due_date and due_date.due_at else "sẽ thông báo sau"
    return [
        *head(SMALL, occasion),
        *codes(SMALL, occasion),
        *applicant(SMALL, occasion),
        *_contents(occasion),
        # Further copies of a paper stand beside it; what is numbered and goes through the office is one set.
        *short_lines(
            SMALL,
            ("Số lượng hồ sơ", "01 bộ"),
            ("Hình thức nộp", dossier.get_channel_display()),
            ("Thời hạn giải quyết", occasion.promise.in_words),
        ),
        *_fees(occasion),
        *line(SMALL, "Nhận kết quả", _where_returned(occasion)),
        *line(SMALL, "Tra cứu tại", occasion.look_up),
        signatures(
            SMALL,
            Signer("Người nộp hồ sơ", _GIVER_HINTS[SubmissionChannel(dossier.channel)]),
            Signer("Người tiếp nhận hồ sơ", name=occasion.signer),
            [boxes(SMALL, ("Nhận hồ sơ lúc", hour_and_day(occasion.at)), ("Hẹn trả kết quả lúc", due))],
        ),
    ]


def _contents(occasion: FormContext) -> list[Flowable]:
    papers = list(occasion.papers())
    files = occasion.dossier.attachments.filter(uploaded_at__lte=occasion.at).count()
    listed = [paper_table(SMALL, "Thành phần hồ sơ đã nộp", papers)] if papers else []
    return [*listed, *line(SMALL, "Tệp điện tử kèm theo", f"{files} tệp" if files else "")]


def _fees(occasion: FormContext) -> list[Flowable]:
    fees = list(occasion.fees())
    return [fee_table(SMALL, fees, occasion.at)] if fees else []


def _where_returned(occasion: FormContext) -> str:
    if occasion.dossier.return_method == ReturnMethod.DIRECT:
        return f"trực tiếp tại {occasion.desk}"
    return "qua bưu chính, đến địa chỉ của chủ hồ sơ"
