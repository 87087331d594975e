"""Where a move reads what it must know and writes what it did.

`lifecycle` talks to the journal in force. `DATABASE`, the usual one, locks the dossier's row and writes at once.
Inside `writing_in_bulk()` thousands of new dossiers live through their moves in memory and are inserted together
at the end: the same functions, so the same rows, at a fraction of the statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

from django.db import transaction
from django.db.models import Max, Model
from django.utils import timezone

from onestop.catalog.calendar import Calendar, calendar_of
from onestop.catalog.models import Agency
from onestop.common.bulk_insert import insert
from onestop.common.notify import announce

from .codes.format import Series
from .deadlines.promises import Promise, kept_with
from .models import Attachment, Dossier, DueDate, Fee, Move, Paper, StatsQueue, Supplement, Transition
from .numbering.holders import CodeHolder, holders_of
from .numbering.sequences import Key, hold, take_codes

Ordered = TypeVar("Ordered", Attachment, Supplement)


class Journal(Protocol):
    def whole(self) -> AbstractContextManager[None]:
        """All that is written inside is kept, or none of it."""

    def turn(self, dossier: Dossier) -> AbstractContextManager[None]:
        """The time in which one move is made: nobody else moves this dossier, and all of it is kept or none."""

    def add(self, row: Model) -> None: ...

    def change(self, row: Model) -> None: ...

    def keep(self, dossier: Dossier) -> None:
        """Writes the dossier as the move left it."""

    def number(self, dossier: Dossier, series: Series) -> None:
        """Gives the dossier the next code of its series, before the move is kept."""

    def hold(self, key: Key) -> None:
        """Lets nobody number dossiers of that identifier and day until all is kept."""

    def holders(self, identifier: str) -> list[CodeHolder]:
        """The agencies whose codes begin with `identifier`."""

    def next_ordinal(self, dossier: Dossier, kind: type[Ordered]) -> int: ...

    def last(self, dossier: Dossier, moves: tuple[Move, ...]) -> Transition | None: ...

    def open_supplement(self, dossier: Dossier) -> Supplement | None: ...

    def open_fees(self, dossier: Dossier) -> list[Fee]: ...

    def awaited_papers(self, dossier: Dossier) -> list[Paper]: ...

    def promise(self, dossier: Dossier) -> Promise | None:
        """The last that was made to the applicant; None where none was, or nobody kept it."""

    def calendar(self, agency: Agency) -> Calendar: ...


class DatabaseJournal:
    """One dossier at a time, its row locked, everything written at once."""

    def whole(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    @contextmanager
    def turn(self, dossier: Dossier) -> Iterator[None]:
        with transaction.atomic():
            if dossier.pk is not None:
                # Its key stays as it is: whoever writes a row that points here, such as who counts, need not wait.
                dossier.refresh_from_db(from_queryset=Dossier.objects.select_for_update(no_key=True))
            yield

    def add(self, row: Model) -> None:
        row.save(force_insert=True)
        if isinstance(row, Transition):
            StatsQueue(dossier=row.dossier).save(force_insert=True)
            announce()

    def change(self, row: Model) -> None:
        row.save(force_update=True)

    def keep(self, dossier: Dossier) -> None:
        dossier.save()

    def number(self, dossier: Dossier, series: Series) -> None:
        (dossier.code,) = take_codes([series])

    def hold(self, key: Key) -> None:
        hold(key)

    def holders(self, identifier: str) -> list[CodeHolder]:
        return holders_of(identifier)

    def next_ordinal(self, dossier: Dossier, kind: type[Ordered]) -> int:
        last = kind._default_manager.filter(dossier=dossier).aggregate(last=Max("ordinal"))["last"]
        return (last or 0) + 1

    def last(self, dossier: Dossier, moves: tuple[Move, ...]) -> Transition | None:
        return dossier.transitions.filter(move__in=moves).last()

    def open_supplement(self, dossier: Dossier) -> Supplement | None:
        return dossier.supplements.filter(received_at=None).last()

    def open_fees(self, dossier: Dossier) -> list[Fee]:
        return list(dossier.fees.open())

    def awaited_papers(self, dossier: Dossier) -> list[Paper]:
        return list(dossier.papers.filter(supplement__isnull=False, received_at=None))

    def promise(self, dossier: Dossier) -> Promise | None:
        made = dossier.due_dates.exclude(procedure_name="").last()
        return kept_with(made) if made else None

    def calendar(self, agency: Agency) -> Calendar:
        return calendar_of(agency)


class BulkJournal:
    """Many new dossiers in memory; `flush` inserts them. Numbers go on from those already given."""

    # Parents first: each kind may point to those before it.
    KINDS: tuple[type[Model], ...] = (
        Dossier,
        StatsQueue,
        Supplement,
        Transition,
        DueDate,
        Paper,
        Fee,
        Attachment,
    )

    def __init__(self, calendars: dict[int, Calendar]) -> None:
        # In the order in which they were written, so that the last can be taken back.
        self._rows: list[Model] = []
        self._of: dict[int, list[Model]] = defaultdict(list)
        self._kept: set[int] = set()
        self._unnumbered: list[tuple[Dossier, Series]] = []
        self._held: list[Key] = []
        self._holders: dict[str, list[CodeHolder]] = {}
        self._calendars = calendars

    @contextmanager
    def whole(self) -> Iterator[None]:
        """What a dossier itself holds in memory stays as it was left; only one that is taken back whole is gone."""
        rows, unnumbered, held = len(self._rows), len(self._unnumbered), len(self._held)
        try:
            yield
        except BaseException:
            self._take_back(rows)
            del self._unnumbered[unnumbered:], self._held[held:]
            raise

    @contextmanager
    def turn(self, dossier: Dossier) -> Iterator[None]:
        if dossier.pk is not None:
            raise ValueError("a bulk journal takes new dossiers only")
        with self.whole():
            yield

    def add(self, row: Model) -> None:
        self._rows.append(row)
        dossier = getattr(row, "dossier", None)
        if dossier is not None:
            self._of[id(dossier)].append(row)

    def change(self, row: Model) -> None:
        """Nothing to do: a row in memory is inserted as it is at the end."""

    def keep(self, dossier: Dossier) -> None:
        if id(dossier) not in self._kept:
            self._kept.add(id(dossier))
            self._rows.append(dossier)

    def number(self, dossier: Dossier, series: Series) -> None:
        """At the end: whoever else numbers dossiers of that day waits only while these are written."""
        self._unnumbered.append((dossier, series))

    def hold(self, key: Key) -> None:
        """At the end, together with those that are numbered."""
        self._held.append(key)

    def holders(self, identifier: str) -> list[CodeHolder]:
        if identifier not in self._holders:
            self._holders[identifier] = holders_of(identifier)
        return self._holders[identifier]

    def next_ordinal(self, dossier: Dossier, kind: type[Ordered]) -> int:
        return 1 + sum(isinstance(row, kind) for row in self._of[id(dossier)])

    def last(self, dossier: Dossier, moves: tuple[Move, ...]) -> Transition | None:
        made = (row for row in reversed(self._of[id(dossier)]) if isinstance(row, Transition))
        return next((transition for transition in made if transition.move in moves), None)

    def open_supplement(self, dossier: Dossier) -> Supplement | None:
        rounds = (row for row in reversed(self._of[id(dossier)]) if isinstance(row, Supplement))
        return next((supplement for supplement in rounds if supplement.received_at is None), None)

    def open_fees(self, dossier: Dossier) -> list[Fee]:
        return [
            row
            for row in self._of[id(dossier)]
            if isinstance(row, Fee) and row.paid_at is None and row.waived_at is None
        ]

    def awaited_papers(self, dossier: Dossier) -> list[Paper]:
        papers = [row for row in self._of[id(dossier)] if isinstance(row, Paper)]
        return [paper for paper in papers if paper.supplement is not None and paper.received_at is None]

    def promise(self, dossier: Dossier) -> Promise | None:
        made = (row for row in reversed(self._of[id(dossier)]) if isinstance(row, DueDate))
        return next((promise for row in made if (promise := kept_with(row)) is not None), None)

    def calendar(self, agency: Agency) -> Calendar:
        if agency.pk not in self._calendars:
            self._calendars[agency.pk] = calendar_of(agency)
        return self._calendars[agency.pk]

    def flush(self) -> None:
        self._give_numbers()
        by_kind: dict[type[Model], list[Model]] = defaultdict(list)
        for row in self._rows:
            by_kind[type(row)].append(row)
            if isinstance(row, Dossier):
                row.refresh_search()
                row.changed_at = timezone.now()
                by_kind[StatsQueue].append(StatsQueue(dossier=row))
        for kind in self.KINDS:
            for row in by_kind[kind]:
                _point_to_parents(row)
            insert(kind, by_kind[kind])
        announce()

    def _give_numbers(self) -> None:
        brought = {row.code for row in self._rows if isinstance(row, Dossier) and row.code}
        wanted = [series for _dossier, series in self._unnumbered]
        codes = take_codes(wanted, beside=brought, held=self._held)
        for (dossier, _series), code in zip(self._unnumbered, codes, strict=True):
            dossier.code = code

    def _take_back(self, rows: int) -> None:
        """Leaves the first `rows` rows."""
        for row in self._rows[rows:]:
            if isinstance(row, Dossier):
                self._kept.remove(id(row))
            elif (dossier := getattr(row, "dossier", None)) is not None:
                self._of[id(dossier)].remove(row)
        del self._rows[rows:]


def _point_to_parents(row: Model) -> None:
    """A row made before its parents were inserted does not know their keys."""
    if isinstance(row, StatsQueue | Supplement | Transition | DueDate | Paper | Fee | Attachment):
        row.dossier = row.dossier
    if isinstance(row, Paper | Fee) and row.supplement is not None:
        row.supplement = row.supplement


DATABASE = DatabaseJournal()
_in_force: ContextVar[Journal] = ContextVar("journal", default=DATABASE)


def journal() -> Journal:
    """The journal in force."""
    return _in_force.get()


@contextmanager
def writing_in_bulk(calendars: dict[int, Calendar] | None = None) -> Iterator[None]:
    """Moves made inside are written together at the end, all or none.

    `calendars`: of agencies by key, for who writes many times and need not read them again; filled as they are read.
    """
    book = BulkJournal({} if calendars is None else calendars)
    with transaction.atomic():
        before = _in_force.set(book)
        try:
            yield
        finally:
            _in_force.reset(before)
        book.flush()
