"""Form 05 of TT 03/2025: the dossier is no longer worked on (điều 7: because the applicant asks for it)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from reportlab.platypus import Flowable

from onestop.dossiers.documents.context import FormContext
from onestop.dossiers.documents.kinds import FormKind, FormSet, FormTitle
from onestop.dossiers.documents.parts import UNNUMBERED, codes, head, sealed_by_the_head, sentences, typed
from onestop.dossiers.documents.sheet import SMALL
from onestop.dossiers.documents.typeface.typography import CENTER, bold, hour_and_day, paragraph, plain
from onestop.dossiers.models import Move, Paper

_TITLES = {FormSet.TT03_2025: FormTitle("05", "Thông báo dừng giải quyết hồ sơ")}


def parts(context: FormContext) -> list[Flowable]:
    is_withdrawn = context.transition.move == Move.WITHDRAW
    cause = f"Theo đề nghị của {context.salutation}, " if is_withdrawn else ""
    reason = "Nội dung đề nghị" if is_withdrawn else "Lý do"
    ending = f"{cause}{plain(context.agency.name)} dừng giải quyết hồ sơ này từ {hour_and_day(context.at)}."
    end = f"Xin thông báo để {context.salutation} được biết."
    if any(paper.form == Paper.Form.ORIGINAL for paper in context.papers()):
        end = f"{end} Bản chính các giấy tờ đã nộp được trả lại tại {plain(context.desk)}."
    return [
        *head(SMALL, context, UNNUMBERED),
        *codes(SMALL, context),
        paragraph(f"Kính gửi: {bold(context.dossier.applicant_name)}", SMALL.letters, align=CENTER, after=5),
        sentences(SMALL, context.received),
        sentences(SMALL, ending),
        *typed(SMALL, context.transition.comment, f"{reason}: "),
        sealed_by_the_head(SMALL, [sentences(SMALL, end)]),
    ]


KIND = FormKind("stop_notice", _("thông báo dừng giải quyết"), _TITLES, parts, (Move.WITHDRAW, Move.STOP))
