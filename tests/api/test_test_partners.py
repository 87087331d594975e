"""A test partner hands in, sees and hears of test dossiers alone, through every door; and nobody else of them."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from ipaddress import ip_network
from typing import Any

import pytest
import pytest_django
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from pytest_httpserver import HTTPServer

from onestop.dossiers.access import sees
from onestop.dossiers.models import Dossier, Transition
from onestop.partners.models import Partner, PartnerActor
from packets.collecting.collect import collect, due_transitions
from packets.delivery.sender import deliver
from packets.models import Packet, Portal
from packets.subscriptions import subscribe
from tests import people
from tests.packets.portals import a_portal, collected
from tests.packets.webhooks import told
from tests.test_admin import as_

from .caller import Caller, a_request, faults, of, read

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def a_test_partner(name: str = "LGSP Hà Giang (thử)") -> Partner:
    partner = people.a_partner(name=name)
    Partner.objects.filter(pk=partner.pk).update(is_test=True)
    partner.refresh_from_db()
    return partner


@pytest.fixture
def tester() -> Caller:
    return of(a_test_partner())


@pytest.fixture
def live() -> Caller:
    return of(people.a_partner())


def handed_in(caller: Caller, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = read(caller.post("dossiers", a_request(**changes)), 201)
    return row


def uuids(caller: Caller, query: str = "") -> set[str]:
    return {row["uuid"] for row in read(caller.get(f"dossiers{query}"))["results"]}


def bulk(caller: Caller, rows: list[dict[str, Any]], query: str = "") -> list[dict[str, Any]]:
    answer = caller.post(f"dossiers/bulk{query}", rows)
    return [json.loads(line) for line in b"".join(answer).splitlines()]


# ---- handing in


def test_its_token_says_so(tester: Caller, live: Caller) -> None:
    assert (read(tester.get("me"))["is_test"], read(live.get("me"))["is_test"]) == (True, False)


def test_whatever_it_hands_in_is_a_test(tester: Caller) -> None:
    row = handed_in(tester)
    assert row["is_test"] is True
    assert handed_in(tester, external_id="2", is_test=True)["is_test"] is True
    assert faults(tester.post("dossiers", a_request(external_id="3", is_test=False))) == {"is_test": "test_only"}
    again = read(tester.post("dossiers", a_request()), 200)
    assert again["uuid"] == row["uuid"]
    assert not Dossier.objects.filter(is_test=False).exists()


@pytest.mark.parametrize("query", ["", "?mode=atomic", "?dry_run=true"])
def test_in_bulk_too(tester: Caller, query: str) -> None:
    rows = [a_request(external_id=str(number)) for number in range(3)]
    rows[1]["is_test"] = False
    *lines, summary = bulk(tester, rows, query)
    (refused,) = (line for line in lines if line["status"] == "rejected")
    assert refused["external_id"] == "1"
    assert [(error["code"], error["attr"]) for error in refused["errors"]] == [("test_only", "is_test")]
    assert summary["summary"]["rejected"] == 1
    del rows[1]["is_test"]
    assert [line["status"] for line in bulk(tester, rows, query)[1:2]] == ["created"]
    assert not Dossier.objects.filter(is_test=False).exists()


def test_its_dossiers_are_corrected_and_moved_like_others_and_stay_tests(tester: Caller) -> None:
    uuid = handed_in(tester)["uuid"]
    read(tester.patch(f"dossiers/{uuid}", {"phone": "0912000222"}))
    (line, _summary) = bulk(tester, [a_request(applicant_name="Đặng Văn Khác")])
    assert line["status"] == "updated"
    for move in ("start", "approve", "return_result"):
        assert read(tester.post(f"dossiers/{uuid}/{move}", {}))["is_test"] is True
    other = handed_in(tester, external_id="2")["uuid"]
    read(tester.upload(f"dossiers/{other}/attachments?name=a.pdf", people.PDF), 201)
    assert Dossier.objects.filter(is_test=True).count() == Dossier.objects.count() == 2


def test_its_numbers_and_keys_are_its_own(tester: Caller, live: Caller) -> None:
    body = a_request()
    first = read(live.post("dossiers", body, Idempotency_Key="k1"), 201)
    second = read(tester.post("dossiers", body, Idempotency_Key="k1"), 201)
    assert first["uuid"] != second["uuid"]
    assert (first["is_test"], second["is_test"]) == (False, True)


# ---- what is seen


def test_it_sees_tests_of_its_agencies_and_nothing_else(tester: Caller, live: Caller) -> None:
    real, own = handed_in(live)["uuid"], handed_in(tester)["uuid"]
    of_the_desk = people.a_dossier(is_test=True)
    elsewhere = people.a_dossier(agency=people.department(), by=people.root(), is_test=True)
    assert uuids(tester) == {own, str(of_the_desk.uuid)}
    for query in ("?agency=H22.101", "?updated_since=2020-01-01T00:00:00Z", "?state=2", "?sort=due_at", "?q=Ước"):
        assert real not in uuids(tester, query), query
        assert own in uuids(tester, query), query
    for uuid in (real, str(elsewhere.uuid)):
        for place in ("", "/history", "/attachments", "/attachments/1", "/questions"):
            assert tester.get(f"dossiers/{uuid}{place}").status_code == 404
        assert tester.patch(f"dossiers/{uuid}", {"phone": "0909"}).status_code == 404
        assert tester.post(f"dossiers/{uuid}/start", {}).status_code == 404
        assert tester.upload(f"dossiers/{uuid}/attachments?name=a.pdf", people.PDF).status_code == 404
    assert Transition.objects.filter(dossier__uuid=real).count() == 2


def test_a_live_partner_sees_no_tests_but_those_that_it_marked_itself(tester: Caller, live: Caller) -> None:
    real, test = handed_in(live)["uuid"], handed_in(tester)["uuid"]
    marked = handed_in(live, external_id="2", is_test=True)["uuid"]
    assert uuids(live) == {real, marked}
    assert uuids(live, "?agency=H22.101") == {real, marked}
    assert uuids(tester) == {test, marked}
    assert live.get(f"dossiers/{test}").status_code == 404
    assert live.post(f"dossiers/{test}/start", {}).status_code == 404
    read(live.post(f"dossiers/{marked}/start", {}))


def test_the_rule_for_one_dossier_is_that_of_the_lists(tester: Caller, live: Caller) -> None:
    handed_in(live)
    handed_in(live, external_id="2", is_test=True)
    handed_in(tester)
    people.a_dossier(is_test=True)
    people.a_dossier(agency=people.department(), by=people.root(), is_test=True)
    for partner in Partner.objects.all():
        actor = PartnerActor(partner, ())
        seen = set(Dossier.objects.visible_to(actor).values_list("pk", flat=True))
        assert seen == {dossier.pk for dossier in Dossier.objects.all() if sees(actor, dossier)}
        assert seen


def test_packets_of_real_dossiers_are_not_there(tester: Caller, live: Caller) -> None:
    real, test = handed_in(live)["uuid"], handed_in(tester)["uuid"]
    hook = subscribe(a_test_partner(), "https://8.8.8.8/")
    Portal.objects.filter(pk=hook.pk).update(since=None)
    for portal in (a_portal(), hook):
        collected(portal)
    assert {row["dossier"] for row in read(tester.get("packets"))["results"]} == {test}
    assert {row["dossier"] for row in read(live.get("packets"))["results"]} == {real}
    key = Packet.objects.filter(dossier__uuid=real).values_list("key", flat=True)[0]
    assert tester.get(f"packets/{key}").status_code == 404


# ---- where it is heard of


def test_webhooks_hear_of_the_dossiers_of_their_sort(
    tester: Caller, live: Caller, httpserver: HTTPServer, settings: pytest_django.Settings
) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    httpserver.expect_request("/that").respond_with_data("")
    httpserver.expect_request("/thu").respond_with_data("")
    read(live.post("webhooks", {"url": httpserver.url_for("/that")}), 201)
    read(tester.post("webhooks", {"url": httpserver.url_for("/thu")}), 201)
    real, test = handed_in(live)["uuid"], handed_in(tester)["uuid"]
    marked = handed_in(live, external_id="2", is_test=True)["uuid"]
    for portal in Portal.objects.working():
        collect(portal)
        deliver(portal)
    log = zip(httpserver.log, told(httpserver), strict=True)
    assert {(request.path, event["dossier"]["uuid"]) for (request, _answer), event in log} == {
        ("/that", real),
        ("/thu", test),
        ("/thu", marked),
    }


def test_no_portal_hears_of_a_test_whatever_is_done_with_it(tester: Caller) -> None:
    portal = a_portal()
    uuid = handed_in(tester)["uuid"]
    handed_in(tester, external_id="2", from_portal=True, code="G22.99-260125-000001")
    bulk(tester, [a_request(external_id="3")])
    for move in ("start", "approve", "return_result"):
        read(tester.post(f"dossiers/{uuid}/{move}", {}))
    assert not due_transitions(portal).exists()
    collected(portal)
    assert not Packet.objects.exists()
    said = StringIO()
    call_command("reconcile", portal=portal.code, stdout=said)
    assert "0 bước xử lý" in said.getvalue()
    exported = StringIO()
    call_command("export_packets", "document", stdout=exported)
    assert exported.getvalue() == ""


def test_no_figure_counts_it(tester: Caller, live: Caller) -> None:
    this_month = timezone.localdate().strftime("%Y-%m")
    handed_in(live)
    for number in range(3):
        handed_in(tester, external_id=str(number))
    for partner in (tester, live):
        assert read(partner.get(f"statistics?period={this_month}"))["total"]["total"] == 1
    days = {"from": timezone.localdate() - timedelta(days=1), "to": timezone.localdate()}
    assert read(tester.get(f"votes?from={days['from']}&to={days['to']}"))["ballots"] == 0


# ---- how one is added


def test_the_command_adds_one(capsys: pytest.CaptureFixture[str]) -> None:
    people.ward()
    said = StringIO()
    call_command("add_partner", "Thử", "--agency", "H22.101", "--scope", "dossiers:read", "--test", stdout=said)
    assert json.loads(said.getvalue())["is_test"] is True
    assert Partner.objects.get().is_test
    said = StringIO()
    call_command("add_partner", "Thật", "--agency", "H22.101", "--scope", "dossiers:read", stdout=said)
    assert json.loads(said.getvalue())["is_test"] is False


def test_a_partner_stays_what_it_was_added_as() -> None:
    partner, client = people.a_partner(), as_(people.root())
    assert 'name="is_test"' in client.get(reverse("admin:partners_partner_add")).content.decode()
    page = reverse("admin:partners_partner_change", args=[partner.pk])
    assert 'name="is_test"' not in client.get(page).content.decode()
    fields = {
        "name": "Tên mới", "is_active": "on", "is_test": "on", "agencies": [people.ward().pk],
        "scopes": ["dossiers:read"], "rate_per_minute": "600",
        "credentials-TOTAL_FORMS": "0", "credentials-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert client.post(page, fields).status_code == 302
    partner.refresh_from_db()
    assert (partner.name, partner.is_test) == ("Tên mới", False)
