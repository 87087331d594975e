"""What became of a dossier, as its applicant is told: the outcome, why it is not the requested one, what to do."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onestop.common.errors import sentence
from onestop.dossiers.models import Dossier, Move, State, Transition

# The move that ended the dossier without a result, by its state; its comment is the reason.
_ENDED_BY = {State.REFUSED: Move.REFUSE, State.WITHDRAWN: Move.WITHDRAW, State.STOPPED: Move.STOP}


@dataclass(frozen=True)
class DossierOutcome:
    """`reason` is empty where the requested result was given."""

    title: str | Promise
    reason: str = ""
    steps: list[str | Promise] = field(default_factory=list)


def outcome_of(dossier: Dossier) -> DossierOutcome | None:
    """None while the dossier is worked on."""
    if dossier.decided_at is not None and dossier.approved is not None:
        return _granted(dossier) if dossier.approved else _denied(dossier)
    move = _ENDED_BY.get(State(dossier.state))
    if move is None:
        return None
    reason = _reason(dossier, move)
    match move:
        case Move.REFUSE:
            return DossierOutcome(_("Hồ sơ không được tiếp nhận"), reason, [_complete(dossier), _ask(dossier)])
        case Move.WITHDRAW:
            return DossierOutcome(_("Hồ sơ đã được rút theo đề nghị của người nộp"), reason, [_again(dossier)])
        case _:
            return DossierOutcome(_("Hồ sơ đã dừng xử lý, không có kết quả"), reason, [_again(dossier), _ask(dossier)])


def _granted(dossier: Dossier) -> DossierOutcome:
    return DossierOutcome(_("Hồ sơ đã được giải quyết"), steps=[] if dossier.returned_at else [_bring(), _at(dossier)])


def _denied(dossier: Dossier) -> DossierOutcome:
    steps = [_complete(dossier), _complain()]
    if not dossier.returned_at:
        steps = [_bring(), _at(dossier), *steps]
    return DossierOutcome(_("Hồ sơ bị từ chối giải quyết"), dossier.decision_note, steps)


def _reason(dossier: Dossier, move: Move) -> str:
    last = Transition.objects.filter(dossier=dossier, move=move).last()
    return last.comment if last else ""


def _bring() -> str | Promise:
    return _("Mang theo giấy tiếp nhận và hẹn trả kết quả, cùng giấy tờ tùy thân khi đến nhận kết quả.")


def _at(dossier: Dossier) -> str:
    return sentence(_("Nơi trả kết quả: Bộ phận Một cửa %(agency)s."), agency=dossier.agency.name)


def _complete(dossier: Dossier) -> str:
    text = _("Hoàn thiện hồ sơ theo lý do trên, rồi nộp lại tại Bộ phận Một cửa %(agency)s hoặc trực tuyến.")
    return sentence(text, agency=dossier.agency.name)


def _again(dossier: Dossier) -> str:
    text = _("Khi cần, nộp hồ sơ mới tại Bộ phận Một cửa %(agency)s hoặc trực tuyến.")
    return sentence(text, agency=dossier.agency.name)


def _ask(dossier: Dossier) -> str:
    return sentence(_("Nếu cần hướng dẫn, liên hệ Bộ phận Một cửa %(agency)s."), agency=dossier.agency.name)


def _complain() -> str | Promise:
    return _("Nếu không nhất trí với kết quả này, ông/bà có quyền khiếu nại theo quy định của Luật Khiếu nại.")
