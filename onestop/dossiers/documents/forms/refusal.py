"""Form 03: why the dossier is not received, or not granted."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from reportlab.platypus import Flowable

from onestop.dossiers.documents.context import FormContext
from onestop.dossiers.documents.kinds import FormKind, FormSet, FormTitle
from onestop.dossiers.documents.parts import (
    Signer,
    applicant,
    codes,
    head,
    in_whose_name,
    sentences,
    signatures,
    typed,
)
from onestop.dossiers.documents.sheet import SMALL
from onestop.dossiers.documents.typeface.typography import plain
from onestop.dossiers.lifecycle.approving import decision_in
from onestop.dossiers.models import Move

_TITLE = FormTitle("03", "Phiếu từ chối tiếp nhận giải quyết hồ sơ")


def parts(context: FormContext) -> list[Flowable]:
    at_the_counter = context.transition.move == Move.REFUSE
    done = (
        "không tiếp nhận, giải quyết hồ sơ này" if at_the_counter else "từ chối giải quyết hồ sơ này sau khi thẩm tra"
    )
    who = plain(context.desk if at_the_counter else context.agency.name)
    decision = decision_in(context.transition)
    end = sentences(SMALL, f"Xin thông báo để {context.salutation} được biết.")
    return [
        *head(SMALL, context),
        *codes(SMALL, context),
        *applicant(SMALL, context),
        sentences(SMALL, f"Qua xem xét, {who} {done}."),
        *typed(SMALL, context.transition.comment, "Lý do: "),
        *([sentences(SMALL, f"{plain(in_whose_name(decision))}.")] if decision else []),
        signatures(
            SMALL,
            Signer("Người nộp hồ sơ"),
            Signer("Người tiếp nhận hồ sơ" if at_the_counter else "Người thông báo", name=context.signer),
            [end],
        ),
    ]


# At the counter, or after examination (NĐ 61/2018 điều 17 and 19.8).
KIND = FormKind(
    "refusal",
    _("phiếu từ chối"),
    {FormSet.TT01_2018: _TITLE, FormSet.TT03_2025: _TITLE},
    parts,
    (Move.REFUSE, Move.DENY),
)
