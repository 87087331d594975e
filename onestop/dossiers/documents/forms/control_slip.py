"""Form 05 of TT 01/2018, 06 of TT 03/2025: who gave the dossier to whom, and whether each step was in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from onestop.catalog.models import Agency
from onestop.dossiers.deadlines.moments import corrected
from onestop.dossiers.documents.context import FormContext
from onestop.dossiers.documents.kinds import FormKind, FormSet, FormTitle
from onestop.dossiers.documents.parts import (
    Column,
    Signer,
    codes,
    head,
    in_whose_name,
    line,
    request,
    short_lines,
    signatures,
    table,
)
from onestop.dossiers.documents.sheet import LARGE
from onestop.dossiers.documents.typeface.typography import CENTER, LEFT, bold, hour_and_day, plain
from onestop.dossiers.lifecycle.approving import decision_in
from onestop.dossiers.models import Move, Transition, effective

_COLUMNS: list[Column] = [
    ("TT", 8 * mm, CENTER),
    ("Việc, thời điểm", 33 * mm, LEFT),
    ("Người giao", 32 * mm, LEFT),
    ("Người nhận, thực hiện", 39 * mm, LEFT),
    ("Hạn", 20 * mm, CENTER),
    ("Kết quả", 18 * mm, CENTER),
    ("Ghi chú", 0, LEFT),
]
# Named once, above the table.
_APPLICANT = "Chủ hồ sơ"
_SUBMITTER = "Người nộp hồ sơ"
_PAUSING = (Move.ASK_SUPPLEMENT, Move.ASK_PAYMENT)
_ENDING = (Move.APPROVE, Move.DENY, Move.WITHDRAW, Move.STOP)
_TITLE = "Phiếu kiểm soát quá trình giải quyết hồ sơ"
_TITLES = {FormSet.TT01_2018: FormTitle("05", _TITLE), FormSet.TT03_2025: FormTitle("06", _TITLE)}


def parts(context: FormContext) -> list[Flowable]:
    dossier, due_date, steps = context.dossier, context.due_date(), _steps(context)
    due = due_date.due_at if due_date else None
    opinions = dossier.opinions.filter(asked_at__lte=context.at).select_related("agency")
    return [
        *head(LARGE, context),
        # The slip stays in the office, and the QR code opens pages that are the applicant's alone.
        *codes(LARGE, context, with_look_up=False),
        *line(LARGE, "Chủ hồ sơ", dossier.applicant_name, strong=True),
        *request(LARGE, context),
        *line(LARGE, "Cơ quan giải quyết", context.agency.name),
        *line(LARGE, "Cơ quan phối hợp", "; ".join(dict.fromkeys(opinion.agency.name for opinion in opinions))),
        *short_lines(
            LARGE,
            ("Nhận hồ sơ lúc", hour_and_day(dossier.accepted_at) if dossier.accepted_at else ""),
            ("Hẹn trả kết quả lúc", hour_and_day(due) if due else "không xác định"),
        ),
        table(LARGE, _COLUMNS, _rows(context, steps, due), size=10),
        signatures(LARGE, None, Signer("Người lập phiếu"), _whole(context, steps, due)),
    ]


def _steps(context: FormContext) -> list[Transition]:
    """Every move that stands but the registration, at which the dossier is not handed to anybody."""
    moves = context.dossier.transitions.filter(pk__lte=context.transition.pk)
    made = effective(moves.select_related("unit", "partner"))
    moments = corrected(context.dossier.transitions.all())
    for step in made:
        # The corrected moment, for the slip only; a move is never saved again.
        step.at = moments[step.pk]
    return [step for step in made if step.move != Move.REGISTER]


def _rows(context: FormContext, steps: Sequence[Transition], due: datetime | None) -> Iterator[list[str]]:
    """For each step: who gave, who received, until when, and whether it was in time."""
    receiving = {step.facts["to_unit"] for step in steps if step.move == Move.HAND_OVER}
    units = Agency.objects.in_bulk(receiving, field_name="code")
    for number, step in enumerate(steps, 1):
        text = step.facts.get("step_due")
        step_due = due if step.move == Move.ACCEPT else datetime.fromisoformat(text) if text else None
        # In whose name a decision was made is noted where that is not the person who recorded it.
        decision = decision_in(step)
        decided = plain(in_whose_name(decision)) if decision and (decision.recorded_by or decision.sent_by) else ""
        yield [
            str(number),
            f"{bold(capfirst(step.get_move_display()))}<br/>{hour_and_day(step.at)}",
            *_hands(step, units, _SUBMITTER if context.dossier.submitter_name else _APPLICANT),
            hour_and_day(step_due) if step_due else "",
            _result(step, steps[number:], step_due, context.at) if step_due else "",
            "<br/>".join(filter(None, (decided, plain(step.comment)))),
        ]


def _whole(context: FormContext, steps: Sequence[Transition], due: datetime | None) -> list[Flowable]:
    """Whether the dossier as a whole was in time."""
    accepted = next(number for number, step in enumerate(steps, 1) if step.accepted)
    if due is None:
        return []
    return line(LARGE, "Kết quả chung", _result(steps[accepted - 1], steps[accepted:], due, context.at), strong=True)


def _hands(step: Transition, units: Mapping[str, Agency], submitter: str) -> tuple[str, str]:
    """Giver and receiver; for a step at which nothing is handed over, only the person who made it.

    `submitter`: who handed the dossier in.
    """
    doer = _person(step.actor_name if step.actor_id else "", step.actor_position, step.unit.name)
    match step.move:
        case Move.ACCEPT:
            return submitter, doer
        case Move.RECEIVE_SUPPLEMENT | Move.RECEIVE_PAYMENT:
            return _APPLICANT, doer
        case Move.RETURN_RESULT:
            return doer, _APPLICANT
        case Move.HAND_OVER:
            code = step.facts["to_unit"]
            unit = units[code].name if code in units else code
            return doer, _person(step.facts.get("to_officer", ""), "", unit)
        case _:
            return "", doer


def _person(name: str, position: str, unit: str) -> str:
    return "<br/>".join(filter(None, (bold(name) if name else "", plain(position), plain(unit))))


def _result(step: Transition, later: Sequence[Transition], due: datetime, until: datetime) -> str:
    """Whether the person who received the dossier by `step` is in time with `due`, as of `until`."""
    end = _end(step, later)
    mine = later[: later.index(end)] if end else later
    # The dossier's own due instant moves with its pauses; that of a step does not.
    if step.move == Move.HAND_OVER and any(move.move in _PAUSING for move in mine):
        return "có tạm dừng"
    done = end.at if end else until
    if done > due:
        return "quá hạn"
    if end is None:
        return "đang làm"
    return "trước hạn" if timezone.localdate(done) < timezone.localdate(due) else "đúng hạn"


def _end(step: Transition, later: Sequence[Transition]) -> Transition | None:
    """The move that ended `step`; an acceptance ends with the dossier, unless the dossier was reopened."""
    if step.move == Move.HAND_OVER:
        return next((move for move in later if move.move in (Move.HAND_OVER, *_ENDING)), None)
    last = next((move for move in reversed(later) if move.move in (Move.REOPEN, *_ENDING)), None)
    return None if last is None or last.move == Move.REOPEN else last


KIND = FormKind("control_slip", _("phiếu kiểm soát"), _TITLES, parts, sheet=LARGE)
