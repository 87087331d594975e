"""Where a move reads and writes its rows.

Every move takes a store. `DATABASE`, the usual one, locks the dossier's row and writes at once. `writing_in_bulk()`
gives a store that keeps thousands of dossiers in memory during their moves and writes them together at the end: the
same functions make the same rows, with a fraction of the statements.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from onestop.catalog.calendar import Calendar, calendar_of
from onestop.catalog.models import Agency
from onestop.common.bulk_insert import insert, update
from onestop.common.notify import announce

from .codes.format import Series
from .deadlines.promises import Promise, last_kept
from .models import (
    Attachment,
    Dossier,
    DossierQuerySet,
    DueDate,
    Fee,
    Move,
    NewsItem,
    Paper,
    StatsQueue,
    Supplement,
    Transition,
    effective,
)
from .numbering.holders import CodeHolder, holders_of
from .numbering.sequences import Key, hold, take_codes

Part = TypeVar("Part", Attachment, DueDate, Fee, Paper, Supplement, Transition)
Ordered = TypeVar("Ordered", Attachment, Supplement)


class Store(ABC):
    """The questions of a move about its dossier, answered from the rows that each kind of store returns."""

    @abstractmethod
    def atomic(self) -> AbstractContextManager[None]:
        """Keeps all rows that are written inside, or none of them."""

    @abstractmethod
    def lock(self, dossier: Dossier) -> AbstractContextManager[None]:
        """For one move: no other move of this dossier is made meanwhile, and all rows are kept or none."""

    @abstractmethod
    def save_dossier(self, dossier: Dossier) -> None: ...

    @abstractmethod
    def add(self, row: Model) -> None:
        """Inserts a new row."""

    @abstractmethod
    def update(self, row: Model) -> None:
        """Writes a changed row."""

    @abstractmethod
    def parts(self, dossier: Dossier, kind: type[Part]) -> list[Part]:
        """The dossier's rows of that kind, in the order in which they were added."""

    @abstractmethod
    def number(self, dossier: Dossier, series: Series) -> None:
        """Gives the dossier the next code of its series, before the move is kept."""

    @abstractmethod
    def hold(self, key: Key) -> None:
        """Keeps other processes from numbering dossiers of that identifier and day until all rows are kept."""

    @abstractmethod
    def holders(self, identifier: str) -> list[CodeHolder]:
        """The agencies whose codes begin with `identifier`."""

    @abstractmethod
    def calendar(self, agency: Agency) -> Calendar: ...

    def next_ordinal(self, dossier: Dossier, kind: type[Ordered]) -> int:
        return 1 + max((part.ordinal for part in self.parts(dossier, kind)), default=0)

    def last(self, dossier: Dossier, move: Move) -> Transition | None:
        """The last time that `move` was made, and not undone."""
        made = [part for part in effective(self.parts(dossier, Transition)) if part.move == move]
        return made[-1] if made else None

    def open_supplement(self, dossier: Dossier) -> Supplement | None:
        """The supplement that was requested and not received yet."""
        open_ones = [part for part in self.parts(dossier, Supplement) if part.received_at is None]
        return open_ones[-1] if open_ones else None

    def open_fees(self, dossier: Dossier) -> list[Fee]:
        """Fees neither paid nor waived."""
        return [part for part in self.parts(dossier, Fee) if part.paid_at is None and part.waived_at is None]

    def awaited_papers(self, dossier: Dossier) -> list[Paper]:
        """Papers that were requested in a supplement and not received yet."""
        papers = [part for part in self.parts(dossier, Paper) if part.received_at is None]
        # By key where there is one, which needs no query; a supplement that is not inserted yet has none.
        return [paper for paper in papers if paper.supplement_id is not None or paper.supplement is not None]

    def promise(self, dossier: Dossier) -> Promise | None:
        """The last promise to the applicant; None where none was made, or none was kept."""
        return last_kept(self.parts(dossier, DueDate))


