"""Dossier codes that come from outside: which are taken in, and that none of them closes a counter.

The ward (H22.101) numbers its own dossiers and has given number 0001 today. A new case is one line of `CASES`.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from onestop.catalog.models import Agency
from onestop.common.errors import InputRefused
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import DailySequence, Dossier
from onestop.partners.models import PartnerActor
from onestop.partners.scopes import ApiScope
from tests import people

pytestmark = pytest.mark.django_db

TAKEN_IN: Final = "taken in"

# The code ({today}, {yesterday}, {tomorrow}: yyMMdd), the partner that hands it in for an agency of its own, what
# comes of it, and the two numbers that the ward's counter gives next.
CASES: list[tuple[str, str, str, tuple[int, int]]] = [
    # The ward's own partner, such as one that brings the files of its former system: numbering passes them over.
    ("H22.101.00-{today}-0002", "ward", TAKEN_IN, (3, 4)),
    ("H22.101.00-{today}-0003", "ward", TAKEN_IN, (2, 4)),
    ("H22.101.00-{today}-0001", "ward", "taken", (2, 3)),
    ("H22.101.00-{today}-9999999999", "ward", TAKEN_IN, (2, 3)),
    ("H22.101.00-{today}-2147483648", "ward", TAKEN_IN, (2, 3)),
    ("H22.101.00-{yesterday}-0002", "ward", TAKEN_IN, (2, 3)),
    ("H22.101.00-{tomorrow}-0001", "ward", "future", (2, 3)),
    ("H22.101.00-{tomorrow}-0001", "province", "future", (2, 3)),
    ("000.00.101.H22-{tomorrow}-0001", "ward", "future", (2, 3)),
    # Written otherwise, it is another code.
    ("H22.101.00-{today}-00002", "ward", TAKEN_IN, (2, 3)),
    ("H22.101-{today}-0002", "ward", TAKEN_IN, (2, 3)),
    ("H22.101.00-{today}-2", "ward", TAKEN_IN, (2, 3)),
    ("h22.101.00-{today}-0002", "ward", "invalid", (2, 3)),
    ("H22.101.00-{today}-٠٠٠٢", "ward", "invalid", (2, 3)),
    # A partner of the whole province oversees the ward, one of another agency does not.
    ("H22.101.00-{today}-0002", "province", TAKEN_IN, (3, 4)),
    ("H22.101.00-{today}-0002", "department", "reserved", (2, 3)),
    ("H22.101.00-{yesterday}-0002", "department", "reserved", (2, 3)),
    ("H22.101.00-{tomorrow}-0002", "department", "reserved", (2, 3)),
    ("H22.101.00-991399-0002", "department", "reserved", (2, 3)),
    ("000.00.101.H22-{today}-0002", "department", "reserved", (2, 3)),
    ("H22.101-{today}-0002", "department", "reserved", (2, 3)),
    ("H22.0101-{today}-0002", "department", "reserved", (2, 3)),
    ("H22.101.00-{today}-2", "department", "reserved", (2, 3)),
    ("H22.101.01-{today}-0002", "department", "reserved", (2, 3)),
    ("H22.000.00-{today}-0002", "department", "reserved", (2, 3)),
    ("H22.001.00-{today}-0002", "department", TAKEN_IN, (2, 3)),
    # Of nobody who is numbered here: none of our agencies, one that is in the catalogue only, the national portal.
    ("H22.10.00-{today}-0002", "department", TAKEN_IN, (2, 3)),
    ("H22.1010.00-{today}-0002", "department", TAKEN_IN, (2, 3)),
    ("H23.000.00-{today}-0002", "department", TAKEN_IN, (2, 3)),
    ("H23.000.00-{tomorrow}-0002", "department", TAKEN_IN, (2, 3)),
    ("G22.99.01-{today}-1234567", "department", TAKEN_IN, (2, 3)),
    ("HS-2026-17", "department", TAKEN_IN, (2, 3)),
    ("-", "department", TAKEN_IN, (2, 3)),
    ("..-{today}-0002", "department", TAKEN_IN, (2, 3)),
]
# The same for a ward whose own codes have the owner digits 01.
CASES_WITH_OWNER_DIGITS: list[tuple[str, str, str, tuple[int, int]]] = [
    ("H22.101.00-{today}-010002", "ward", TAKEN_IN, (3, 4)),
    ("H22.101.00-{today}-010002", "department", "reserved", (2, 3)),
    ("H22.101.00-{today}-020002", "department", TAKEN_IN, (2, 3)),
    ("H22.101.00-{today}-0002", "ward", TAKEN_IN, (2, 3)),
    ("H22.101.00-{tomorrow}-010001", "ward", "future", (2, 3)),
    ("H22.101.00-{tomorrow}-020001", "ward", TAKEN_IN, (2, 3)),
]
# The same for a ward that writes its codes in the order of 2018.
CASES_IN_THE_OTHER_ORDER: list[tuple[str, str, str, tuple[int, int]]] = [
    ("000.00.101.H22-{today}-0002", "ward", TAKEN_IN, (3, 4)),
    ("000.00.101.H22-{today}-0002", "department", "reserved", (2, 3)),
    ("H22.101.00-{today}-0002", "ward", TAKEN_IN, (2, 3)),
    ("H22.101.00-{today}-0002", "department", "reserved", (2, 3)),
]
DOORS: Final = ("api", "bulk", "bulk of all or none")


def yymmdd(days: int) -> str:
    return f"{timezone.now().astimezone(VIETNAM) + timedelta(days=days):%y%m%d}"


def written(code: str) -> str:
    return code.format(today=yymmdd(0), yesterday=yymmdd(-1), tomorrow=yymmdd(1))


AGENCIES = {"ward": people.ward, "department": people.department, "province": people.province}


def hand_in(code: str | None, who: str, door: str, number: int = 1) -> str:
    """Through that door, for an agency of the partner's own; what came of it."""
    agency = people.ward() if who == "province" else AGENCIES[who]()
    partner = people.a_partner(name=f"Hệ thống của {who}", agencies=[AGENCIES[who]()])
    body = {
        "external_id": f"S-{number}",
        "procedure": people.a_procedure().code,
        "agency": agency.code,
        "channel": "online",
        "applicant_name": "Đặng Văn Ước",
        **({"code": code} if code else {}),
    }
    client: Any = APIClient()
    client.force_authenticate(PartnerActor(partner, [ApiScope.DOSSIERS_CREATE, ApiScope.DOSSIERS_READ]))
    address = reverse("api:dossiers" if door == "api" else "api:bulk")
    answer = client.generic(
        "POST",
        address + ("?mode=atomic" if door == "bulk of all or none" else ""),
        json.dumps(body),
        content_type="application/json",
    )
    if door == "api":
        told = json.loads(answer.content)
        faults = [(fault["attr"], fault["code"]) for fault in told.get("errors", ())]
        is_taken_in = answer.status_code == 201
    else:
        line, _summary = (json.loads(line) for line in b"".join(answer.streaming_content).splitlines())
        faults = [(fault["field"], fault["code"]) for fault in line.get("errors", ())]
        is_taken_in = line["status"] == "created"
    if is_taken_in:
        return TAKEN_IN
    ((field, fault),) = faults
    assert field == "code"
    return str(fault)


