"""What was in the tables before leases, order and evidence came is carried over whole."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from onestop.dossiers.models import State
from packets.models import Attempt, DeliveryState, Packet, Portal
from packets.queue.outbox import claim
from tests import people

pytestmark = pytest.mark.both_databases


def migrated(name: str) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate([("packets", name)])
    return executor.loader.project_state([("packets", name)]).apps


@pytest.mark.django_db(transaction=True)
def test_portals_packets_and_attempts_of_the_first_release_go_on_where_they_were() -> None:
    dossier = people.a_dossier_in(State.RETURNED)
    moves = list(dossier.transitions.filter(accepted=True).order_by("pk"))
    assert len(moves) >= 3
    now = timezone.now()
    old = migrated("0001_initial")
    try:
        portal = old.get_model("packets", "Portal").objects.create(
            code="old", base_url="http://x", token_url="http://x", client_id="x", failures=3, last_failure="lỗi cũ"
        )
        common = {"portal": portal, "kind": "trace", "dossier_id": dossier.pk, "stream": f"dossier/{dossier.pk}"}
        states = [
            {"state": "accepted", "accepted_at": now - timedelta(days=1)},
            {"state": "sending", "leased_until": now, "lease": uuid.uuid4(), "next_attempt_at": now},
            {"state": "ready", "next_attempt_at": now - timedelta(hours=1)},
        ]
        packets = [
            old.get_model("packets", "Packet").objects.create(
                transition_id=move.pk, position=2 * move.pk + 1, **common, **state
            )
            for move, state in zip(moves, states, strict=False)
        ]
        old.get_model("packets", "Attempt").objects.create(
            packet=packets[0], at=now, milliseconds=5, outcome="accepted"
        )
    finally:
        ((_app, newest),) = MigrationExecutor(connection).loader.graph.leaf_nodes("packets")
        migrated(newest)
    delivery = DeliveryState.objects.get()
    assert (delivery.failures, delivery.last_failure, delivery.number) == (3, "lỗi cũ", 0)
    first, second, third = Packet.objects.order_by("position")
    assert (first.state, first.settled_at, first.due_at) == ("accepted", now - timedelta(days=1), None)
    assert (second.state, second.lease, second.due_at is not None) == ("ready", None, True)
    assert (third.state, third.due_at) == ("ready", None)
    attempt = Attempt.objects.get()
    assert (attempt.portal_id, attempt.key, attempt.number) == (delivery.portal_id, first.key, None)
    assert [packet.pk for packet in claim(Portal.objects.get(), 10).packets] == [second.pk]


@pytest.mark.django_db(transaction=True)
def test_what_waits_loses_the_characters_that_are_never_sent_and_what_was_accepted_stays() -> None:
    bad, good = '{"a":"x\ufffe\U0001ffff\\u0001y\\u000b\\\\u0001"}', '{"a":"xy\\n\\\\u0001"}'
    moves = list(people.a_dossier_in(State.RETURNED).transitions.order_by("pk"))
    old = migrated("0008_portal_variation")
    rows: list[tuple[str, str, int]] = [("ready", good, 0), ("ready", good, 1), ("accepted", bad, 1)]
    keys = []
    try:
        portal = old.get_model("packets", "Portal").objects.create(
            code="old", base_url="http://x", token_url="http://x", client_id="x"
        )
        for move, (state, _after, tries) in zip(moves, rows, strict=False):
            key = uuid.uuid4()
            keys.append(key)
            old.get_model("packets", "Packet").objects.create(
                portal=portal, kind="trace", dossier_id=move.dossier_id, transition_id=move.pk, stream="dossier/1",
                position=move.pk, state=state, tries=tries, key=key, body=f"{bad}file:{key}:1",
                settled_at=timezone.now() if state == "accepted" else None,
            )  # fmt: skip
    finally:
        ((_app, newest),) = MigrationExecutor(connection).loader.graph.leaf_nodes("packets")
        migrated(newest)
    packets = list(Packet.objects.order_by("position"))
    assert [packet.body for packet in packets] == [
        f"{after}file:{packet.key}:1" for packet, (_state, after, _tries) in zip(packets, rows, strict=True)
    ]
    assert [packet.key == key for packet, key in zip(packets, keys, strict=True)] == [True, False, True]
