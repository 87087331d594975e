"""How a move is made: locked, checked against its rule, changed and recorded, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils import timezone
from django.utils.translation import gettext as _

from onestop.catalog.models import Phase
from onestop.dossiers.deadlines.dossier import calendar_known, expected_due
from onestop.dossiers.deadlines.moments import check_made
from onestop.dossiers.deadlines.promises import Promise, offered, terms
from onestop.dossiers.files.uploads import attach_all
from onestop.dossiers.models import Dossier, DueDate, Fee, Move, Paper, State, Supplement, Transition
from onestop.dossiers.store import journal
from onestop.partners.models import Actor, PartnerActor
from onestop.staff.models import Role, User


class MoveRefused(Exception):
    """The move may not be made; `str()` says why in the user's language."""


@dataclass(frozen=True)
class MoveRule:
    """From which states a move starts, where it ends, and whose it is.

    `target` None: the state the dossier came from before its pause, or the one it is in; the function says which.
    """

    sources: tuple[State, ...]
    target: State | None
    roles: tuple[Role, ...]


@dataclass
class MoveStep:
    """One move under way. `transition` is written last, when the body has set `target` and `facts`."""

    dossier: Dossier
    at: datetime
    target: State
    transition: Transition
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, papers: Iterable[Paper], fees: Iterable[Fee], supplement: Supplement | None = None) -> None:
        rows: list[Paper | Fee] = [*papers, *fees]
        for row in rows:
            row.dossier = self.dossier
            row.supplement = supplement
            if isinstance(row, Fee):
                row.demanded_at = self.at
            journal().add(row)

    def attach(self, files: Iterable[File[bytes]], phase: Phase) -> None:
        attach_all(self.dossier, files, phase, self.at)

    def set_due(
        self,
        due_at: datetime | None,
        why: DueDate.Why,
        promise: Promise | None = None,
        since: datetime | None = None,
    ) -> None:
        """Puts a due instant in force from now on (or `since`), and keeps it among those that ever were.

        `promise`: what it was counted from, where that is a whole limit.
        """
        known = calendar_known(self.dossier.agency, self.at, due_at)
        self.dossier.due_at = due_at
        kept = terms(promise) if promise else {}
        row = DueDate(dossier=self.dossier, due_at=due_at, since=since or self.at, why=why, **kept)
        row.calendar_known = known
        journal().add(row)

    def promise_anew(self, why: DueDate.Why) -> None:
        """Counts the whole limit that the procedure offers today from now on."""
        promise = offered(self.dossier.procedure)
        self.set_due(expected_due(promise, self.dossier.agency, self.at), why, promise)

    def end_pause(self, asked: Move) -> Transition:
        """Aims the dossier at the state it was in when the pause began, and returns the move that began it."""
        pause = journal().last(self.dossier, (asked,))
        if pause is None or pause.from_state is None:
            raise MoveRefused(_("Không thấy lần tạm dừng nào để kết thúc."))
        self.target = State(pause.from_state)
        return pause


@contextmanager
def moving(
    move: Move,
    rule: MoveRule,
    dossier: Dossier,
    actor: Actor | None,
    at: datetime | None,
    comment: str,
    instead: Callable[[Dossier, Actor | None], str],
) -> Iterator[MoveStep]:
    """Locks, checks the rule, lets the body change the dossier, then writes it and its transition: all or nothing.

    `instead` says what is possible, for whoever tried what is not.
    """
    with journal().turn(dossier):
        from_state = None if move == Move.REGISTER else State(dossier.state)
        _check(move, rule, from_state, dossier, actor, instead)
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
        step = MoveStep(dossier, transition.at, rule.target or State(dossier.state), transition)
        yield step
        dossier.state = transition.to_state = step.target
        dossier.moved_at = step.at
        transition.accepted = dossier.accepted_at is not None
        transition.facts = step.facts
        journal().keep(dossier)
        journal().add(transition)


def _check(
    move: Move,
    rule: MoveRule,
    state: State | None,
    dossier: Dossier,
    actor: Actor | None,
    instead: Callable[[Dossier, Actor | None], str],
) -> None:
    if actor is not None and not sees(actor, dossier):
        raise MoveRefused(_("Hồ sơ này không thuộc cơ quan của bạn."))
    if state is not None and state not in rule.sources:
        said = _("Hồ sơ đang ở trạng thái “%(state)s” nên không thể “%(move)s”.")
        raise MoveRefused(said % {"state": state.label, "move": move.label} + " " + instead(dossier, actor))
    if actor is None:
        if move in (Move.REOPEN, Move.POSTPONE, Move.CORRECT_TIME):
            raise MoveRefused(_("Chỉ lãnh đạo được làm “%(move)s”.") % {"move": move.label})
    elif not actor.has_role(*rule.roles):
        said = _("Vai trò “%(role)s” không được “%(move)s”.") % {"role": actor.get_role_display(), "move": move.label}
        raise MoveRefused(f"{said} {instead(dossier, actor)}")


def sees(actor: Actor, dossier: Dossier) -> bool:
    return actor.oversees(dossier.agency) or actor.oversees(dossier.unit)


def _not_before(last: datetime, at: datetime | None) -> datetime:
    """The time of a move: as told, or now; a clock that was set back cannot put it before the last move."""
    now = timezone.now()
    if at is None:
        return max(now, last)
    check_made(at, now)
    if at < last:
        raise ValidationError({"at": _("Thời điểm này trước lần cập nhật gần nhất của hồ sơ.")})
    return at