def insist(code: str, who: str, comes_to: str, following: tuple[int, int], door: str) -> None:
    people.department()
    people.another_province()
    people.ward_desk()
    first = people.a_dossier().code
    assert first is not None
    assert first.endswith("0001")
    assert hand_in(written(code), who, door) == comes_to
    # The counter goes on, without a gap.
    assert [people.a_dossier().code for _time in range(2)] == [f"{first[:-4]}{number:04}" for number in following]
    assert hand_in(None, "ward", door, number=2) == TAKEN_IN


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("code", "who", "comes_to", "following"), CASES)
def test_a_code_from_outside(code: str, who: str, comes_to: str, following: tuple[int, int], door: str) -> None:
    insist(code, who, comes_to, following, door)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("code", "who", "comes_to", "following"), CASES_WITH_OWNER_DIGITS)
def test_a_code_from_outside_where_our_own_have_owner_digits(
    code: str, who: str, comes_to: str, following: tuple[int, int], door: str
) -> None:
    people.ward()
    Agency.objects.filter(code="H22.101").update(owner_digits="01")
    insist(code, who, comes_to, following, door)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("code", "who", "comes_to", "following"), CASES_IN_THE_OTHER_ORDER)
def test_a_code_from_outside_where_our_own_are_in_the_order_of_2018(
    code: str, who: str, comes_to: str, following: tuple[int, int], door: str
) -> None:
    people.ward()
    Agency.objects.filter(code="H22.101").update(code_order=Agency.CodeOrder.LEVEL1_LAST)
    insist(code, who, comes_to, following, door)


# ---- the neighbours of a code that is in the way


def numbered(code: str | None) -> int:
    return int((code or "").rpartition("-")[2])


def lay(*numbers: int, days: int = 0) -> None:
    """Stores dossiers of the ward with such numbers past every door, as an earlier version let them in."""
    for number in numbers:
        dossier = people.a_dossier()
        Dossier.objects.filter(pk=dossier.pk).update(code=f"H22.101.00-{yymmdd(days)}-{number:04}")
    DailySequence.objects.update(last=0)


def test_codes_that_an_earlier_version_let_in_are_passed_over() -> None:
    lay(1, 2, 4)
    assert [numbered(people.a_dossier().code) for _time in range(3)] == [3, 5, 6]


