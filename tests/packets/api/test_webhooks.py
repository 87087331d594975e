"""A partner's webhooks by API: its own alone, a secret shown once, and how telling it goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
import pytest_django
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request

from onestop.partners.models import IdempotentReply, Partner
from onestop.partners.scopes import ApiScope
from packets.delivery.sender import deliver
from packets.http.signing import new_secret
from packets.models import DeliveryState, Packet, Portal
from packets.models.reasons import Reason
from packets.subscriptions import MOST, MOST_OLD_SECRETS, OVERLAP
from tests import people
from tests.api.caller import Caller, caller, faults, of, read
from tests.packets.portals import a_portal, collected, hasten, in_time
from tests.packets.webhooks import EARLIER_SECRET, a_webhook, verified_by

pytestmark = pytest.mark.django_db

URL = "http://127.0.0.1:9/su-kien"


@pytest.fixture(autouse=True)
def loopback_is_allowed(settings: pytest_django.Settings) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]


@pytest.fixture
def lgsp() -> Caller:
    return caller()


def registered(lgsp: Caller, url: str = URL) -> dict[str, Any]:
    told: dict[str, Any] = read(lgsp.post("webhooks", {"url": url}), 201)
    return told


def test_a_webhook_is_registered_and_its_secret_is_shown_once(lgsp: Caller) -> None:
    answer = lgsp.post("webhooks", {"url": URL})
    told = read(answer, 201)
    assert answer.headers["Cache-Control"] == "no-store"
    assert told["secret"].startswith("whsec_")
    assert (told["url"], told["is_active"], told["waiting"], told["last_try"]) == (URL, True, 0, None)
    for again in (
        lgsp.get("webhooks"),
        lgsp.get(f"webhooks/{told['code']}"),
        lgsp.patch(f"webhooks/{told['code']}", {}),
    ):
        read(again)
        assert told["secret"] not in again.content.decode()
    portal = Portal.objects.get()
    assert (portal.partner, portal.client_secret) == (people.a_partner(), told["secret"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT client_secret FROM packets_portal")
        assert told["secret"] not in cursor.fetchone()[0]


def test_a_key_for_repeats_keeps_no_secret_and_the_same_address_is_not_registered_twice(lgsp: Caller) -> None:
    read(lgsp.post("webhooks", {"url": URL}, Idempotency_Key="k1"), 201)
    assert faults(lgsp.post("webhooks", {"url": URL}, Idempotency_Key="k1"), 409) == {"": "taken"}
    assert not IdempotentReply.objects.exists()
    other = of(people.a_partner(name="Một hệ thống khác"))
    read(other.post("webhooks", {"url": URL}), 201)


# ---- another secret


def event_of(httpserver: HTTPServer) -> Request:
    """One that is delivered now, as the receiver got it."""
    people.a_registered_dossier()
    httpserver.clear_log()
    collected(Portal.objects.get())
    deliver(Portal.objects.get())
    ((request, _answer),) = httpserver.log
    return request


@pytest.fixture
def signed_by(lgsp: Caller, httpserver: HTTPServer) -> dict[str, Any]:
    """A webhook of the receiver of the test, as its registration was answered."""
    httpserver.expect_request("/su-kien").respond_with_data("")
    return registered(lgsp, httpserver.url_for("/su-kien"))


def changed(lgsp: Caller, webhook: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = read(lgsp.post(f"webhooks/{webhook['code']}/secret"))
    return told


def test_for_a_week_events_are_signed_with_the_new_secret_and_the_one_before(
    lgsp: Caller, httpserver: HTTPServer, signed_by: dict[str, Any]
) -> None:
    assert verified_by(event_of(httpserver), [signed_by["secret"], new_secret()]) == [True, False]
    renewed = changed(lgsp, signed_by)
    secrets = [signed_by["secret"], renewed["secret"], new_secret()]
    assert verified_by(event_of(httpserver), secrets) == [True, True, False]
    until = datetime.fromisoformat(renewed["old_secrets_until"])
    assert timedelta() <= timezone.now() + OVERLAP - until < timedelta(minutes=1)
    with in_time(until - timedelta(minutes=1)):
        assert verified_by(event_of(httpserver), secrets) == [True, True, False]
    with in_time(until + timedelta(seconds=1)):
        assert verified_by(event_of(httpserver), secrets) == [False, True, False]
        assert Portal.objects.get().valid_old_secrets(timezone.now()) == []


def test_the_overlap_is_ended_early(lgsp: Caller, httpserver: HTTPServer, signed_by: dict[str, Any]) -> None:
    renewed = changed(lgsp, signed_by)
    code = signed_by["code"]
    for _time in range(2):
        assert lgsp.delete(f"webhooks/{code}/old_secrets").status_code == 204
    assert read(lgsp.get(f"webhooks/{code}"))["old_secrets_until"] is None
    assert verified_by(event_of(httpserver), [signed_by["secret"], renewed["secret"]]) == [False, True]


def test_a_call_whose_answer_was_lost_is_made_again_and_the_receiver_s_secret_still_fits(
    lgsp: Caller, httpserver: HTTPServer, signed_by: dict[str, Any]
) -> None:
    changed(lgsp, signed_by)
    renewed = changed(lgsp, signed_by)
    assert verified_by(event_of(httpserver), [signed_by["secret"], renewed["secret"]]) == [True, True]


def test_secrets_are_not_changed_without_end(lgsp: Caller, signed_by: dict[str, Any]) -> None:
    for _time in range(MOST_OLD_SECRETS):
        changed(lgsp, signed_by)
    before = Portal.objects.get().client_secret
    assert faults(lgsp.post(f"webhooks/{signed_by['code']}/secret"), 409) == {"": "too_many"}
    assert Portal.objects.get().client_secret == before
    lgsp.delete(f"webhooks/{signed_by['code']}/old_secrets")
    changed(lgsp, signed_by)


def test_a_secret_from_before_the_standard_is_changed_for_one_of_the_standard(
    lgsp: Caller, httpserver: HTTPServer, signed_by: dict[str, Any]
) -> None:
    Portal.objects.update(client_secret=EARLIER_SECRET)
    assert event_of(httpserver).headers["webhook-signature"].startswith("t=")
    renewed = changed(lgsp, signed_by)
    assert renewed["old_secrets_until"] is None
    assert verified_by(event_of(httpserver), [renewed["secret"]]) == [True]


def test_old_secrets_are_stored_encrypted_and_end_with_the_webhook(lgsp: Caller, signed_by: dict[str, Any]) -> None:
    changed(lgsp, signed_by)
    with connection.cursor() as cursor:
        cursor.execute("SELECT old_secrets FROM packets_portal")
        (stored,) = cursor.fetchone()
    assert stored
    assert signed_by["secret"] not in stored
    assert signed_by["secret"] in Portal.objects.get().signing_secrets(timezone.now())
    lgsp.delete(f"webhooks/{signed_by['code']}")
    ended = Portal.objects.get()
    assert (ended.client_secret, ended.old_secrets) == ("", None)


# ---- how telling it goes


def test_how_telling_it_goes_is_told_without_the_receiver_s_words(lgsp: Caller, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/su-kien").respond_with_data("bí mật nội bộ", 404)
    code = registered(lgsp, httpserver.url_for("/su-kien"))["code"]
    people.a_registered_dossier()
    collected(Portal.objects.get())
    deliver(Portal.objects.get())
    answer = lgsp.get(f"webhooks/{code}")
    told = read(answer)
    assert (told["waiting"], told["failures"], told["last_success_at"]) == (1, 1, None)
    assert (told["last_try"]["http_status"], told["last_try"]["reason"]) == (404, Reason.DECLINED)
    assert told["last_try"]["advice"]
    assert "bí mật" not in answer.content.decode()
    httpserver.clear()
    httpserver.expect_request("/su-kien").respond_with_data("")
    hasten(Portal.objects.get())
    deliver(Portal.objects.get())
    told = read(lgsp.get(f"webhooks/{code}"))
    assert (told["waiting"], told["failures"], told["last_try"]["reason"]) == (0, 0, "")
    assert told["last_success_at"].endswith("+07:00")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"url": "required"}),
        ({"url": "https://10.1.2.3/"}, {"url": "forbidden_address"}),
        ({"url": "http://8.8.8.8/"}, {"url": "forbidden_address"}),
        ({"url": "https://khong-co.invalid/"}, {"url": "unknown_host"}),
        ({"url": "lgsp.example"}, {"url": "invalid"}),
        ({"url": 5}, {"url": "invalid"}),
        ({"url": URL, "secret": "x"}, {"secret": "unknown"}),
        ({"url": f"http://127.0.0.1/{'x' * 500}"}, {"url": "max_length"}),
    ],
)
def test_an_address_that_will_not_do_is_refused_by_field(
    lgsp: Caller, body: dict[str, Any], wrong: dict[str, str]
) -> None:
    assert faults(lgsp.post("webhooks", body)) == wrong
    assert not Portal.objects.exists()


def test_a_changed_address_is_judged_too_and_what_waits_goes_there_at_once(
    lgsp: Caller, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/moi").respond_with_data("")
    code = registered(lgsp)["code"]
    people.a_registered_dossier()
    collected(Portal.objects.get())
    assert deliver(Portal.objects.get()).retry == 1
    assert faults(lgsp.patch(f"webhooks/{code}", {"url": "https://192.168.1.1/"})) == {"url": "forbidden_address"}
    told = read(lgsp.patch(f"webhooks/{code}", {"url": httpserver.url_for("/moi")}))
    assert told["url"] == httpserver.url_for("/moi")
    assert deliver(Portal.objects.get()).accepted == 1
    registered(lgsp)
    assert faults(lgsp.patch(f"webhooks/{code}", {"url": URL}), 409) == {"": "taken"}


def test_it_is_paused_and_goes_on(lgsp: Caller) -> None:
    code = registered(lgsp)["code"]
    assert read(lgsp.patch(f"webhooks/{code}", {"is_active": False}))["is_active"] is False
    assert not Portal.objects.working()
    DeliveryState.objects.update(failures=7)
    assert read(lgsp.patch(f"webhooks/{code}", {"is_active": True}))["failures"] == 0
    assert Portal.objects.working().exists()
    assert faults(lgsp.patch(f"webhooks/{code}", {"is_active": "false"})) == {"is_active": "invalid"}


def test_one_that_is_given_up_is_listed_no_more_and_its_packets_stay(lgsp: Caller) -> None:
    code = registered(lgsp)["code"]
    people.a_registered_dossier()
    collected(Portal.objects.get())
    assert lgsp.delete(f"webhooks/{code}").status_code == 204
    assert read(lgsp.get("webhooks"))["results"] == []
    for answer in (lgsp.get(f"webhooks/{code}"), lgsp.delete(f"webhooks/{code}")):
        assert answer.status_code == 404
    assert Packet.objects.count() == 1
    assert not Portal.objects.working()
    assert Portal.objects.get().client_secret == ""
    assert registered(lgsp)["code"] != code


def test_a_partner_has_at_most_ten(lgsp: Caller) -> None:
    for number in range(MOST):
        registered(lgsp, f"{URL}/{number}")
    assert faults(lgsp.post("webhooks", {"url": URL}), 409) == {"": "too_many"}
    lgsp.delete(f"webhooks/{Portal.objects.earliest('pk').code}")
    registered(lgsp)


def test_another_partner_s_webhooks_and_the_portals_are_not_there(lgsp: Caller) -> None:
    a_portal()
    a_webhook(partner=people.a_partner(name="Một hệ thống khác"), code="wh-2")
    assert read(lgsp.get("webhooks"))["results"] == []
    for code in ("practice", "wh-2"):
        assert lgsp.get(f"webhooks/{code}").status_code == 404
        assert lgsp.patch(f"webhooks/{code}", {"is_active": False}).status_code == 404
        assert lgsp.post(f"webhooks/{code}/secret").status_code == 404
        assert lgsp.delete(f"webhooks/{code}/old_secrets").status_code == 404
        assert lgsp.post(f"webhooks/{code}/resume").status_code == 404
        assert lgsp.post(f"webhooks/{code}/ping").status_code == 404
        assert lgsp.get(f"webhooks/{code}/deliveries").status_code == 404
        assert lgsp.delete(f"webhooks/{code}").status_code == 404
    assert Portal.objects.working().count() == 2


def test_reading_and_writing_are_two_scopes(lgsp: Caller) -> None:
    code = registered(lgsp)["code"]
    reader = caller(ApiScope.WEBHOOKS_READ)
    read(reader.get("webhooks"))
    for answer in (
        reader.post("webhooks", {"url": URL}),
        reader.patch(f"webhooks/{code}", {}),
        reader.delete(f"webhooks/{code}"),
        reader.post(f"webhooks/{code}/secret"),
        reader.delete(f"webhooks/{code}/old_secrets"),
        reader.post(f"webhooks/{code}/resume"),
        reader.post(f"webhooks/{code}/ping"),
        caller(ApiScope.WEBHOOKS_WRITE).get("webhooks"),
    ):
        assert answer.status_code == 403
    Partner.objects.update(is_active=False)
    assert lgsp.get("webhooks").status_code == 401


def test_a_list_takes_the_same_few_queries_for_one_and_for_ten(lgsp: Caller) -> None:
    registered(lgsp, f"{URL}/0")
    read(lgsp.get("webhooks"))
    with CaptureQueriesContext(
        connection,
    ) as one:
        read(lgsp.get("webhooks"))
    for number in range(1, MOST):
        registered(lgsp, f"{URL}/{number}")
    with CaptureQueriesContext(connection) as ten:
        assert len(read(lgsp.get("webhooks"))["results"]) == MOST
    assert len(ten) == len(one) <= 6
