"""Form 03: why the dossier is not taken, or not granted."""

from __future__ import annotations

from reportlab.platypus import Flowable

from onestop.dossiers.documents.context import FormContext
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


def parts(occasion: FormContext) -> list[Flowable]:
    at_the_counter = occasion.transition.move == Move.REFUSE
    done = (
        "không tiếp nhận, giải quyết hồ sơ này" if at_the_counter else "từ chối giải quyết hồ sơ này sau khi thẩm tra"
    )
    who = plain(occasion.desk if at_the_counter else occasion.agency.name)
    decision = decision_in(occasion.transition)
    end = sentences(SMALL, f"Xin thông báo để {occasion.salutation} được biết.")
    return [
        *head(SMALL, occasion),
        *codes(SMALL, occasion),
        *applicant(SMALL, occasion),
        sentences(SMALL, f"Qua xem xét, {who} {done}."),
        *typed(SMALL, occasion.transition.comment, "Lý do: "),
        *([sentences(SMALL, f"{plain(in_whose_name(decision))}.")] if decision else []),
        signatures(
            SMALL,
            Signer("Người nộp hồ sơ"),
            Signer("Người tiếp nhận hồ sơ" if at_the_counter else "Người thông báo", name=occasion.signer),
            [end],
        ),
    ]
