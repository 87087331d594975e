"""Form 02: what is missing in this request for a supplement, and until when it may come."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from reportlab.platypus import Flowable

from onestop.catalog.models import Procedure
from onestop.dossiers.documents.context import FormContext
from onestop.dossiers.documents.kinds import FormKind, FormSet, FormTitle
from onestop.dossiers.documents.parts import (
    Signer,
    applicant,
    codes,
    fee_table,
    head,
    line,
    paper_table,
    sentences,
    signatures,
    typed,
)
from onestop.dossiers.documents.sheet import SMALL
from onestop.dossiers.documents.typeface.typography import bold, hour_and_day, paragraph, plain
from onestop.dossiers.models import Move, effective

_TITLE = FormTitle("02", "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ")


def parts(context: FormContext) -> list[Flowable]:
    made = context.transition
    # The n-th such move that stands made the n-th supplement.
    earlier = effective(context.dossier.transitions.filter(pk__lte=made.pk))
    requests = [move for move in earlier if move.move == Move.ASK_SUPPLEMENT]
    supplement = context.dossier.supplements.get(ordinal=len(requests))
    papers, fees = list(supplement.papers.all()), list(supplement.fees.all())
    who = ", ".join(filter(None, (context.signer, made.actor_position if context.signer else "", made.unit.name)))
    heading = f"Yêu cầu bổ sung, hoàn thiện lần {supplement.ordinal}:"
    respond_by = hour_and_day(supplement.respond_by) if supplement.respond_by else ""
    return [
        *head(SMALL, context),
        *codes(SMALL, context),
        *applicant(SMALL, context),
        paragraph(bold(heading), SMALL.letters, before=4, after=2),
        *typed(SMALL, supplement.request),
        *([paper_table(SMALL, "Giấy tờ cần bổ sung", papers)] if papers else []),
        *([fee_table(SMALL, fees, context.at)] if fees else []),
        *line(SMALL, "Bổ sung trước", respond_by, strong=True),
        *_clock(context),
        sentences(SMALL, f"Nếu cần hướng dẫn thêm, đề nghị {context.salutation} liên hệ {plain(who)}."),
        signatures(
            SMALL,
            None,
            Signer("Người hướng dẫn", name=context.signer),
            line(SMALL, "Theo dõi hồ sơ tại", context.look_up),
        ),
    ]


def _clock(context: FormContext) -> list[Flowable]:
    """How the pause changes the due instant; nothing before the dossier is accepted."""
    if context.dossier.accepted_at is None or context.dossier.accepted_at > context.at:
        return []
    restarts = context.dossier.procedure.after_supplement == Procedure.AfterSupplement.RESTART
    how = "được tính lại từ đầu" if restarts else "được tính tiếp phần còn lại"
    return [
        sentences(SMALL, f"Thời hạn giải quyết tạm dừng từ lúc này và {how} khi cơ quan nhận đủ nội dung bổ sung.")
    ]


KIND = FormKind(
    "supplement_request",
    _("phiếu yêu cầu bổ sung"),
    {FormSet.TT01_2018: _TITLE, FormSet.TT03_2025: _TITLE},
    parts,
    (Move.ASK_SUPPLEMENT,),
)
