"""How packets stand, by API: of dossiers that the partner sees, in words, and never what they say."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from onestop.dossiers.models import Dossier
from onestop.partners.scopes import ApiScope
from packets.models import Packet, PacketState
from packets.models.reasons import Reason
from tests import people
from tests.api.caller import Caller, caller, faults, of, read
from tests.packets.portals import a_portal, as_accepted, collected
from tests.packets.webhooks import a_webhook

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def lgsp() -> Caller:
    return caller()


def listed(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read(caller.get(f"packets{query}"))["results"]
    return rows


def keys(rows: list[dict[str, Any]]) -> set[str]:
    return {row["key"] for row in rows}


def own_keys(**which: Any) -> set[str]:
    return {str(key) for key in Packet.objects.filter(**which).values_list("key", flat=True)}


def one_without_a_name() -> Dossier:
    """Makes no valid document."""
    dossier = people.a_dossier()
    Dossier.objects.filter(pk=dossier.pk).update(applicant_name="")
    return dossier


def stopped(packet: Packet, reason: Reason, detail: str) -> None:
    Packet.objects.filter(pk=packet.pk).update(
        state=PacketState.STOPPED, reason=reason, detail=detail, due_at=None, tries=1
    )


def test_each_packet_is_told_with_why_it_waits_and_who_acts(lgsp: Caller) -> None:
    dossier = one_without_a_name()
    collected(a_portal())
    document, trace = Packet.objects.order_by("position")
    assert [row["key"] for row in listed(lgsp)] == [str(packet.key) for packet in Packet.objects.order_by("-pk")]
    told = read(lgsp.get(f"packets/{document.key}"))
    assert told == {
        "key": str(document.key),
        "portal": "practice",
        "kind": "document",
        "dossier": str(dossier.uuid),
        "dossier_code": dossier.code,
        "history_id": document.transition_id,
        "state": "stopped",
        "reason": "invalid",
        "reason_text": "dữ liệu hồ sơ chưa đúng chuẩn",
        "advice": told["advice"],
        "who_acts": "cán bộ một cửa",
        "faults": ["Chủ hồ sơ: Không được để trống."],
        "tries": 0,
        "collected_at": told["collected_at"],
        "first_tried_at": None,
        "due_at": None,
        "settled_at": None,
    }
    assert told["advice"].startswith("Cán bộ một cửa")
    assert (read(lgsp.get(f"packets/{trace.key}"))["state"], trace.state) == ("ready", "ready")


def test_neither_a_body_nor_a_portal_s_words_nor_a_file_s_name_come_out(lgsp: Caller) -> None:
    private: dict[str, Any] = {"applicant_name": "Đặng Văn Ước", "identity_no": "052099001234", "phone": "0912000111"}
    people.a_dossier(**private, files=[people.a_file("CCCD Đặng Văn Ước.pdf")])
    collected(a_portal())
    document, trace = Packet.objects.order_by("position")
    stopped(document, Reason.FILE_MISSING, "CCCD Đặng Văn Ước.pdf")
    stopped(trace, Reason.REFUSED, "Không thấy Đặng Văn Ước")
    everything = lgsp.get("packets").content + lgsp.get(f"packets/{document.key}").content
    assert b"file_missing" in everything
    for value in (*private.values(), "CCCD", "whsec", "Không thấy"):
        assert value.encode() not in everything


def test_one_sees_packets_of_ones_own_dossiers_and_no_other_partner_s_events(lgsp: Caller) -> None:
    other = people.a_partner(name="Một hệ thống khác")
    mine, theirs = a_webhook(), a_webhook(partner=other, code="wh-2")
    portal = a_portal()
    people.a_dossier()
    people.a_dossier(agency=people.another_province(), by=people.root())
    for one in (portal, mine, theirs):
        collected(one)
    ward = own_keys(dossier__agency=people.ward())
    foreign = own_keys(portal=theirs)
    assert foreign
    assert keys(listed(lgsp)) == ward - foreign
    assert keys(listed(of(other))) == ward - own_keys(portal=mine)
    for key in (*foreign, *own_keys(dossier__agency=people.another_province()), str(uuid4())):
        assert lgsp.get(f"packets/{key}").status_code == 404


def test_a_dossier_that_works_at_the_partner_s_unit_is_seen(lgsp: Caller) -> None:
    people.a_dossier(agency=people.department(), by=people.root())
    collected(a_portal())
    assert listed(lgsp) == []
    Dossier.objects.update(unit=people.ward_desk())
    assert len(listed(lgsp)) == 2


def test_the_list_is_narrowed_by_dossier_kind_state_and_reason(lgsp: Caller) -> None:
    first, second = people.a_dossier(), one_without_a_name()
    collected(a_portal())
    as_accepted(Packet.objects.filter(dossier=first, kind="document"))
    assert keys(listed(lgsp, f"?dossier={first.uuid}")) == own_keys(dossier=first)
    assert keys(listed(lgsp, f"?dossier={uuid4()}")) == set()
    assert keys(listed(lgsp, "?kind=trace")) == own_keys(kind="trace")
    assert keys(listed(lgsp, "?state=accepted&state=stopped")) == own_keys(kind="document")
    assert keys(listed(lgsp, "?reason=invalid")) == own_keys(dossier=second, kind="document")
    assert keys(listed(lgsp, f"?dossier={second.uuid}&state=ready")) == own_keys(dossier=second, kind="trace")


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("?state=lost", "state"),
        ("?kind=x", "kind"),
        ("?reason=x", "reason"),
        ("?dossier=5", "dossier"),
        ("?dosier=5", "dosier"),
        ("?limit=0", "limit"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(lgsp: Caller, query: str, wrong: str) -> None:
    assert set(faults(lgsp.get(f"packets{query}"))) == {wrong}


def test_pages_hold_each_packet_once(lgsp: Caller) -> None:
    for _number in range(3):
        people.a_dossier()
    collected(a_portal())
    seen, address = [], "packets?limit=4&count=true"
    while address:
        page = read(lgsp.get(address))
        assert page["count"] == 6
        seen += [row["key"] for row in page["results"]]
        address = page["next"]
    assert len(seen) == 6
    assert set(seen) == own_keys()


def test_it_wants_its_scope_and_a_list_takes_few_queries(lgsp: Caller) -> None:
    assert caller(ApiScope.DOSSIERS_READ).get("packets").status_code == 403
    assert lgsp.client.get("/api/v1/packets").status_code == 401
    reader = caller(ApiScope.PACKETS_READ)
    for _number in range(5):
        people.a_dossier()
    collected(a_portal())
    with CaptureQueriesContext(connection) as queries:
        assert len(listed(reader)) == 10
    assert len(queries) <= 6


def test_words_are_english_where_that_is_asked(lgsp: Caller) -> None:
    one_without_a_name()
    collected(a_portal())
    answer = lgsp.get("packets?kind=document", Accept_Language="en")
    assert answer.headers["Content-Language"] == "en"
    assert read(answer)["results"][0]["reason_text"] != "dữ liệu hồ sơ chưa đúng chuẩn"
