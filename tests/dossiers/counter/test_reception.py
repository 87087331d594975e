"""The counter with a queue in front: what is suggested, what is filled in, what is promised, and what is kept."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onestop.catalog.models import Procedure
from onestop.dossiers.models import Dossier, Move, State
from onestop.staff.models import Role, User
from tests import people

pytestmark = pytest.mark.django_db

NUMBER = "001099012345"
SUGGESTIONS = "/dossiers/procedures/"
EARLIER = "/dossiers/earlier/"


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def counter(procedure: Procedure | None = None) -> str:
    return reverse("dossiers:receive", args=[(procedure or people.a_procedure()).code])


def typed(**more: Any) -> dict[str, Any]:
    return {
        "uuid": str(uuid.uuid4()),
        "channel": "direct",
        "agency": str(people.ward().pk),
        "applicant_kind": "citizen",
        "applicant_name": "Đặng Văn Ước",
        "return_method": "direct",
        **more,
    }


def shown(answer: Any) -> str:
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def monday(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


# ---- suggestions of procedures


def suggested(text: str, **more: str) -> list[str]:
    answer = as_(people.lan()).get(SUGGESTIONS, {"q": text, **more})
    return re.findall(r"/dossiers/receive/([\d.]+)/", shown(answer))


def test_procedures_are_suggested_by_code_or_by_words_without_accents_in_any_order() -> None:
    people.a_procedure()
    people.a_procedure(
        code="2.000488", name="Cấp Phiếu lý lịch tư pháp", field=people.a_field("ltp", "Lý lịch tư pháp")
    )
    people.a_procedure(code="3.1", name="Đăng ký khai sinh đã bãi bỏ", is_active=False)
    assert suggested("sinh KHAI") == ["1.001193"]
    assert suggested("2.0004") == ["2.000488"]
    assert suggested("p", field="ltp") == ["2.000488"]
    assert suggested("  ") == []


def test_nothing_that_matches_is_said_and_cannot_be_chosen() -> None:
    people.a_procedure()
    answer = shown(as_(people.lan()).get(SUGGESTIONS, {"q": "không có"}))
    assert 'data-said="Không có thủ tục nào phù hợp."' in answer
    assert answer.count('role="option"') == answer.count('aria-disabled="true"') == 1


def test_suggestions_are_the_first_eight_in_three_queries() -> None:
    for number in range(20):
        people.a_procedure(code=f"1.{number:03}", field=people.a_field(f"f{number}", f"Lĩnh vực {number}"))
    client = as_(people.lan())
    with CaptureQueriesContext(connection) as queries:
        answer = shown(client.get(SUGGESTIONS, {"q": "khai sinh"}))
    # session, user, the procedures with their fields
    assert len(queries) == 3
    assert answer.count('role="option"') == 8
    assert 'data-said="8 gợi ý' in answer


# ---- the applicant from an earlier dossier


def an_earlier_one(**traits: Any) -> Dossier:
    return people.a_dossier(
        **{
            "identity_no": NUMBER,
            "applicant_name": "Lý Thị Én",
            "phone": "0901234567",
            "email": "en@example.vn",
            "address": "Tổ 5, phường Trần Phú",
            **traits,
        }
    )


def test_the_latest_dossier_with_the_same_number_is_offered() -> None:
    an_earlier_one(applicant_name="Tên cũ")
    latest = an_earlier_one()
    answer = shown(as_(people.lan()).post(EARLIER, {"identity_no": f" {NUMBER} "}))
    assert latest.code is not None
    for text in (latest.code, "Lý Thị Én", "0901234567", "en@example.vn", "Tổ 5, phường Trần Phú", 'name="fill"'):
        assert text in answer
    assert "Tên cũ" not in answer


def test_what_others_received_and_what_was_a_test_is_never_offered() -> None:
    an_earlier_one(agency=people.another_province(), by=people.root())
    an_earlier_one(is_test=True)
    client = as_(people.lan())
    assert "Lý Thị Én" not in shown(client.post(EARLIER, {"identity_no": NUMBER}))
    assert "Lý Thị Én" not in shown(client.post(counter(), typed(identity_no=NUMBER, find="")))
    assert "Lý Thị Én" not in shown(client.post(counter(), typed(identity_no=NUMBER, fill="")))


@pytest.mark.parametrize("number", ["", " ", "0", "00109901", "\x00", "9" * 5000, "%"])
def test_a_number_that_is_not_whole_asks_the_database_nothing(number: str) -> None:
    an_earlier_one(identity_no="")
    client = as_(people.lan())
    with CaptureQueriesContext(connection) as queries:
        assert "offer" not in shown(client.post(EARLIER, {"identity_no": number}))
    assert len(queries) == 2  # session, user


def test_the_offer_takes_five_queries_and_stands_in_no_cache_and_no_address() -> None:
    for _number in range(3):
        an_earlier_one()
    client = as_(people.lan())
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(EARLIER, {"identity_no": NUMBER})
    # session, user with the agency, the agencies it sees, the dossier, and that it was looked at
    assert len(queries) == 5
    assert "no-store" in answer["Cache-Control"]
    assert client.get(EARLIER, {"identity_no": NUMBER}).status_code == 405
    assert f'hx-post="{EARLIER}"' in shown(client.get(counter()))


def test_the_number_is_looked_for_by_its_index() -> None:
    plan = Dossier.objects.of_applicant(NUMBER).order_by("-pk")[:1].explain()
    if connection.vendor == "postgresql":
        pytest.skip("with so few rows PostgreSQL reads all of them")
    assert "dossier_of_applicant" in plan


def test_without_scripts_a_button_finds_and_another_fills_in_and_nothing_typed_is_lost() -> None:
    procedure = people.a_procedure_with_papers_and_fees()
    paper, fee = procedure.papers.first(), procedure.fees.first()
    assert paper is not None
    assert fee is not None
    an_earlier_one(applicant_kind="business")
    kept = {
        "uuid": str(uuid.uuid4()),
        "channel": "postal",
        "agency": str(people.ward_desk().pk),
        "applicant_kind": "citizen",
        "identity_no": NUMBER,
        "summary": "Khai sinh cho con 😀",
        "return_method": "post",
        f"paper-{paper.pk}-given": "on",
        f"paper-{paper.pk}-quantity": "7",
        f"fee-{fee.pk}-amount": "12345",
    }
    client = as_(people.lan())
    found = client.post(counter(procedure), {**kept, "find": ""})
    assert "Lý Thị Én" in shown(found)
    assert "errorlist" not in shown(found)
    filled = client.post(counter(procedure), {**kept, "fill": ""})
    form, intake = filled.context["form"], filled.context["intake"]
    assert {name: form[name].value() for name in ("applicant_name", "phone", "address", "applicant_kind")} == {
        "applicant_name": "Lý Thị Én",
        "phone": "0901234567",
        "address": "Tổ 5, phường Trần Phú",
        "applicant_kind": "business",
    }
    for name in ("uuid", "channel", "agency", "identity_no", "summary", "return_method"):
        assert form[name].value() == kept[name]
    assert (intake.papers[0]["given"].value(), intake.papers[0]["quantity"].value()) == (True, "7")
    assert intake.papers[1]["given"].value() is False
    assert intake.fees[0]["amount"].value() == "12345"
    assert Dossier.objects.count() == 1


def test_looking_in_vain_says_so() -> None:
    answer = shown(as_(people.lan()).post(counter(), typed(identity_no=NUMBER, find="")))
    assert "Không có hồ sơ nào trước đây" in answer


@pytest.mark.parametrize("person", [people.binh, people.tu, people.thanh])
def test_only_the_counter_asks(person: Any) -> None:
    an_earlier_one()
    client = as_(person())
    assert client.get(SUGGESTIONS, {"q": "khai"}).status_code == 403
    assert client.post(EARLIER, {"identity_no": NUMBER}).status_code == 403
    assert client.get(f"{counter()}promise/").status_code == 403


# ---- what is promised


def test_the_promise_follows_the_agency_and_its_hours() -> None:
    people.ward_desk().working_hours.create(weekday=0, opens=time(8), closes=time(10))
    procedure = people.a_procedure(code="4", limit=Decimal(2), limit_unit=Procedure.Unit.HOURS)
    client, address = as_(people.lan()), f"{counter(people.a_procedure(code='4'))}promise/"
    with time_machine.travel(monday(9), tick=False):
        assert "UBND phường Trần Phú tiếp nhận bây giờ: hẹn trả <strong>02/03/2026 11:00" in shown(
            client.get(address, {"agency": str(people.ward().pk)})
        )
        desk = shown(client.get(address, {"agency": str(people.ward_desk().pk)}))
        assert "hẹn trả <strong>09/03/2026 09:00</strong>" in desk
        # As lifecycle will have it.
        client.post(counter(procedure), typed(agency=str(people.ward_desk().pk)))
        due_at = Dossier.objects.get().due_at
        assert due_at is not None
        assert due_at.astimezone(monday(0).tzinfo).strftime("%d/%m/%Y %H:%M") == "09/03/2026 09:00"
        # A page that comes back with errors still speaks of the agency chosen.
        back = client.post(counter(procedure), typed(agency=str(people.ward_desk().pk), applicant_name=""))
        assert "hẹn trả <strong>09/03/2026 09:00" in shown(back)


@pytest.mark.parametrize("agency", ["", "0", "x", "9" * 40])
def test_an_agency_that_makes_no_sense_promises_as_ones_own(agency: str) -> None:
    with time_machine.travel(monday(9), tick=False):
        answer = as_(people.lan()).get(f"{counter()}promise/", {"agency": agency})
        assert "UBND phường Trần Phú tiếp nhận" in shown(answer)


def test_nobody_learns_the_hours_of_an_agency_that_is_not_theirs() -> None:
    answer = shown(as_(people.lan()).get(f"{counter()}promise/", {"agency": str(people.another_province().pk)}))
    assert "Cà Mau" not in answer


def test_papers_stand_under_the_heading_of_their_case() -> None:
    page = shown(as_(people.lan()).get(counter(people.a_procedure_with_papers_and_fees())))
    assert page.index("Tờ khai theo mẫu") < page.index("<h3>Người ủy quyền</h3>") < page.index("Bản sao giấy tờ")


def test_the_form_takes_no_more_queries_for_more_papers_and_fees() -> None:
    procedure, client = people.a_procedure_with_papers_and_fees(), as_(people.lan())
    desk = people.ward_desk()
    for number in range(10, 30):
        procedure.papers.create(ordinal=number, name=f"Giấy {number}", originals=1)
        procedure.fees.create(ordinal=number, name=f"Phí {number}", amount=number)
    with CaptureQueriesContext(connection) as queries:
        shown(client.get(counter(procedure)))
    # session, user with the agency, procedure, others below?, communes?, papers, fees, days off with hours,
    # agencies to choose, ready texts, the number of news
    assert len(queries) == 11
    with CaptureQueriesContext(connection) as queries:
        shown(client.get(f"{counter(procedure)}promise/", {"agency": str(desk.pk)}))
    # session, user with the agency, procedure, the one asked for, days off with hours
    assert len(queries) == 5


# ---- what is wrong is said first


def test_a_summary_of_errors_takes_the_focus_and_leads_to_each_field() -> None:
    procedure = people.a_procedure_with_papers_and_fees()
    paper, by_text = procedure.papers.first(), procedure.fees.get(amount=None)
    assert paper is not None
    more = {
        f"paper-{paper.pk}-given": "on",
        f"paper-{paper.pk}-quantity": "0",
        f"fee-{by_text.pk}-charged": "on",
    }
    people.ward_desk()
    answer = shown(
        as_(people.lan()).post(counter(procedure), typed(applicant_name="", channel="", summary="Giữ", **more))
    )
    # While the way in is not known, every fee is shown and judged.
    linked = re.findall(r'<a href="#(id_[^"]+)">', answer)
    of_paper, of_fee = f"id_paper-{paper.pk}-quantity", f"id_fee-{by_text.pk}-amount"
    assert linked == ["id_channel_0", "id_applicant_name", of_paper, of_fee]
    answer = shown(as_(people.lan()).post(counter(procedure), typed(applicant_name="", summary="Giữ", **more)))
    linked = re.findall(r'<a href="#(id_[^"]+)">', answer)
    assert linked == ["id_applicant_name", of_paper, of_fee]
    assert all(f'id="{name}"' in answer for name in linked)
    assert "Số lượng: Tờ khai theo mẫu" in answer
    assert "Giữ" in answer
    assert answer.count(" autofocus") == 1
    assert 'tabindex="-1" autofocus' in answer


def test_a_blank_form_begins_at_the_number_and_says_nothing_of_errors() -> None:
    answer = shown(as_(people.lan()).get(counter()))
    assert answer.count(" autofocus") == 1
    assert re.search(r'<input[^>]*name="identity_no"[^>]* autofocus', answer)
    assert "faults" not in answer


def test_the_page_of_a_move_says_its_errors_the_same_way() -> None:
    dossier = people.a_dossier()
    address = reverse("dossiers:move", args=[dossier.uuid, Move.WITHDRAW.value])
    assert "faults" not in shown(as_(people.lan()).get(address))
    answer = shown(as_(people.lan()).post(address, {"comment": ""}))
    assert 'tabindex="-1" autofocus' in answer
    assert '<a href="#id_comment">Lý do</a>' in answer


def test_what_lifecycle_refuses_stands_in_the_summary_once() -> None:
    dossier = people.a_dossier_in(State.WITHDRAWN)
    address = reverse("dossiers:move", args=[dossier.uuid, Move.WITHDRAW.value])
    answer = as_(people.lan()).post(address, {"comment": "Xin rút"})
    (refusal,) = answer.context["form"].non_field_errors()
    assert shown(answer).count(f"<li>{refusal}</li>") == 1


# ---- saving, printing, drafts


def test_after_saving_the_focus_is_on_the_button_that_prints() -> None:
    client = as_(people.lan())
    for more, label in (({}, "In giấy tiếp nhận"), ({"refuse": "", "comment": "Sai nơi nhận"}, "In phiếu từ chối")):
        answer = client.post(counter(), typed(**more))
        assert answer["Location"].endswith("/#print")
        page = shown(client.get(answer["Location"]))
        assert re.findall(r'<button[^>]* id="print"[^>]*>([^<]*)', page)[0].startswith(label)


def test_a_form_sent_without_a_session_comes_back_to_the_form() -> None:
    form = f"http://testserver{counter()}"
    # As every browser tells where it was filled in: the address that it is sent to need not be a page.
    answer = Client().post(counter(), typed(), headers={"Referer": form})
    assert answer.status_code == 302
    signed_in = Client().post(answer["Location"], {"username": people.lan().username, "password": people.PASSWORD})
    assert signed_in["Location"] == counter()
    assert not Dossier.objects.exists()


def test_a_draft_is_kept_for_one_person_and_procedure_and_not_over_what_was_answered() -> None:
    lan, procedure = people.lan(), people.a_procedure()
    blank = shown(as_(lan).get(counter(procedure)))
    assert f'data-user="{lan.pk}"' in blank
    assert f'data-draft="{procedure.code}"' in blank
    assert "data-answered" not in blank
    assert "data-answered" in shown(as_(lan).post(counter(procedure), typed(applicant_name="")))
    assert "data-answered" in shown(as_(lan).post(counter(procedure), typed(find="")))


def test_signing_out_is_told_apart_from_a_session_that_ran_out() -> None:
    client = as_(people.lan())
    signed_out = client.post(reverse("sign-out"))
    assert "data-signed-out" in shown(client.get(signed_out["Location"]))
    ran_out = client.get(counter())
    assert "data-signed-out" not in shown(client.get(ran_out["Location"]))


def test_enter_in_a_field_receives_and_does_not_look_for_a_number() -> None:
    """A browser presses the first button of the form that a field belongs to."""
    form = shown(as_(people.lan()).get(counter())).partition('class="intake"')[2]
    first = re.search(r"<button[^>]*>", form)
    assert first is not None
    assert 'name="receive"' in first[0]


def test_an_office_alone_is_promised_without_being_asked() -> None:
    tam = people.a_person("tam", Role.RECEPTION, people.ward_desk())
    answer = shown(as_(tam).get(counter()))
    assert "Tổ Tư pháp – Hộ tịch phường Trần Phú tiếp nhận bây giờ" in answer
    assert "hx-get" not in answer


# ---- an intake without papers


def test_an_intake_without_a_single_paper_asks_once() -> None:
    procedure, client, form = people.a_procedure_with_papers_and_fees(), as_(people.lan()), typed()
    page = shown(client.post(counter(procedure), form))
    assert "Chưa đánh dấu thành phần hồ sơ nào" in page
    assert not Dossier.objects.exists()
    assert 'name="without_papers" value="on"' in page
    assert client.post(counter(procedure), {**form, "without_papers": "on"}).status_code == 302
    assert Dossier.objects.get().papers.count() == 0


def test_an_intake_with_a_paper_or_a_file_or_for_a_refusal_asks_nothing() -> None:
    procedure, client = people.a_procedure_with_papers_and_fees(), as_(people.lan())
    paper = procedure.papers.first()
    assert paper is not None
    for more in (
        {f"paper-{paper.pk}-given": "on"},
        {"uploads": [people.a_file()]},
        {"refuse": "", "comment": "Sai nơi"},
    ):
        assert client.post(counter(procedure), typed(**more)).status_code == 302
