"""How a move is made: locked, checked against its rule, changed and recorded, all in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from django.core.files.base import File
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from onestop.catalog.calendar import Calendar
from onestop.catalog.models import Phase
from onestop.common.errors import InputRefused, Refused, sentence
from onestop.dossiers.access import sees
from onestop.dossiers.deadlines.dossier import calendar_known, expected_due
from onestop.dossiers.deadlines.moments import check_made
from onestop.dossiers.deadlines.promises import Promise, offered, terms
from onestop.dossiers.files.uploads import attach_all
from onestop.dossiers.models import PAUSED, Dossier, DueDate, Fee, Move, Paper, State, Supplement, Transition
from onestop.dossiers.store import Store
from onestop.partners.models import Actor, PartnerActor
from onestop.staff.models import User

from .news import news_of
from .rules import MANAGED, MOVES, UNDOABLE, possible_moves

# The dossier's columns that a move of `UNDOABLE` may overwrite, besides its state.
OVERWRITABLE: Final = (
    "unit_id",
    "officer_id",
    "paused_at",
    "decided_at",
    "approved",
    "approver_name",
    "approver_position",
    "decision_note",
    "returned_at",
    "return_method",
    "return_note",
    "finished_at",
)


class MoveRefused(Refused):
    """The move may not be made: not in this state, or not by this person."""

    code = "move_refused"


@dataclass
class MoveStep:
    """A move that is being made. `transition` is written last, when the body has set `target` and `facts`."""

    dossier: Dossier
    at: datetime
    target: State
    transition: Transition
    store: Store
    facts: dict[str, object] = field(default_factory=dict)

    @cached_property
    def calendar(self) -> Calendar:
        """The calendar of the agency that answers for the dossier, read once for each move."""
        return self.store.calendar(self.dossier.agency)

    def add(self, papers: Iterable[Paper], fees: Iterable[Fee], supplement: Supplement | None = None) -> None:
        rows: list[Paper | Fee] = [*papers, *fees]
        for row in rows:
            row.dossier = self.dossier
            row.supplement = supplement
            if isinstance(row, Fee):
                row.demanded_at = self.at
            self.store.add(row)

    def attach(self, files: Iterable[File[bytes]], phase: Phase) -> None:
        attach_all(self.dossier, files, phase, self.at, self.store)

    def set_due(
        self,
        due_at: datetime | None,
        why: DueDate.Why,
        promise: Promise | None = None,
        since: datetime | None = None,
    ) -> None:
        """Puts a due instant in force from now on (or `since`), and adds it to the dossier's due dates.

        `promise`: the promise from whose whole limit it was counted, if it was.
        """
        self.dossier.due_at = due_at
        kept = terms(promise) if promise else {}
        row = DueDate(dossier=self.dossier, due_at=due_at, since=since or self.at, why=why, **kept)
        row.calendar_known = calendar_known(self.at, due_at, self.calendar)
        self.store.add(row)

    def promise_again(self, why: DueDate.Why) -> None:
        """Sets the due instant from the procedure's limit of today, counted whole from now on."""
        promise = offered(self.dossier.procedure)
        self.set_due(expected_due(promise, self.at, self.calendar), why, promise)

    def end_pause(self, begun_by: Move) -> Transition:
        """Returns the dossier to the state it was in before the pause. Returns the move that began the pause."""
        pause = self.store.last(self.dossier, begun_by)
        if pause is None or pause.from_state is None:
            raise MoveRefused(_("Không thấy lần tạm dừng nào để kết thúc."))
        self.target = State(pause.from_state)
        return pause


