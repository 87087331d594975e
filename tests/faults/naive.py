"""Senders as one would write them first. Kept to show that the oracle sees what goes wrong with them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from django.db import close_old_connections

from onestop.dossiers.models import Dossier, Transition
from packets.collecting.build import freeze
from packets.dialects.base import Outgoing
from packets.dialects.qd1705.build import dossiers_to_report
from packets.dialects.qd1705.client import PortalClient
from packets.dialects.qd1705.messages import Kind
from packets.http.client import PortalError
from packets.models import Packet, Portal
from packets.queue.payload import Body

from .oracle import due_moves
from .points import Cut, Point
from .traps import prepare


def ticking(report: Path, point: Point | Cut | None = None, clock: Sequence[float] = ()) -> None:
    """Remembers each move it has reported, and does so before it sends."""
    marks = report.with_name("sent")
    marks.touch()

    def unsent() -> list[Transition]:
        sent = set(marks.read_text().split())
        return [move for move in due_moves() if str(move.pk) not in sent]

    def tick(move: Transition) -> None:
        with marks.open("a") as file:
            file.write(f"{move.pk}\n")

    prepare(point, report)
    client = PortalClient()
    while True:
        for move in unsent():
            tick(move)
            _send(client, move)
        _wait()


def with_a_cursor(report: Path, point: Point | Cut | None = None, clock: Sequence[float] = ()) -> None:
    """Sends until the portal takes it, and looks for moves above the last one's number."""
    cursor = report.with_name("cursor")
    prepare(point, report)
    client = PortalClient()
    while True:
        last = int(cursor.read_text()) if cursor.exists() else 0
        for move in due_moves():
            if move.pk > last:
                while not _send(client, move):
                    time.sleep(0.05)
                cursor.write_text(str(move.pk))
        _wait()


def _send(client: PortalClient, move: Transition) -> bool:
    """The dossier's last state, then the move; each time as something new."""
    portal = Portal.objects.get()
    try:
        token, _lasts = client.sign_in(portal)
        dossier = dossiers_to_report(Dossier.objects.all()).get(pk=move.dossier_id)
        for kind, source in ((Kind.DOCUMENT, dossier), (Kind.TRACE, move)):
            packet = Packet(portal=portal, kind=kind, key=uuid.uuid4(), dossier=dossier)
            freeze(packet, portal, source)
            files = {attachment.ordinal: attachment for attachment in packet.attachments()}
            client.send(portal, [Outgoing(packet, Body(packet.body, packet.key, files))], token)
    except PortalError:
        return False
    return True


def _wait() -> None:
    close_old_connections()
    time.sleep(0.05)
