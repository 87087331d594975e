"""Random offices whose dossiers lived through every kind of move, many of them at an instant where counting turns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.utils import timezone

from onestop.catalog.calendar import calendar_of
from onestop.catalog.models import Agency, Procedure, SubmissionChannel
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.deadlines.moments import corrected
from onestop.dossiers.deadlines.rules import after_day_off
from onestop.dossiers.lifecycle import MOVES, UNDOABLE
from onestop.dossiers.lifecycle.correcting import correctable
from onestop.dossiers.models import Move
from onestop.dossiers.store import DATABASE, Store, writing_in_bulk
from onestop.staff.models import User
from onestop.statistics.periods import Period
from tests import people

AUTUMN = [Period(2026, 9), Period(2026, 10), Period(2026, 11), Period(2026, quarter=4), Period(2026)]
NEW_YEAR = [Period(2025, 12), Period(2026, 1), Period(2025, quarter=4), Period(2025), Period(2026)]
LATER = datetime(2040, 1, 1, tzinfo=VIETNAM)
GAPS = [timedelta(hours=hours) for hours in (0, 0, 1, 12, 24, 48, 120, 480)]
# So often is each move drawn where it is possible; the others count 1.
WEIGHTS = {Move.ACCEPT: 4, Move.REOPEN: 3, Move.EXTEND: 2, Move.ASK_SUPPLEMENT: 2, Move.CORRECT_TIME: 2}


@dataclass(frozen=True)
class Office:
    """A province with a department and a desk below that, the periods around which its dossiers lived, and its now."""

    agencies: list[Agency]
    periods: list[Period]
    now: datetime
    lives: list[_Life]


def random_offices(random: Random, *, offices: int, dossiers: int) -> list[Office]:
    made = [_an_office(number, random) for number in range(offices)]
    procedures, manager = _procedures(), people.root()
    with writing_in_bulk() as store:
        for office in made:
            for _ in range(dossiers):
                office.lives.append(_Life(random, office, procedures, manager, store))
                office.lives[-1].begin()
                office.lives[-1].live(random.randrange(10))
                office.lives[-1].store = DATABASE
    return made


def live_on(office: Office, random: Random) -> None:
    """A few of its dossiers, already counted, are moved further."""
    for life in random.sample(office.lives, 2):
        life.live(3)


def _an_office(number: int, random: Random) -> Office:
    periods = random.choice((AUTUMN, NEW_YEAR))
    in_between = periods[1].start + timedelta(hours=random.randrange(24 * 40))
    province = people.an_agency(f"R{number}", f"Tỉnh {number}", None, Agency.Level.PROVINCE)
    department = people.an_agency(f"R{number}.1", f"Sở {number}", province, Agency.Level.PROVINCE)
    desk = people.an_agency(f"R{number}.1.1", f"Bộ phận {number}", department, Agency.Level.PROVINCE)
    return Office([province, department, desk], periods, random.choice([LATER, LATER, periods[1].end, in_between]), [])


def _procedures() -> list[Procedure]:
    resume = Procedure.AfterSupplement.RESUME
    return [
        people.a_procedure(),
        people.a_procedure(code="2.1", limit=Decimal("6.25"), after_supplement=resume),
        people.a_procedure(code="2.2", limit=Decimal(4), limit_unit=Procedure.Unit.HOURS),
        people.a_procedure(code="2.3", limit=Decimal(15), limit_unit=Procedure.Unit.DAYS),
        people.a_procedure(code="2.4", limit=None, limit_unit=""),
    ]


class _Life:
    """One dossier's way, drawn move by move from those that are possible."""

    def __init__(
        self, random: Random, office: Office, procedures: list[Procedure], manager: User, store: Store
    ) -> None:
        agency = random.choice(office.agencies)
        self.random, self.office, self.manager, self.store = random, office, manager, store
        self.dossier = people.a_new_dossier(
            procedure=random.choice(procedures),
            agency=agency,
            channel=random.choice(list(SubmissionChannel)),
            is_test=random.random() < 0.05,
        )
        self.extended = False
        self.edges = sorted({edge for period in office.periods for edge in (period.start, period.end)})

    def begin(self) -> None:
        first = self.office.periods[0].start - timedelta(days=15)
        begun = self.random.choice([first + timedelta(hours=self.random.randrange(24 * 75)), *self.edges[1:4]])
        begun = min(begun, self.office.now - timedelta(hours=1))
        if self.random.random() < 0.7:
            lifecycle.receive(self.dossier, None, at=begun, store=self.store)
        else:
            lifecycle.register(self.dossier, None, at=begun, store=self.store)

    def live(self, most: int) -> None:
        """Up to so many moves, none of them after the office's now."""
        for _ in range(most):
            moves, at = self.possible(), self.when()
            if not moves or at >= self.office.now:
                return
            move = self.random.choices(moves, [WEIGHTS.get(move, 1) for move in moves])[0]
            if move in UNDOABLE and self.dossier.pk is not None and self.random.random() < 0.3:
                self.slip(move, at)
            else:
                self.make(move, at)

    def slip(self, move: Move, at: datetime) -> None:
        """The manager makes a move by mistake, some time after the last one, and undoes it."""
        at = max(at, self.dossier.moved_at + timedelta(microseconds=1))
        undone_at = at + self.random.choice([timedelta(), timedelta(minutes=9)])
        if undone_at >= self.office.now:
            return
        self.make(move, at, self.manager)
        lifecycle.undo(self.dossier, self.manager, at=undone_at, store=self.store)

    def possible(self) -> list[Move]:
        dossier = self.dossier
        moves = [move for move, rule in MOVES.items() if dossier.state in rule.sources]
        if Move.EXTEND in moves and (dossier.due_at is None or self.extended):
            moves.remove(Move.EXTEND)
        if Move.POSTPONE in moves and not self.is_due_on_a_day_off():
            moves.remove(Move.POSTPONE)
        if dossier.pk is None:
            # What happened is put right only once it is on record.
            moves.remove(Move.CORRECT_TIME)
        return moves

    def is_due_on_a_day_off(self) -> bool:
        dossier = self.dossier
        if dossier.pk is None or dossier.due_at is None:
            return False
        in_time = dossier.finished_at is not None and dossier.finished_at <= dossier.due_at
        return not in_time and after_day_off(dossier.due_at, calendar_of(dossier.agency)) is not None

    def when(self) -> datetime:
        """An instant not before the last move: any, or just where a period or the time allowed ends."""
        last, due = self.dossier.moved_at, self.dossier.due_at
        turns = [edge for edge in self.edges if edge >= last][:2]
        turns += [due, due + timedelta(microseconds=1)] if due and due >= last else []
        if turns and self.random.random() < 0.4:
            return self.random.choice(turns)
        return last + self.random.choice(GAPS)

    def make(self, move: Move, at: datetime, actor: User | None = None) -> None:
        dossier = self.dossier
        match move:
            case Move.ASK_PAYMENT:
                lifecycle.ask_payment(dossier, actor, fees=[people.a_fee()], at=at, store=self.store)
            case Move.AMEND:
                # Another each time: one that changes nothing is refused.
                lifecycle.amend(
                    dossier, actor, changes={"phone": f"09{self.random.randrange(10**8):08}"}, at=at, store=self.store
                )
            case Move.EXTEND:
                lifecycle.extend(dossier, actor, due_at=self.later_due(at), comment="x", at=at, store=self.store)
                self.extended = True
            case Move.HAND_OVER:
                unit = self.random.choice([unit for unit in self.office.agencies if unit != dossier.unit])
                lifecycle.hand_over(dossier, actor, unit=unit, at=at, store=self.store)
            case Move.RETURN_RESULT:
                # A withdrawal or a stop may have left a fee open; it is paid before the result is fetched.
                for fee in self.store.open_fees(dossier):
                    fee.paid_at = at
                    self.store.update(fee)
                lifecycle.return_result(dossier, actor, at=at, store=self.store)
            case Move.REOPEN:
                lifecycle.reopen(dossier, self.manager, comment="x", at=at, store=self.store)
            case Move.POSTPONE:
                lifecycle.postpone(dossier, self.manager, comment="x", at=at, store=self.store)
            case Move.CORRECT_TIME:
                self.correct()
            case _:
                lifecycle.MAKE[move](dossier, actor, comment="x", at=at, store=self.store)

    def correct(self) -> None:
        """One of its moves was made at another time between its neighbours, or just where a period ends."""
        made = list(self.dossier.transitions.all())
        moves, moments = correctable(made), corrected(made)
        number = self.random.randrange(len(moves))
        wrong = moves[number]
        first = moments[moves[number - 1].pk] if number else moments[wrong.pk] - timedelta(days=40)
        # None of them after the office's now.
        end = min(timezone.now(), self.office.now - timedelta(hours=1))
        last = moments[moves[number + 1].pk] if number + 1 < len(moves) else end
        between = [first + (last - first) * self.random.random(), first, last, *self.edges]
        right = [at for at in between if first <= at <= last and at != moments[wrong.pk]]
        if right:
            to = self.random.choice(right)
            lifecycle.correct_time(self.dossier, self.manager, step=wrong.pk, to=to, comment="x", store=self.store)

    def later_due(self, at: datetime) -> datetime:
        floor = max(self.dossier.due_at or at, at)
        edges = [edge for edge in self.edges if edge > floor]
        return self.random.choice([floor + timedelta(days=3), *edges[:1]])
