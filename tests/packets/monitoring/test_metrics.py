"""/metrics as a scraper reads it: every figure against the rows that it stands for, and whom it lets in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import pytest_django
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families
from pytest_httpserver import HTTPServer

from onestop.dossiers import lifecycle
from onestop.staff.models import Role
from packets.delivery.counters import BUCKETS, counted
from packets.delivery.sender import deliver
from packets.models import Attempt, Packet, Portal
from packets.models.reasons import Reason
from packets.queue.outbox import claim
from tests import people
from tests.packets.portals import a_portal, an_attempt, as_accepted, collected, hasten, in_time, is_faring
from tests.practice_portal import PATHS

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
TOKEN = "a-long-word-of-no-meaning"


@pytest.fixture(autouse=True)
def token(settings: pytest_django.Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def scrape(token: str = TOKEN, **headers: str) -> Any:
    return Client().get("/metrics", headers={"Authorization": f"Bearer {token}", **headers})


def figures(name: str, answer: Any = None) -> dict[tuple[str, ...], float]:
    """The samples of that name, by the values of their labels in the order of the labels' names."""
    families = text_string_to_metric_families((answer or scrape()).content.decode())
    return {
        tuple(value for _label, value in sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
        if sample.name == name
    }


def about(seconds: dict[tuple[str, ...], float]) -> Any:
    """Equal but for the time that a test itself takes."""
    return pytest.approx(seconds, abs=10)


# ---- tries


def test_tries_are_counted_as_there_are_rows_of_them(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/token").respond_with_json({"access_token": "t0", "expires_in": 3600})
    httpserver.expect_oneshot_request(PATHS["document"]).respond_with_data(status=503)
    httpserver.expect_oneshot_request(PATHS["document"]).respond_with_data(status=400)
    httpserver.expect_request(PATHS["document"]).respond_with_json({"Status": 0})
    httpserver.expect_request(PATHS["trace"]).respond_with_json({"Status": 0})
    portal = a_portal(httpserver.url_for("").rstrip("/"), most_in_flight=1)
    for _number in range(3):
        people.a_dossier()
    collected(portal)
    for _round in range(2):
        deliver(portal)
        hasten(portal)
    rows = Attempt.objects.values_list("outcome", "portal__code", "reason").annotate(number=Count("pk"))
    told = figures("onestop_delivery_attempts_total")
    assert told == {(outcome, code, reason): number for outcome, code, reason, number in rows}
    assert {outcome: reason for outcome, _code, reason in told} == {
        "accepted": "",
        "retry": Reason.SERVER_ERROR,
        "stopped": Reason.REFUSED,
    }
    accepted = Attempt.objects.filter(outcome="accepted")
    assert figures("onestop_evidence_links_total") == {("practice",): accepted.count()}


def test_how_long_tries_took_is_told_as_their_rows_say() -> None:
    people.a_dossier()
    portal = a_portal()
    collected(portal)
    packet = Packet.objects.latest("pk")
    attempts = [an_attempt(packet, milliseconds=milliseconds) for milliseconds in (1, 25, 26, 9_000, 60_000)]
    is_faring(portal, tally=counted({}, attempts))
    took = list(Attempt.objects.values_list("milliseconds", flat=True))
    buckets = figures("onestop_delivery_seconds_bucket")
    assert buckets.pop(("+Inf", "practice")) == figures("onestop_delivery_seconds_count")["practice",] == 5
    assert {float(le) * 1000: number for (le, _code), number in buckets.items()} == {
        bound: sum(milliseconds <= bound for milliseconds in took) for bound in BUCKETS
    }
    assert figures("onestop_delivery_seconds_sum") == {("practice",): sum(took) / 1000}


# ---- what waits


def test_packets_that_are_not_settled_are_told_by_state_and_age() -> None:
    portal, noon = a_portal(), timezone.now()
    for hours in (3, 2, 1):
        with in_time(noon - timedelta(hours=hours)):
            people.a_dossier()
            collected(portal)
    with in_time(noon):
        claim(portal, 1)
        last = Packet.objects.latest("pk")
        Packet.objects.filter(stream=last.stream).update(state="stopped", due_at=None, reason=Reason.REFUSED)
        as_accepted(Packet.objects.filter(pk=Packet.objects.filter(state="ready").latest("pk").pk))
        answer = scrape()
    assert figures("onestop_packets", answer) == {
        ("practice", "sending"): 1,
        ("practice", "behind"): 1,
        ("practice", "ready"): 1,
        ("practice", "stopped"): 2,
    }
    assert figures("onestop_packet_oldest_seconds", answer) == about(
        {
            ("practice", "sending"): 3 * 3600,
            ("practice", "behind"): 3 * 3600,
            ("practice", "ready"): 2 * 3600,
            ("practice", "stopped"): 3600,
        }
    )


def test_moves_that_nobody_collects_grow_old() -> None:
    portal, noon = a_portal(), timezone.now()
    assert figures("onestop_uncollected_oldest_seconds") == {("practice",): 0}
    with in_time(noon - timedelta(minutes=20)):
        people.a_dossier()
    with in_time(noon):
        assert figures("onestop_uncollected_oldest_seconds") == about({("practice",): 20 * 60})
        Portal.objects.update(is_active=False)
        assert figures("onestop_uncollected_oldest_seconds") == {}
        Portal.objects.update(is_active=True)
        collected(portal)
        assert figures("onestop_uncollected_oldest_seconds") == {("practice",): 0}


# ---- how portals fare


def test_how_each_portal_fares_is_told() -> None:
    now = timezone.now()
    is_faring(a_portal(), failures=7, resting_until=now + timedelta(minutes=1), last_success_at=now)
    a_portal(code="hai", is_active=False)
    answer = scrape()
    for name, expected in {
        "onestop_portal_active": {("hai",): 0, ("practice",): 1},
        "onestop_portal_resting": {("hai",): 0, ("practice",): 1},
        "onestop_portal_consecutive_failures": {("hai",): 0, ("practice",): 7},
        "onestop_portal_last_success_timestamp_seconds": {("practice",): now.timestamp()},
        "onestop_evidence_links_total": {("hai",): 0, ("practice",): 0},
    }.items():
        assert figures(name, answer) == pytest.approx(expected), name


def test_a_key_that_was_lost_does_not_blind_who_watches(settings: pytest_django.Settings) -> None:
    a_portal()
    settings.FIELD_KEYS = ["another"]
    assert scrape().status_code == 200


# ---- the page


def test_it_speaks_the_format_that_the_scraper_asks_for() -> None:
    is_faring(a_portal(), last_success_at=timezone.now())
    assert scrape().headers["Content-Type"].startswith("text/plain; version=0.0.4")
    newer = scrape(accept="application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.3")
    assert newer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    # This parser is strict: it refuses names, units and types that do not go together.
    families = list(openmetrics_families(newer.content.decode()))  # type: ignore[no-untyped-call] # has no types
    assert [family.name for family in families if not family.documentation] == []
    assert all(family.name.startswith("onestop_") for family in families)


def test_it_asks_the_database_as_often_whatever_there_is() -> None:
    portal = a_portal()

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert scrape().status_code == 200
        return len(asked)

    before = queries()
    for _number in range(3):
        lifecycle.start(people.a_dossier(), people.binh())
    collected(portal)
    deliver(portal)
    assert queries() == before <= 6


@pytest.mark.parametrize("configured", [TOKEN, None, ""])
@pytest.mark.parametrize("brought", ["", "None", "another-word", TOKEN + "x"])
def test_without_the_right_token_nobody_reads_it(
    settings: pytest_django.Settings, configured: str | None, brought: str
) -> None:
    settings.METRICS_TOKEN = configured
    a_portal()
    assert scrape(brought).status_code == 403
    assert Client().get("/metrics").status_code == 403


@pytest.mark.parametrize("configured", [TOKEN, None])
def test_an_operator_who_is_signed_in_reads_the_portals_that_they_see(
    settings: pytest_django.Settings, configured: str | None
) -> None:
    settings.METRICS_TOKEN = configured
    a_portal().agencies.set([people.province()])
    a_portal(code="hai").agencies.set([people.another_province()])
    told = {}
    for person in (people.tu(), people.root(), people.a_person("xa", Role.OPERATOR, people.another_province())):
        client = Client()
        client.force_login(person)
        told[person.username] = {code for (code,) in figures("onestop_portal_active", client.get("/metrics"))}
    assert told == {"tu": {"practice"}, "root": {"practice", "hai"}, "xa": {"hai"}}


@pytest.mark.parametrize("person", [people.lan, people.binh, people.ha, people.thanh])
def test_other_staff_do_not_read_it(person: Any) -> None:
    client = Client()
    client.force_login(person())
    assert client.get("/metrics").status_code == 403


def test_it_is_read_only_and_kept_by_no_proxy() -> None:
    assert Client().post("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 405
    assert "no-store" in scrape().headers["Cache-Control"]
