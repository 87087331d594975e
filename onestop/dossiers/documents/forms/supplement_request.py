"""Form 02: what is missing, in this round of asking, and until when it may come."""

from __future__ import annotations

from reportlab.platypus import Flowable

from onestop.catalog.models import Procedure
from onestop.dossiers.documents.context import FormContext
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
from onestop.dossiers.models import Move, Supplement


def parts(occasion: FormContext) -> list[Flowable]:
    supplement = _round(occasion)
    asked = f"Yêu cầu bổ sung, hoàn thiện lần {supplement.ordinal}:"
    respond_by = hour_and_day(supplement.respond_by) if supplement.respond_by else ""
    return [
        *head(SMALL, occasion),
        *codes(SMALL, occasion),
        *applicant(SMALL, occasion),
        paragraph(bold(asked), SMALL.letters, before=4, after=2),
        *typed(SMALL, supplement.request),
        *_missing(supplement, occasion),
        *line(SMALL, "Bổ sung trước", respond_by, strong=True),
        *_clock(occasion),
        _contact(occasion),
        signatures(
            SMALL,
            None,
            Signer("Người hướng dẫn", name=occasion.signer),
            line(SMALL, "Theo dõi hồ sơ tại", occasion.look_up),
        ),
    ]


def _round(occasion: FormContext) -> Supplement:
    """The n-th time of asking made the n-th round."""
    asked = occasion.dossier.transitions.filter(move=Move.ASK_SUPPLEMENT, pk__lte=occasion.transition.pk)
    return occasion.dossier.supplements.get(ordinal=asked.count())


def _missing(supplement: Supplement, occasion: FormContext) -> list[Flowable]:
    papers, fees = list(supplement.papers.all()), list(supplement.fees.all())
    return [
        *([paper_table(SMALL, "Giấy tờ cần bổ sung", papers)] if papers else []),
        *([fee_table(SMALL, fees, occasion.at)] if fees else []),
    ]


def _clock(occasion: FormContext) -> list[Flowable]:
    """What the waiting does to the due instant, once there is one."""
    if occasion.dossier.accepted_at is None or occasion.dossier.accepted_at > occasion.at:
        return []
    restarts = occasion.dossier.procedure.after_supplement == Procedure.AfterSupplement.RESTART
    how = "được tính lại từ đầu" if restarts else "được tính tiếp phần còn lại"
    return [
        sentences(SMALL, f"Thời hạn giải quyết tạm dừng từ lúc này và {how} khi cơ quan nhận đủ nội dung bổ sung.")
    ]


def _contact(occasion: FormContext) -> Flowable:
    made = occasion.transition
    who = ", ".join(filter(None, (occasion.signer, made.actor_position if occasion.signer else "", made.unit.name)))
    return sentences(SMALL, f"Nếu cần hướng dẫn thêm, đề nghị {occasion.salutation} liên hệ {plain(who)}.")
