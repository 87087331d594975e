"""Form 05 of TT 03/2025: the dossier is no longer worked on (điều 7: because the applicant asks for it)."""

from __future__ import annotations

from reportlab.platypus import Flowable

from onestop.dossiers.documents.context import FormContext
from onestop.dossiers.documents.parts import UNNUMBERED, codes, head, sealed_by_the_head, sentences, typed
from onestop.dossiers.documents.sheet import SMALL
from onestop.dossiers.documents.typeface.typography import CENTER, bold, hour_and_day, paragraph, plain
from onestop.dossiers.models import Move, Paper


def parts(occasion: FormContext) -> list[Flowable]:
    asked_for = occasion.transition.move == Move.WITHDRAW
    cause = f"Theo đề nghị của {occasion.salutation}, " if asked_for else ""
    reason = "Nội dung đề nghị" if asked_for else "Lý do"
    ending = f"{cause}{plain(occasion.agency.name)} dừng giải quyết hồ sơ này từ {hour_and_day(occasion.at)}."
    return [
        *head(SMALL, occasion, UNNUMBERED),
        *codes(SMALL, occasion),
        paragraph(f"Kính gửi: {bold(occasion.dossier.applicant_name)}", SMALL.letters, align=CENTER, after=5),
        sentences(SMALL, occasion.received),
        sentences(SMALL, ending),
        *typed(SMALL, occasion.transition.comment, f"{reason}: "),
        sealed_by_the_head(SMALL, [sentences(SMALL, _end(occasion))]),
    ]


def _end(occasion: FormContext) -> str:
    told = f"Xin thông báo để {occasion.salutation} được biết."
    if occasion.papers().filter(form=Paper.Form.ORIGINAL).exists():
        told = f"{told} Bản chính các giấy tờ đã nộp được trả lại tại {plain(occasion.desk)}."
    return told
