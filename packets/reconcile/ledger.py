"""Compares the ledger, which is what a portal says that it took, with what was accepted here.

Both sides are stored in temporary tables of SQLite, which are on disk once they are large. So memory does not grow
with them; a million packets take some 350 MB on disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import groupby, islice
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from packets import dialects
from packets.delivery.tokens import forget_token, valid_token
from packets.dialects.base import LedgerEntry
from packets.http.client import PortalError
from packets.models import Attempt, Packet, PacketState, Portal
from packets.models.reasons import Reason
from packets.queue import db_clock

from .coverage import CoverageGap, gap_of, with_subject

PAGE = 500
TABLES = """
CREATE TABLE held (key TEXT NOT NULL, digest TEXT NOT NULL, kind TEXT NOT NULL, code TEXT NOT NULL);
CREATE TABLE ours (
    packet INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    stream TEXT NOT NULL,
    position INTEGER NOT NULL,
    needed INTEGER NOT NULL
);
"""
INDEXES = """
CREATE INDEX held_by_key ON held (key);
CREATE INDEX ours_by_key ON ours (key);
"""
LOST = "FROM ours WHERE needed AND NOT EXISTS (SELECT 1 FROM held WHERE held.key = ours.key)"
CHANGED = """
SELECT DISTINCT packet FROM ours JOIN held ON held.key = ours.key
WHERE ours.digest <> held.digest AND ours.digest <> '' AND held.digest <> ''
"""
UNACCEPTED = """
SELECT key, digest, kind, code FROM held WHERE NOT EXISTS (SELECT 1 FROM ours WHERE ours.key = held.key)
"""


class Mismatch(models.TextChoices):
    """For the operator's commands, so in Vietnamese only."""

    LOST = "lost", "đã nhận ở đây, Cổng không có"
    CHANGED = "changed", "Cổng giữ một nội dung khác"
    STOPPED_HERE = "stopped_here", "Cổng đã nhận, ở đây gói đang dừng"
    UNKNOWN = "unknown", "Cổng có, ở đây không ai gửi"


class LedgerComparison:
    """Both sides of one portal; both are empty before `fetch`. Use as a context manager."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self._tables = sqlite3.connect("")
        self._tables.executescript(TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._tables.close()

    def fetch(self, on_progress: Callable[[int], object] = lambda done: None) -> int:
        """Requests the portal's ledger, and returns how many packets it lists. Raises PortalError."""
        # The ledger need not list packets that are accepted from now on.
        began = db_clock.now()
        with closing(dialects.of(self.portal).client()) as client:
            token = valid_token(self.portal, client)
            try:
                self._store_entries(client.ledger(self.portal, token), on_progress)
            except PortalError as error:
                if error.reason != Reason.TOKEN:
                    raise
                forget_token(self.portal, token)
                token = valid_token(self.portal, client)
                self._store_entries(client.ledger(self.portal, token), on_progress)
        needed = Packet.objects.filter(pk=OuterRef("pk"), settled_at__lte=began).needed_at_portal()
        attempts = Attempt.objects.filter(packet=OuterRef("pk"), key=OuterRef("key"), number__isnull=False)
        last_digest = attempts.order_by("-number").values("digest")[:1]
        accepted = Packet.objects.filter(portal=self.portal, state=PacketState.ACCEPTED).annotate(
            digest=Coalesce(Subquery(last_digest), Value("")), needed=Exists(needed)
        )
        rows = accepted.order_by().values_list("pk", "key", "digest", "stream", "position", "needed").iterator()
        self._tables.executemany(
            "INSERT INTO ours VALUES (?, ?, ?, ?, ?, ?)", ((pk, str(key), *rest) for pk, key, *rest in rows)
        )
        self._tables.executescript(INDEXES)
        (number,) = self._tables.execute("SELECT count(*) FROM held").fetchone()
        return int(number)

    def differences(self) -> Iterator[CoverageGap]:
        for mismatch, query in ((Mismatch.LOST, f"SELECT packet {LOST}"), (Mismatch.CHANGED, CHANGED)):
            rows = self._tables.execute(query)
            while page := [pk for (pk,) in islice(rows, PAGE)]:
                for packet in with_subject(Packet.objects.filter(pk__in=page)):
                    yield gap_of(mismatch, packet)
        yield from self._unaccepted()

    def lost(self) -> Iterator[tuple[str, list[int]]]:
        """The packets that were accepted here and are missing at the portal, stream by stream."""
        rows = self._tables.execute(f"SELECT stream, packet {LOST} ORDER BY stream, position")
        for stream, of_stream in groupby(rows, key=lambda row: str(row[0])):
            yield stream, [packet for _stream, packet in of_stream]

    def stopped_here(self) -> list[int]:
        """The packets that the portal took and that have stopped here."""
        unaccepted = (gap for gap in self._unaccepted() if gap.what == Mismatch.STOPPED_HERE)
        return [gap.packet for gap in unaccepted if gap.packet is not None]

    def _store_entries(self, entries: Iterable[LedgerEntry], on_progress: Callable[[int], object]) -> None:
        self._tables.execute("DELETE FROM held")
        for one in entries:
            row = (one.key.lower(), one.digest.lower(), one.kind, one.code)
            self._tables.execute("INSERT INTO held VALUES (?, ?, ?, ?)", row)
            on_progress(1)

    def _unaccepted(self) -> Iterator[CoverageGap]:
        """What the portal took and was not accepted here, unless its result is still to come or was replaced."""
        rows = self._tables.execute(UNACCEPTED)
        while page := [LedgerEntry(*row) for row in islice(rows, PAGE)]:
            keys = {key for one in page if (key := _uuid(one.key)) is not None}
            of_portal = with_subject(Packet.objects.filter(portal=self.portal, key__in=keys))
            packets = {packet.key: packet for packet in of_portal}
            rest = keys - packets.keys()
            tried = set(Attempt.objects.filter(portal=self.portal, key__in=rest).values_list("key", flat=True))
            for one in page:
                key = _uuid(one.key)
                if key in packets and packets[key].state == PacketState.STOPPED:
                    yield gap_of(Mismatch.STOPPED_HERE, packets[key])
                elif key not in packets and key not in tried:
                    yield CoverageGap(Mismatch.UNKNOWN, one.kind, one.code, key=one.key)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