@contextmanager
def moving(
    move: Move, dossier: Dossier, actor: Actor | None, at: datetime | None, comment: str, store: Store
) -> Iterator[MoveStep]:
    """Makes one move, all or nothing:

    1. locks the dossier, so that a second person waits and then sees the new state;
    2. checks the rule: the actor sees the dossier, its state and the role allow the move, no later move was made;
    3. lets the body change the dossier;
    4. writes the dossier, then its transition, which is sent to the portal and counted in the figures;
    5. writes the news of it for the colleagues whose work it concerns.

    Raises MoveRefused, and InputRefused for a wrong moment.
    """
    rule = MOVES[move]
    with store.lock(dossier):
        from_state = None if move == Move.REGISTER else State(dossier.state)
        officer_before = dossier.officer_id
        _check(move, from_state, dossier, actor)
        transition = Transition(
            dossier=dossier,
            move=move,
            from_state=from_state,
            at=_not_before(dossier.moved_at, at),
            actor=actor if isinstance(actor, User) else None,
            partner=actor.partner if isinstance(actor, PartnerActor) else None,
            actor_name=str(actor) if actor else dossier.unit.name,
            actor_position=actor.position if actor else "",
            unit=dossier.unit,
            comment=comment.strip(),
        )
        step = MoveStep(dossier, transition.at, rule.target or State(dossier.state), transition, store)
        before = {name: getattr(dossier, name) for name in OVERWRITABLE} if move in UNDOABLE else {}
        yield step
        if step.target not in PAUSED:
            dossier.paused_at = None
        elif dossier.paused_at is None:
            dossier.paused_at = step.at
        dossier.state = transition.to_state = step.target
        dossier.moved_at = step.at
        transition.accepted = dossier.accepted_at is not None
        transition.facts = step.facts
        transition.overwritten = _overwritten(before, dossier) if move in UNDOABLE else None
        store.save_dossier(dossier)
        store.add(transition)
        for item in news_of(transition, officer_before):
            store.add(item)


def _overwritten(before: Mapping[str, object], dossier: Dossier) -> dict[str, object]:
    """The values of `before` that the dossier no longer has, as JSON."""
    replaced = {name: value for name, value in before.items() if value != getattr(dossier, name)}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in replaced.items()}


def _check(move: Move, state: State | None, dossier: Dossier, actor: Actor | None) -> None:
    if move == Move.UNDO:
        # Open to whoever made the last move, even if the dossier is out of his sight by it: `undoing` checks that.
        return
    if actor is not None and not sees(actor, dossier):
        raise MoveRefused(_("Hồ sơ này không thuộc cơ quan của bạn."))
    if state is not None and state not in MOVES[move].sources:
        message = _("Hồ sơ đang ở trạng thái “%(state)s” nên không thể thực hiện “%(move)s”.")
        refusal = sentence(message, state=state.label, move=move.label)
        raise MoveRefused(sentence("%(refusal)s %(instead)s", refusal=refusal, instead=_instead(dossier, actor)))
    if actor is None:
        if move in MANAGED:
            raise MoveRefused(_("Chỉ lãnh đạo được thực hiện “%(move)s”."), params={"move": move.label})
    elif not actor.has_role(*MOVES[move].roles):
        message = _("Vai trò “%(role)s” không được thực hiện “%(move)s”.")
        refusal = sentence(message, role=lazy(actor.get_role_display, str)(), move=move.label)
        raise MoveRefused(sentence("%(refusal)s %(instead)s", refusal=refusal, instead=_instead(dossier, actor)))


def _instead(dossier: Dossier, actor: Actor | None) -> str:
    """A lazy sentence for a refusal: which moves the actor can make with the dossier now."""
    moves = possible_moves(dossier, actor)
    if not moves:
        # Lazy like every refusal: it may be shown in another language than the one in force now.
        return sentence(_("Hiện không có thao tác nào thuộc quyền của bạn đối với hồ sơ này."))
    names = lazy(lambda: ", ".join(str(move.label) for move in moves), str)()
    return sentence(_("Các thao tác hiện có: %(moves)s."), moves=names)


def _not_before(last: datetime, at: datetime | None) -> datetime:
    """The moment of a move: `at`, or now. Now is never before the last move, even if the clock was set back."""
    now = timezone.now()
    if at is None:
        return max(now, last)
    check_made(at, now)
    if at < last:
        raise InputRefused({"at": _("Thời điểm này trước lần cập nhật gần nhất của hồ sơ.")})
    return at


def required(comment: str) -> str:
    """Returns `comment`. Raises InputRefused if it is blank."""
    if not comment.strip():
        raise InputRefused({"comment": _("Cần ghi rõ lý do hoặc nội dung.")})
    return comment


def as_text(at: datetime | None) -> str:
    """An instant as facts store it, equal for all time zones; "" for None."""
    return timezone.localtime(at).isoformat() if at else ""
