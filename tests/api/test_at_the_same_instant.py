"""Identical calls at the same instant: one dossier or ping each time, and no secret is lost, however they meet."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_network
from random import Random
from threading import Barrier, Event

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from werkzeug import Response

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, Transition
from packets.collecting.collect import collect
from packets.delivery.sender import deliver
from packets.models import Packet, Portal
from tests import people
from tests.packets.portals import hasten
from tests.packets.webhooks import SECRET, a_webhook

from .caller import Caller, a_request, read

TIMES = 50

pytestmark = pytest.mark.skipif(
    "postgres" not in settings.DATABASES["default"]["ENGINE"],
    reason="the tests' SQLite lives in memory and lets no two threads write: the PostgreSQL half shows this",
)


def together(*calls: Callable[[], HttpResponse]) -> list[HttpResponse]:
    """Made by as many threads, let go at once."""
    start = Barrier(len(calls))

    def made(call: Callable[[], HttpResponse]) -> HttpResponse:
        try:
            start.wait(timeout=30)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(made, calls))


@pytest.mark.django_db(transaction=True)
def test_two_identical_creations_at_the_same_instant_are_one_dossier_each_of_fifty_times() -> None:
    token = people.a_token(people.a_partner())
    for number in range(TIMES):
        body = a_request(external_id=f"LGSP-{number}")
        create = partial(Caller(token).post, "dossiers", body)
        answers = together(create, create)
        assert sorted(answer.status_code for answer in answers) == [200, 201]
        one, other = (read(answer, answer.status_code) for answer in answers)
        assert one == other
        assert Dossier.objects.filter(external_id=f"LGSP-{number}").count() == 1
    assert Dossier.objects.count() == TIMES
    assert Transition.objects.count() == 2 * TIMES
    numbers = sorted(int((code or "").rsplit("-", 1)[1]) for code in Dossier.objects.values_list("code", flat=True))
    assert numbers == list(range(1, TIMES + 1))


@pytest.mark.django_db(transaction=True)
def test_with_one_key_the_second_is_told_that_the_first_is_under_way_or_its_answer() -> None:
    token = people.a_token(people.a_partner())
    for number in range(TIMES):
        body = a_request(external_id=f"LGSP-{number}")
        key = f"key-{number}"
        create = partial(Caller(token).post, "dossiers", body, Idempotency_Key=key)
        answers = together(create, create)
        assert {answer.status_code for answer in answers} <= {201, 409}
        given = {answer.content for answer in answers if answer.status_code == 201}
        assert len(given) == 1
        assert Caller(token).post("dossiers", body, Idempotency_Key=key).content in given
    assert Dossier.objects.count() == TIMES


@pytest.mark.django_db(transaction=True)
def test_pings_and_changes_of_the_secret_at_the_same_instant_are_one_ping_and_lose_no_secret() -> None:
    token = people.a_token(people.a_partner())
    webhook = a_webhook(since=timezone.now())
    for _time in range(TIMES // 5):
        ping = partial(Caller(token).post, "webhooks/wh-1/ping")
        assert sorted(answer.status_code for answer in together(ping, ping)) == [200, 201]
        Packet.objects.all().delete()
        Portal.objects.update(client_secret=SECRET, old_secrets=None)
        change = partial(Caller(token).post, "webhooks/wh-1/secret")
        secrets = {read(answer)["secret"] for answer in together(change, change)}
        webhook.refresh_from_db()
        assert {*webhook.signing_secrets(timezone.now())} == {SECRET, *secrets}
        assert len(secrets) == 2


@pytest.mark.django_db(transaction=True)
def test_what_a_partner_does_while_workers_collect_and_send_stops_nobody_and_loses_nothing(
    settings: Settings, httpserver: HTTPServer
) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    token, dice, is_over = people.a_token(people.a_partner()), Random(1), Event()  # noqa: S311 repeatable, not secret
    httpserver.expect_request("/su-kien").respond_with_handler(
        lambda _request: Response(status=dice.choice([204, 204, 204, 410, 500]))
    )
    webhook = a_webhook(httpserver.url_for("/su-kien"), since=timezone.now())
    dossiers = [people.a_dossier() for _number in range(10)]

    def work() -> None:
        while not is_over.is_set():
            collect(webhook)
            hasten(webhook)
            deliver(webhook)

    def partner() -> None:
        caller = Caller(token)
        for number in range(60):
            if number < len(dossiers):
                lifecycle.start(dossiers[number], people.binh())
            rows = read(caller.get("webhooks/wh-1/deliveries?limit=10"))["results"]
            calls = [f"deliveries/{row['id']}/redeliver" for row in rows] + ["resume", "ping"]
            answer = caller.post(f"webhooks/wh-1/{dice.choice(calls)}")
            assert answer.status_code in (200, 201, 409), answer.content

    def ended(part: Callable[[], None]) -> None:
        try:
            part()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        workers = [threads.submit(ended, work) for _worker in range(2)]
        try:
            threads.submit(ended, partner).result(timeout=120)
        finally:
            is_over.set()
        for worker in workers:
            worker.result(timeout=60)
    httpserver.clear()
    httpserver.expect_request("/su-kien").respond_with_data("")
    read(Caller(token).post("webhooks/wh-1/resume"))
    collect(webhook)
    deliver(webhook)
    assert not Packet.objects.unsettled().exists()
    assert Packet.objects.filter(kind="event").count() == Transition.objects.count()