def test_a_code_of_a_day_to_come_that_is_there_already_does_not_block_that_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people.a_dossier()
    lay(1, 2, days=1)
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    assert [numbered(people.a_dossier().code) for _time in range(2)] == [3, 4]


def test_thousands_in_the_way_cost_a_few_queries() -> None:
    people.lan()
    first = people.a_dossier()
    like = {"procedure": first.procedure, "agency": first.agency, "unit": first.unit, "applicant_name": "Ước"}
    moments = {"registered_at": first.registered_at, "moved_at": first.moved_at}
    Dossier.objects.bulk_create(
        Dossier(code=f"H22.101.00-{yymmdd(0)}-{number:04}", **like, **moments) for number in range(2, 3002)
    )
    with CaptureQueriesContext(connection) as queries:
        assert numbered(people.a_dossier().code) == 3002
    assert len([query for query in queries if " IN (" in query["sql"] and '"code"' in query["sql"]]) < 20
    assert numbered(people.a_dossier().code) == 3003


def test_one_intake_looks_once_whether_its_code_is_there() -> None:
    people.a_dossier()
    with CaptureQueriesContext(connection) as queries:
        people.a_dossier()
    looks = [query["sql"] for query in queries if '"dossiers_dossier"."code" IN' in query["sql"]]
    assert len(looks) == 1


def test_an_agency_that_takes_over_another_s_identifier_goes_on_after_its_codes() -> None:
    people.a_dossier()
    # The ward gets a new identifier, under which another system has given codes before.
    another = people.an_agency("H22.102", "UBND phường Khác", people.province(), Agency.Level.COMMUNE)
    people.a_dossier(agency=another, by=people.root(), code=f"H22.202.00-{yymmdd(0)}-0001")
    ward = people.ward()
    ward.code = "H22.202"
    ward.save()
    assert people.a_dossier(agency=ward).code == f"H22.202.00-{yymmdd(0)}-0002"


def test_a_test_dossier_that_is_deleted_leaves_its_number_to_nobody() -> None:
    people.a_dossier()
    test = people.a_dossier(is_test=True)
    last = people.a_dossier()
    with connection.cursor() as cursor:
        for table in ("dossiers_statsqueue", "dossiers_transition", "dossiers_duedate"):
            cursor.execute(f"DELETE FROM {table} WHERE dossier_id = %s", [test.pk])  # noqa: S608 the tables' own names
    test.delete()
    assert numbered(people.a_dossier().code) == numbered(last.code) + 1


def test_a_code_from_outside_that_is_rolled_back_is_given_by_the_counter() -> None:
    people.a_dossier()
    with transaction.atomic():
        assert hand_in(f"H22.101.00-{yymmdd(0)}-0002", "ward", "api") == TAKEN_IN
        transaction.set_rollback(True)
    assert numbered(people.a_dossier().code) == 2


def test_codes_of_one_bulk_are_passed_over_by_those_that_it_asks_for() -> None:
    code = f"H22.101.00-{yymmdd(0)}-0001"
    row = {"procedure": people.a_procedure().code, "agency": people.ward().code, "channel": "online"}
    rows = [row | {"external_id": str(number), "applicant_name": "Ước"} for number in range(3)]
    rows[1]["code"] = code
    client: Any = APIClient()
    client.force_authenticate(PartnerActor(people.a_partner(), [ApiScope.DOSSIERS_CREATE]))
    answer = client.post(reverse("api:bulk") + "?mode=atomic", rows, format="json")
    lines = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert answer.status_code == 200
    assert [numbered(line["code"]) for line in lines[:-1]] == [2, 1, 3]


def test_the_longest_identifier_that_an_agency_may_have_is_numbered() -> None:
    for order in Agency.CodeOrder:
        agency = people.an_agency("X" * 34 + order[-1].upper(), "Cơ quan", None, Agency.Level.PROVINCE)
        agency.code_order = order
        agency.save()
        dossier = people.a_dossier(agency=agency, by=people.root())
        assert numbered(dossier.code) == 1


def test_the_portal_hands_in_no_code_of_ours() -> None:
    people.lan()
    dossier = people.a_new_dossier(code=f"H22.101.00-{yymmdd(0)}-0002", from_portal=True, channel="online")
    with pytest.raises(InputRefused, match="cơ quan khác"):
        lifecycle.register(dossier, None)


def test_the_desk_answers_with_its_page_where_a_code_was_in_the_way() -> None:
    people.a_dossier()
    hand_in(f"H22.101.00-{yymmdd(0)}-0002", "ward", "api")
    client = Client()
    client.force_login(people.lan())
    form = {"channel": "direct", "applicant_kind": "citizen", "applicant_name": "Ước", "return_method": "direct"}
    form["agency"] = str(people.ward().pk)
    answer = client.post(reverse("dossiers:receive", args=[people.a_procedure().code]), form)
    assert answer.status_code == 302
    assert numbered(Dossier.objects.latest("pk").code) == 3