class DatabaseStore(Store):
    """Locks the row of one dossier at a time, and writes everything at once."""

    def atomic(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    @contextmanager
    def lock(self, dossier: Dossier) -> Iterator[None]:
        with transaction.atomic():
            if dossier.pk is not None:
                # NO KEY UPDATE: a process that inserts rows with a foreign key to this one, such as the statistics,
                # need not wait for the lock.
                dossier.refresh_from_db(from_queryset=Dossier.objects.select_for_update(no_key=True))
            yield

    def save_dossier(self, dossier: Dossier) -> None:
        dossier.save()

    def add(self, row: Model) -> None:
        row.save(force_insert=True)
        if isinstance(row, Transition):
            StatsQueue(dossier=row.dossier).save(force_insert=True)
            announce()

    def update(self, row: Model) -> None:
        row.save(force_update=True)

    def parts(self, dossier: Dossier, kind: type[Part]) -> list[Part]:
        return list(kind._default_manager.filter(dossier=dossier).order_by("pk"))

    def number(self, dossier: Dossier, series: Series) -> None:
        (dossier.code,) = take_codes([series])

    def hold(self, key: Key) -> None:
        hold(key)

    def holders(self, identifier: str) -> list[CodeHolder]:
        return holders_of(identifier)

    def calendar(self, agency: Agency) -> Calendar:
        return calendar_of(agency)


class BulkStore(Store):
    """Keeps many dossiers in memory; `flush` writes them. Numbers follow those already taken.

    Dossiers are new, or were locked by `locked`; of those only columns are written, no parts are read.
    """

    # Parents first: each kind may point to those before it.
    KINDS: tuple[type[Model], ...] = (
        Dossier,
        StatsQueue,
        Supplement,
        Transition,
        NewsItem,
        DueDate,
        Paper,
        Fee,
        Attachment,
    )

    def __init__(self, calendars: dict[int, Calendar]) -> None:
        # The values of each locked dossier's columns before its moves.
        self._before: dict[int, dict[str, object]] = {}
        # In the order in which they were written, so that `atomic` can remove the last ones.
        self._rows: list[Model] = []
        self._parts: dict[UUID, list[Model]] = defaultdict(list)
        self._dossiers: set[UUID] = set()
        self._unnumbered: list[tuple[Dossier, Series]] = []
        self._held: list[Key] = []
        self._holders: dict[str, list[CodeHolder]] = {}
        self._calendars = calendars

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Removes the rows written inside if it fails. Changed fields of a dossier in memory stay changed."""
        rows, unnumbered, held = len(self._rows), len(self._unnumbered), len(self._held)
        try:
            yield
        except BaseException:
            while len(self._rows) > rows:
                row = self._rows.pop()
                if isinstance(row, Dossier):
                    self._dossiers.remove(row.uuid)
                elif isinstance(dossier := getattr(row, "dossier", None), Dossier):
                    # It is also the last of the dossier's own rows: all are removed from the end.
                    self._parts[dossier.uuid].pop()
            del self._unnumbered[unnumbered:], self._held[held:]
            raise

    @contextmanager
    def lock(self, dossier: Dossier) -> Iterator[None]:
        if dossier.pk is not None and dossier.pk not in self._before:
            raise ValueError("a bulk store takes new and locked dossiers only")
        with self.atomic():
            yield

    def locked(self, dossiers: DossierQuerySet) -> list[Dossier]:
        """Reads the dossiers and locks them until the rows are written, so that the store takes their moves."""
        # In one order, so that two stores that lock the same dossiers wait for each other and do not stop each other.
        rows = list(dossiers.select_for_update(of=("self",), no_key=True).order_by("pk"))
        self._before |= {row.pk: _columns(row) for row in rows}
        return rows

    def save_dossier(self, dossier: Dossier) -> None:
        if dossier.uuid not in self._dossiers:
            self._dossiers.add(dossier.uuid)
            self._rows.append(dossier)

    def add(self, row: Model) -> None:
        self._rows.append(row)
        if isinstance(dossier := getattr(row, "dossier", None), Dossier):
            self._parts[dossier.uuid].append(row)

    def update(self, row: Model) -> None:
        """Does nothing: a row in memory is inserted as it is at the end."""

    def parts(self, dossier: Dossier, kind: type[Part]) -> list[Part]:
        return [row for row in self._parts[dossier.uuid] if isinstance(row, kind)]

    def number(self, dossier: Dossier, series: Series) -> None:
        """Numbers at the end, so that other processes that number dossiers of that day wait only for the writing."""
        self._unnumbered.append((dossier, series))

    def hold(self, key: Key) -> None:
        """Holds at the end, together with the keys that are numbered."""
        self._held.append(key)

    def holders(self, identifier: str) -> list[CodeHolder]:
        if identifier not in self._holders:
            self._holders[identifier] = holders_of(identifier)
        return self._holders[identifier]

    def calendar(self, agency: Agency) -> Calendar:
        if agency.pk not in self._calendars:
            self._calendars[agency.pk] = calendar_of(agency)
        return self._calendars[agency.pk]

    def flush(self) -> None:
        """Takes the codes, then inserts every row, parents first."""
        brought = {row.code for row in self._rows if isinstance(row, Dossier) and row.code}
        codes = take_codes([series for _, series in self._unnumbered], beside=brought, held=self._held)
        for (dossier, _series), code in zip(self._unnumbered, codes, strict=True):
            dossier.code = code
        by_kind: dict[type[Model], list[Model]] = defaultdict(list)
        there: list[Dossier] = []
        for row in self._rows:
            is_there = isinstance(row, Dossier) and row.pk in self._before
            if not is_there:
                by_kind[type(row)].append(row)
            if isinstance(row, Dossier):
                row.refresh_search()
                row.changed_at = timezone.now()
                by_kind[StatsQueue].append(StatsQueue(dossier=row))
                there += [row] if is_there else []
        self._update(there)
        for kind in self.KINDS:
            for row in by_kind[kind]:
                # Set again: when it was set first, the parent had no key yet.
                for name in ("dossier", "supplement", "transition"):
                    if (parent := getattr(row, name, None)) is not None:
                        setattr(row, name, parent)
            insert(kind, by_kind[kind])
        announce()

    def _update(self, dossiers: Sequence[Dossier]) -> None:
        """Writes the columns that the moves have changed."""
        changed = {
            name
            for dossier in dossiers
            for name, value in _columns(dossier).items()
            if value != self._before[dossier.pk][name]
        }
        if changed:
            update(Dossier, dossiers, sorted(changed))


def _columns(dossier: Dossier) -> dict[str, object]:
    return {field.name: getattr(dossier, field.attname) for field in Dossier._meta.concrete_fields}


DATABASE = DatabaseStore()


@contextmanager
def writing_in_bulk(calendars: dict[int, Calendar] | None = None) -> Iterator[BulkStore]:
    """A store whose rows are written together at the end, all or none.

    `calendars`: calendars by the key of their agency, filled as they are read. A caller that writes many times passes
    the same one, so that none is read twice.
    """
    store = BulkStore({} if calendars is None else calendars)
    with transaction.atomic():
        yield store
        store.flush()
