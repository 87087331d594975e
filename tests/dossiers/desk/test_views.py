"""The counter and the desk as people use them: pages, what they show, and what they let nobody do."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from onestop.catalog.models import Procedure
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.desk.move_forms import MOVE_FORMS
from onestop.dossiers.lists.views import COUNTED
from onestop.dossiers.models import Dossier, DueDate, Fee, Move, Paper, State
from onestop.dossiers.templatetags.desk import SHAPES, due_in_words
from onestop.staff.models import Role, User
from tests import people

pytestmark = pytest.mark.django_db

LIST = "/dossiers/"


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def at(day: int, hour: int) -> datetime:
    """An instant of March 2026, whose first day is a Sunday."""
    return datetime(2026, 3, day, hour, tzinfo=VIETNAM)


def detail_of(dossier: Dossier) -> str:
    return reverse("dossiers:detail", args=[dossier.uuid])


def move_page(dossier: Dossier, move: Move) -> str:
    return reverse("dossiers:move", args=[dossier.uuid, move.value])


# ---- the list


def test_the_list_shows_what_one_may_see_newest_first() -> None:
    first, second = people.a_dossier(applicant_name="Một"), people.a_dossier(applicant_name="Hai")
    people.a_dossier(agency=people.another_province(), by=people.root(), applicant_name="Người tỉnh khác")
    shown = page(as_(people.lan()), LIST)
    assert second.code is not None
    assert first.code is not None
    assert shown.index(second.code) < shown.index(first.code)
    assert "Người tỉnh khác" not in shown


def test_the_list_takes_no_more_queries_for_more_dossiers() -> None:
    client = as_(people.lan())
    for number in range(30):
        people.a_dossier(applicant_name=f"Người {number}", procedure=people.a_procedure(code=f"1.{number}"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page(client, LIST)
    # session, user with its agency, the agencies it sees, dossiers, calendars, lists kept and batches left undone,
    # fields and agencies to choose from, how many dossiers there are, and the number of news
    assert len(queries) == 11
    of_dossiers = [query["sql"] for query in queries if '"dossiers_dossier"' in query["sql"]]
    assert of_dossiers
    # Never all of them: the database stops counting.
    assert not [sql for sql in of_dossiers if "COUNT(" in sql and f"LIMIT {COUNTED + 1}" not in sql]


def test_pages_of_the_list_hold_twenty_five_and_lead_to_each_other() -> None:
    client = as_(people.lan())
    for number in range(26):
        people.a_dossier(applicant_name=f"Người số {number:02}")
    first = page(client, LIST, q="nguoi so")
    assert first.count('class="open code"') == 25
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    assert "q=nguoi+so&amp;page=2" in first
    second = page(client, LIST, q="nguoi so", page="2")
    assert "Người số 00" in second
    assert 'rel="next"' not in second
    assert 'rel="prev"' in second


@pytest.mark.parametrize("number", ["0", "-1", "abc", "9" * 40, "9" * 5000, "٣"])
def test_a_page_number_that_makes_no_sense_breaks_nothing(number: str) -> None:
    assert as_(people.lan()).get(LIST, {"page": number}).status_code == 200


def test_the_search_needs_no_accents_and_takes_words_in_any_order() -> None:
    people.a_dossier(applicant_name="Đặng Văn Ước", summary="khai sinh")
    people.a_dossier(applicant_name="Lý Thị Én")
    shown = page(as_(people.lan()), LIST, q="sinh UOC dang")
    assert "Đặng Văn Ước" in shown
    assert "Lý Thị Én" not in shown


def names(client: Client, **query: str) -> set[str]:
    return {dossier.applicant_name for dossier in client.get(LIST, query).context["dossiers"]}


def test_every_filter_narrows_the_list() -> None:
    other_field = people.a_field("dat-dai", "Đất đai")
    with time_machine.travel(at(2, 9), tick=False):
        people.a_dossier(applicant_name="cũ")
        people.a_dossier_in(State.AWAITING_SUPPLEMENT, applicant_name="chờ")
    with time_machine.travel(at(10, 0), tick=False):  # the first instant of the day
        people.a_dossier(applicant_name="đất", procedure=people.a_procedure(code="1.2", field=other_field))
        people.a_dossier(applicant_name="tổ", agency=people.ward_desk())
        client = as_(people.lan())
        assert names(client) == {"cũ", "chờ", "đất", "tổ"}
        assert names(client, state="5") == {"chờ"}
        assert names(client, field=str(other_field.pk)) == {"đất"}
        assert names(client, agency=str(people.ward_desk().pk)) == {"tổ"}
        assert names(client, agency=str(people.ward().pk)) == {"cũ", "chờ", "đất", "tổ"}
        assert names(client, due="late") == {"cũ"}
        assert names(client, received_from="2026-03-10") == {"đất", "tổ"}
        assert names(client, received_to="2026-03-09") == {"cũ", "chờ"}
        assert names(client, received_from="2026-03-02", received_to="2026-03-02") == {"cũ", "chờ"}


@pytest.mark.parametrize(
    "query",
    [
        {"state": "77"},
        {"field": "9" * 40},
        {"agency": "x"},
        {"received_from": "hôm qua"},
        {"received_to": "9999-12-31"},
        {"received_from": "0001-01-01"},
    ],
)
def test_a_filter_that_makes_no_sense_breaks_nothing(query: dict[str, str]) -> None:
    assert as_(people.lan()).get(LIST, query).status_code == 200


def test_only_ones_own_agencies_are_offered_as_a_filter() -> None:
    people.department()
    people.ward_desk()
    offered = as_(people.lan()).get(LIST).context["filter"].form.fields["agency"].queryset
    assert set(offered) == {people.ward(), people.ward_desk()}


def test_an_empty_list_says_what_to_do() -> None:
    assert "Vui lòng tiếp nhận hồ sơ đầu tiên" in page(as_(people.lan()), LIST)
    assert "khi bộ phận một cửa tiếp nhận" in page(as_(people.binh()), LIST)
    assert "có thể nhập không dấu" in page(as_(people.lan()), LIST, q="xyz")


def test_long_names_stay_whole_in_the_title() -> None:
    name = "Thủ tục " + "rất dài " * 145
    people.a_dossier(procedure=people.a_procedure(code="1.9", name=name.strip()))
    assert f'title="{name.strip()}"' in page(as_(people.lan()), LIST)


# ---- the due instant in words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at(2, 9), "còn 2 ngày làm việc"),
        (at(4, 6), "còn 1 giờ làm việc"),
        (at(4, 9) - timedelta(minutes=5), "còn 5 phút"),
        (at(4, 14), "quá hạn 3 giờ làm việc"),
        (at(9, 9), "quá hạn 3 ngày làm việc"),
    ],
)
def test_the_due_instant_is_told_in_words(moment: datetime, words: str) -> None:
    dossier = people.a_new_dossier()
    lifecycle.receive(dossier, people.lan(), at=at(2, 9))
    with time_machine.travel(moment, tick=False):
        assert due_in_words(dossier) == words


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.REGISTERED, "chưa tiếp nhận"),
        (State.AWAITING_PAYMENT, "tạm dừng"),
        (State.RETURNED, "hoàn thành đúng hạn"),
        (State.WITHDRAWN, "đã kết thúc"),
    ],
)
def test_what_has_no_running_clock_says_so(state: State, words: str) -> None:
    assert due_in_words(people.a_dossier_in(state)) == words


def test_no_limit_and_a_late_end_are_told_too() -> None:
    assert due_in_words(people.a_dossier(procedure=people.a_procedure(code="9", limit=None, limit_unit=""))) == (
        "không có hạn"
    )
    late = people.a_new_dossier()
    lifecycle.receive(late, people.lan(), at=at(2, 9))
    lifecycle.approve(late, people.ha(), at=at(5, 9))
    assert due_in_words(late) == "hoàn thành trễ hạn"


def test_every_state_has_a_shape() -> None:
    assert set(SHAPES) == set(State)


# ---- choosing a procedure


def test_a_procedure_is_found_without_accents_by_name_code_and_field() -> None:
    people.a_procedure()
    people.a_procedure(
        code="2.000488", name="Cấp Phiếu lý lịch tư pháp", field=people.a_field("ltp", "Lý lịch tư pháp")
    )
    people.a_procedure(code="3.1", name="Thủ tục đã bãi bỏ", is_active=False)
    client, search = as_(people.lan()), reverse("dossiers:procedure-search")

    def found(**query: str) -> set[str]:
        return {procedure.code for procedure in client.get(search, query).context["procedures"]}

    assert found() == {"1.001193", "2.000488"}
    assert found(q="KHAI dang ky") == {"1.001193"}
    assert found(q="2.0004") == {"2.000488"}
    assert found(field="ltp") == {"2.000488"}
    assert found(q="bai bo") == set()
    assert "Vui lòng nhập ngắn hơn" in page(client, search, q="không có")


def test_words_side_by_side_come_before_words_apart() -> None:
    people.a_procedure(code="1.1", name="Hỗ trợ thương tích")
    people.a_procedure(code="1.2", name="Cải chính hộ tịch")
    found = as_(people.lan()).get(reverse("dossiers:procedure-search"), {"q": "ho tich"}).context["procedures"]
    assert [procedure.code for procedure in found] == ["1.2", "1.1"]


def test_only_the_first_thirty_procedures_are_shown() -> None:
    for number in range(31):
        people.a_procedure(code=f"1.{number:03}")
    shown = page(as_(people.lan()), reverse("dossiers:procedure-search"))
    assert shown.count("/dossiers/receive/1.") == 30
    assert "30 thủ tục đầu tiên" in shown


@pytest.mark.parametrize("person", [people.binh, people.tu, people.thanh])
def test_who_is_not_at_the_counter_takes_nothing_in(person: Any) -> None:
    procedure = people.a_procedure()
    client = as_(person())
    for address in (reverse("dossiers:procedure-search"), reverse("dossiers:receive", args=[procedure.code])):
        answer = client.get(address)
        assert answer.status_code == 403
        assert "không tiếp nhận hồ sơ" in answer.content.decode()
    assert "Tiếp nhận</a>" not in page(client, LIST)


# ---- the counter


def typed(**more: Any) -> dict[str, Any]:
    """What Lan types for a citizen."""
    return {
        "uuid": str(uuid.uuid4()),
        "channel": "direct",
        "agency": str(people.ward().pk),
        "applicant_kind": "citizen",
        "applicant_name": "Đặng Văn Ước 👶",
        "return_method": "direct",
        **more,
    }


def receive(procedure: Procedure, by: Any = people.lan, **more: Any) -> Any:
    people.ward_desk()
    client = as_(by())
    return client.post(reverse("dossiers:receive", args=[procedure.code]), typed(**more), follow=True)


def test_the_counter_says_the_due_instant_beforehand() -> None:
    with time_machine.travel(at(2, 9), tick=False):
        shown = page(as_(people.lan()), reverse("dossiers:receive", args=[people.a_procedure().code]))
    assert "hẹn trả <strong>04/03/2026 09:00</strong>" in shown
    endless = people.a_procedure(code="9", limit=None, limit_unit="")
    assert "không có ngày hẹn trả" in page(as_(people.lan()), reverse("dossiers:receive", args=[endless.code]))


def test_an_intake_keeps_papers_fees_and_files() -> None:
    procedure = people.a_procedure_with_papers_and_fees()
    first, second = procedure.papers.all()
    fee, online, by_text = procedure.fees.all()
    answer = receive(
        procedure,
        **{
            f"paper-{first.pk}-given": "on",
            f"paper-{first.pk}-quantity": "3",
            f"paper-{second.pk}-quantity": "2",
            f"fee-{fee.pk}-charged": "on",
            f"fee-{fee.pk}-amount": "200000",
            f"fee-{fee.pk}-paid": "on",
            f"fee-{fee.pk}-receipt_no": "BL 01",
            f"fee-{online.pk}-charged": "on",
            f"fee-{online.pk}-amount": "100000",
            f"fee-{by_text.pk}-charged": "on",
            f"fee-{by_text.pk}-amount": "35000",
            "uploads": [people.a_file("đơn.pdf"), people.a_file("ảnh.png", people.PNG)],
        },
    )
    dossier = Dossier.objects.get()
    assert answer.redirect_chain == [(f"{reverse('dossiers:received', args=[dossier.uuid])}#print", 302)]
    shown = answer.content.decode()
    assert "Đã tiếp nhận hồ sơ" in shown
    assert dossier.code is not None
    assert dossier.code in shown
    assert dossier.applicant_name == "Đặng Văn Ước 👶"
    assert (dossier.state, dossier.agency, dossier.unit) == (State.ACCEPTED, people.ward(), people.ward())
    paper = dossier.papers.get()
    assert (paper.procedure_paper, paper.quantity, paper.received_at) == (first, 3, dossier.accepted_at)
    # The fee of the other way in is not charged.
    assert [(f.amount, f.phase, f.receipt_no, f.paid_at) for f in dossier.fees.all()] == [
        (200_000, 1, "BL 01", dossier.accepted_at),
        (35_000, 3, "", None),
    ]
    assert [attachment.name for attachment in dossier.attachments.all()] == ["đơn.pdf", "ảnh.png"]


def test_the_same_form_sent_twice_is_one_dossier() -> None:
    same = str(uuid.uuid4())
    receive(people.a_procedure(), uuid=same)
    answer = receive(people.a_procedure(), uuid=same)
    assert Dossier.objects.count() == 1
    assert "không tạo thêm" in answer.content.decode()


def test_turning_away_needs_a_reason_and_keeps_what_was_asked() -> None:
    answer = receive(people.a_procedure(), refuse="")
    assert "Cần ghi rõ lý do" in answer.content.decode()
    assert not Dossier.objects.exists()
    receive(people.a_procedure(), refuse="", comment="Không thuộc thẩm quyền")
    dossier = Dossier.objects.get()
    assert (dossier.state, dossier.code) == (State.REFUSED, None)
    assert dossier.transitions.latest("pk").comment == "Không thuộc thẩm quyền"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("applicant_name", ""),
        ("applicant_name", "a" * 501),
        ("applicant_name", "a\x00b"),
        ("identity_no", "1" * 31),
        ("phone", "1" * 31),
        ("email", "không phải thư"),
        ("address", "a" * 1001),
        ("summary", "a" * 1001),
        ("channel", "bồ câu"),
        ("return_method", ""),
        ("agency", "0"),
        ("uuid", "không"),
        ("uploads", [SimpleUploadedFile("thư.exe", b"MZ"), SimpleUploadedFile("đơn.pdf", b"MZ")]),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field(field: str, value: Any) -> None:
    answer = receive(people.a_procedure(), **{field: value})
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert not Dossier.objects.exists()


def test_a_bad_file_is_said_by_its_name_and_the_typed_text_stays() -> None:
    files = [SimpleUploadedFile("thư.exe", b"MZ"), SimpleUploadedFile("đơn.pdf", b"MZ"), people.a_file()]
    shown = receive(people.a_procedure(), uploads=files, summary="Khai sinh cho con 😀").content.decode()
    assert "“thư.exe”: chỉ nhận" in shown
    assert "“đơn.pdf” không đúng" in shown
    assert "Khai sinh cho con 😀" in shown
    assert "Đặng Văn Ước 👶" in shown


def test_a_fee_known_only_by_its_text_must_be_typed_to_be_charged() -> None:
    procedure = people.a_procedure_with_papers_and_fees()
    fee = procedure.fees.get(amount=None)
    shown = receive(procedure, **{f"fee-{fee.pk}-paid": "on"}).content.decode()
    assert "Ghi số tiền phải thu" in shown
    assert not Dossier.objects.exists()


def test_the_only_fee_is_charged_unless_unticked_but_of_several_none_is() -> None:
    several = as_(people.lan()).get(reverse("dossiers:receive", args=[people.a_procedure_with_papers_and_fees().code]))
    assert [line["charged"].value() for line in several.context["intake"].fees] == [False, False, False]
    one = people.a_procedure()
    one.fees.create(ordinal=1, name="Lệ phí", amount=8_000)
    alone = as_(people.lan()).get(reverse("dossiers:receive", args=[one.code]))
    assert [line["charged"].value() for line in alone.context["intake"].fees] == [True]


def test_an_office_without_others_below_is_not_asked_which_one_receives() -> None:
    def tam() -> User:
        return people.a_person("tam", Role.RECEPTION, people.ward_desk())

    receive(people.a_procedure(), tam, agency=str(people.province().pk))
    assert Dossier.objects.get().agency == people.ward_desk()


def test_a_superuser_without_an_office_chooses_any() -> None:
    address = reverse("dossiers:receive", args=[people.a_procedure().code])
    assert "theo lịch của cơ quan được chọn" in page(as_(people.root()), address)
    receive(people.a_procedure(), people.root, agency=str(people.ward().pk))
    assert Dossier.objects.get().agency == people.ward()


def test_nobody_receives_for_an_office_that_is_not_theirs() -> None:
    answer = receive(people.a_procedure(), agency=str(people.province().pk))
    assert "agency" in answer.context["form"].errors
    assert not Dossier.objects.exists()


def test_a_procedure_no_longer_in_force_has_no_counter() -> None:
    gone = people.a_procedure(is_active=False)
    assert as_(people.lan()).get(reverse("dossiers:receive", args=[gone.code])).status_code == 404
    assert as_(people.lan()).get("/dossiers/receive/%00/").status_code == 404


# ---- one dossier


def test_the_page_of_a_dossier_tells_everything() -> None:
    dossier = people.a_dossier(
        papers=[Paper(name="Tờ khai màu xanh")],
        fees=[people.a_fee(8_000)],
        files=[people.a_file("đơn xin.pdf")],
        phone="0901234567",
    )
    lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu bản sao", papers=[Paper(name="Bản sao sổ đỏ")])
    lifecycle.receive_supplement(dossier, people.lan(), comment="Đã đủ")
    lifecycle.hand_over(dossier, people.lan(), officer=people.minh(), comment="Nhờ xác minh")
    lifecycle.deny(dossier, people.minh(), comment="Không đúng thẩm quyền")
    shown = page(as_(people.ha()), detail_of(dossier))
    for text in (
        "Tờ khai màu xanh",
        "8.000 đồng",
        "đơn xin.pdf",
        "0901 234 567",
        "Bản sao sổ đỏ",
        "Nhờ xác minh",
        "UBND phường Trần Phú → Sở Tư pháp · Trần Minh",
        "từ chối giải quyết",
        "Không đúng thẩm quyền",
        "Trần Minh, Chuyên viên",
        "Sở Tư pháp",
    ):
        assert text in shown


def test_a_paper_is_awaited_until_the_supplement_comes() -> None:
    dossier, client = people.a_dossier(papers=[Paper(name="Tờ khai")]), as_(people.lan())
    lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu", papers=[Paper(name="Bản sao sổ đỏ")])
    assert page(client, detail_of(dossier)).count("đang chờ") == 1
    lifecycle.receive_supplement(dossier, people.lan())
    assert "đang chờ" not in page(client, detail_of(dossier))


@pytest.mark.parametrize(("year", "is_doubtful"), [(2026, False), (2101, True)])
def test_a_due_date_is_doubtful_where_the_holidays_of_its_year_are_not_known(year: int, is_doubtful: bool) -> None:
    """Those of 2026 come with the program, and nobody had to load them."""
    with time_machine.travel(datetime(year, 3, 2, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")), tick=False):
        shown = page(as_(people.lan()), detail_of(people.a_dossier()))
    assert ("Chưa có lịch nghỉ lễ" in shown) == is_doubtful


def test_what_a_citizen_typed_is_text_and_never_markup() -> None:
    dossier = people.a_dossier(applicant_name="<script>alert(1)</script>", summary="<b>đậm</b>")
    for address in (LIST, detail_of(dossier), move_page(dossier, Move.WITHDRAW)):
        shown = page(as_(people.lan()), address)
        assert "<script" not in shown.replace("<script src=", "")
        assert "<b>" not in shown


def test_the_page_of_a_dossier_takes_no_more_queries_for_a_longer_history() -> None:
    client = as_(people.ha())
    short, long = people.a_dossier(), people.a_dossier(files=[people.a_file()], fees=[people.a_fee()])
    for _round in range(3):
        lifecycle.ask_supplement(long, people.lan(), comment="Thiếu", papers=[Paper(name="Giấy A"), Paper(name="B")])
        lifecycle.receive_supplement(long, people.lan(), files=[people.a_file()])
    counts = []
    for dossier in (short, long):
        with CaptureQueriesContext(connection) as queries:
            page(client, detail_of(dossier))
        counts.append(len(queries))
    assert counts == [13, 13]


@pytest.mark.parametrize("person", [people.lan, people.binh, people.ha, people.tu, people.thanh])
@pytest.mark.parametrize("state", State)
def test_exactly_the_possible_moves_have_a_button(state: State, person: Any) -> None:
    dossier = people.a_dossier_in(state)
    shown = page(as_(person()), detail_of(dossier))
    offered = {move for move in Move if f'href="{move_page(dossier, move)}"' in shown}
    assert offered == set(lifecycle.possible_moves(dossier, person())) - {Move.POSTPONE}


@pytest.mark.parametrize("person", [people.ha, people.lan])
@pytest.mark.parametrize("is_off", [True, False])
def test_a_due_date_is_moved_off_a_day_off_from_where_it_is_reckoned(person: Any, is_off: bool) -> None:
    dossier = people.a_dossier()
    if is_off:
        people.on_a_day_off(dossier)
    shown = page(as_(person()), reverse("dossiers:deadline", args=[dossier.uuid]))
    is_offered = f'href="{move_page(dossier, Move.POSTPONE)}"' in shown
    assert is_offered == (is_off and person is people.ha)


def test_what_one_may_not_see_does_not_exist() -> None:
    dossier = people.a_dossier(files=[people.a_file()])
    stranger = as_(people.minh())
    file = reverse("dossiers:attachment", args=[dossier.uuid, 1])
    for address in (detail_of(dossier), move_page(dossier, Move.START), file):
        assert stranger.get(address).status_code == 404
    assert stranger.post(move_page(dossier, Move.START)).status_code == 404
    assert as_(people.lan()).get(detail_of(dossier)).status_code == 200


def test_nobody_sees_anything_without_signing_in() -> None:
    dossier = people.a_dossier(files=[people.a_file()])
    file = reverse("dossiers:attachment", args=[dossier.uuid, 1])
    for address in (LIST, detail_of(dossier), move_page(dossier, Move.START), file, "/dossiers/receive/"):
        answer = Client().get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/")


def test_a_file_comes_down_as_it_went_up_and_never_opens_in_the_page() -> None:
    dossier = people.a_dossier(files=[people.a_file("đơn xin.pdf")])
    answer = as_(people.lan()).get(reverse("dossiers:attachment", args=[dossier.uuid, 1]))
    assert b"".join(answer.streaming_content) == people.PDF  # type: ignore[attr-defined] # a FileResponse streams
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%C4%91%C6%A1n%20xin.pdf")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


def test_a_file_that_is_gone_from_the_disk_is_not_found() -> None:
    dossier = people.a_dossier(files=[people.a_file()])
    stored = dossier.attachments.get().file
    stored.storage.delete(stored.name or "")
    assert as_(people.lan()).get(reverse("dossiers:attachment", args=[dossier.uuid, 1])).status_code == 404
    assert as_(people.lan()).get(reverse("dossiers:attachment", args=[dossier.uuid, 2])).status_code == 404


# ---- moves

# What a person types for each move, and from where, beside what stands there already.
MADE_FROM: dict[Move, tuple[State, dict[str, Any]]] = {
    Move.ACCEPT: (State.REGISTERED, {}),
    Move.REFUSE: (State.REGISTERED, {"comment": "Sai nơi"}),
    Move.ASK_SUPPLEMENT: (
        State.ACCEPTED,
        {"comment": "Thiếu", "papers": "Giấy A\n\n  Giấy B \n", "respond_on": "2035-01-05"},
    ),
    Move.RECEIVE_SUPPLEMENT: (State.AWAITING_SUPPLEMENT, {"complete": "on"}),
    Move.ASK_PAYMENT: (State.ACCEPTED, {"name": "Thuế trước bạ", "amount": "1500000"}),
    Move.RECEIVE_PAYMENT: (State.AWAITING_PAYMENT, {"method": "transfer", "receipt_no": "BL 7"}),
    Move.START: (State.ACCEPTED, {}),
    Move.APPROVE: (State.IN_PROGRESS, {}),
    Move.DENY: (State.IN_PROGRESS, {"comment": "Sai mẫu"}),
    Move.RETURN_RESULT: (State.COMPLETED, {"return_method": "post", "comment": "Gửi bưu điện"}),
    Move.HAND_OVER: (State.ACCEPTED, {"comment": "Nhờ xác minh"}),
    Move.AMEND: (
        State.ACCEPTED,
        {
            "applicant_kind": "citizen",
            "applicant_name": "Đặng Văn Ước",
            "phone": "0912000222",
            "return_method": "direct",
        },
    ),
    Move.EXTEND: (State.ACCEPTED, {"due_at": "2035-01-05T16:30", "comment": "Xin lỗi"}),
    Move.WITHDRAW: (State.ACCEPTED, {"comment": "Xin rút"}),
    Move.STOP: (State.ACCEPTED, {"comment": "Dừng"}),
    Move.REOPEN: (State.RETURNED, {"comment": "Trả nhầm"}),
    Move.POSTPONE: (State.ACCEPTED, {"comment": "Nghỉ bão"}),
    Move.CORRECT_TIME: (State.ACCEPTED, {"to": "2026-01-05T08:00", "comment": "Ghi nhầm"}),
}


def typed_for(move: Move) -> dict[str, Any]:
    """With whom the move is about, who is in the database only when a test runs."""
    fields = dict(MADE_FROM[move][1])
    if move == Move.HAND_OVER:
        fields["unit"] = str(people.department().pk)
    if move in (Move.APPROVE, Move.DENY):
        fields["approver"] = str(people.ha().pk)
    if move == Move.RECEIVE_PAYMENT:
        fields["paid"] = [str(pk) for pk in Fee.objects.open().values_list("pk", flat=True)]
    return fields


def test_every_move_that_can_be_made_on_a_dossier_has_its_form() -> None:
    assert set(MOVE_FORMS) == set(Move) - {Move.REGISTER, Move.UNDO} == set(MADE_FROM)


@pytest.mark.parametrize("move", MADE_FROM)
def test_a_move_is_shown_made_and_confirmed(move: Move) -> None:
    dossier, client = people.a_dossier_in(MADE_FROM[move][0]), as_(people.ha())
    fields = typed_for(move)
    if move == Move.POSTPONE:
        people.on_a_day_off(dossier)
    if move == Move.CORRECT_TIME:
        fields["step"] = str(dossier.transitions.latest("pk").pk)
    shown = page(client, move_page(dossier, move))
    assert str(MOVE_FORMS[move][1]) in shown
    answer = client.post(move_page(dossier, move), fields, follow=True)
    assert answer.redirect_chain == [(detail_of(dossier), 302)]
    dossier.refresh_from_db()
    last = dossier.transitions.latest("pk")
    assert (last.move, last.actor, last.comment) == (move, people.ha(), fields.get("comment", ""))
    name = dossier.code or dossier.applicant_name
    assert f"Hồ sơ {name}: đã ghi nhận “{move.label}”." in answer.content.decode()


def test_what_is_typed_for_a_move_reaches_the_dossier() -> None:
    client = as_(people.ha())
    dossier = people.a_dossier()

    def make(move: Move, **fields: Any) -> None:
        assert client.post(move_page(dossier, move), {**typed_for(move), **fields}).status_code == 302
        dossier.refresh_from_db()

    make(Move.ASK_SUPPLEMENT)
    assert [paper.name for paper in dossier.supplements.get().papers.all()] == ["Giấy A", "Giấy B"]
    assert timezone.localtime(dossier.supplements.get().respond_by) == datetime(2035, 1, 5, 17, tzinfo=VIETNAM)
    awaited = [str(paper.pk) for paper in dossier.papers.all()]
    make(Move.RECEIVE_SUPPLEMENT, papers=awaited, uploads=[people.a_file("bổ sung.pdf")])
    make(Move.ASK_PAYMENT)
    assert dossier.fees.get().amount == 1_500_000
    make(Move.RECEIVE_PAYMENT)
    assert (dossier.fees.get().method, dossier.fees.get().receipt_no) == (Fee.Method.TRANSFER, "BL 7")
    make(Move.EXTEND)
    assert dossier.due_at == datetime(2035, 1, 5, 16, 30, tzinfo=VIETNAM)
    assert dossier.due_dates.filter(why=DueDate.Why.EXTENSION).count() == 1
    make(Move.HAND_OVER, unit="", officer=str(people.binh().pk))
    assert dossier.officer == people.binh()
    make(Move.APPROVE, uploads=[people.a_file("kết quả.pdf")])
    assert (dossier.approver_name, dossier.approver_position) == ("Phạm Hà", "Chủ tịch")
    make(Move.RETURN_RESULT)
    assert (dossier.return_method, dossier.return_note) == ("post", "Gửi bưu điện")
    assert [(file.name, file.phase) for file in dossier.attachments.all()] == [("bổ sung.pdf", 2), ("kết quả.pdf", 3)]


@pytest.mark.parametrize(
    ("move", "field", "value"),
    [
        (Move.STOP, "comment", "  "),
        (Move.STOP, "comment", "a" * 4001),
        (Move.STOP, "comment", "a\x00b"),
        (Move.ASK_PAYMENT, "amount", "0"),
        (Move.ASK_PAYMENT, "amount", "2147483648"),
        (Move.ASK_PAYMENT, "amount", "nhiều"),
        (Move.ASK_PAYMENT, "name", "a" * 501),
        (Move.RECEIVE_PAYMENT, "receipt_no", "1" * 51),
        (Move.RECEIVE_PAYMENT, "method", "vàng"),
        (Move.APPROVE, "approver", ""),
        (Move.APPROVE, "approver", "Phạm Hà"),
        (Move.APPROVE, "comment", "a" * 1001),
        (Move.APPROVE, "uploads", [SimpleUploadedFile("thư.exe", b"MZ")]),
        (Move.EXTEND, "due_at", "2001-01-01T10:00"),
        (Move.EXTEND, "due_at", "0001-01-01T00:00"),
        (Move.EXTEND, "due_at", "mai"),
        (Move.AMEND, "applicant_name", " "),
        (Move.AMEND, "email", "không phải thư"),
        (Move.AMEND, "return_method", "bồ câu"),
        (Move.AMEND, "uploads", [SimpleUploadedFile("thư.exe", b"MZ")]),
        (Move.HAND_OVER, "officer", "0"),
        (Move.HAND_OVER, "unit", "9" * 40),
    ],
)
def test_what_a_move_cannot_take_is_said_at_its_field_and_nothing_happens(move: Move, field: str, value: Any) -> None:
    state, fields = MADE_FROM[move][0], typed_for(move)
    dossier = people.a_dossier_in(state)
    count = dossier.transitions.count()
    answer = as_(people.ha()).post(move_page(dossier, move), {**fields, field: value})
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert dossier.transitions.count() == count


def test_an_extension_to_the_end_of_time_breaks_nothing() -> None:
    dossier = people.a_dossier()
    answer = as_(people.ha()).post(
        move_page(dossier, Move.EXTEND), {"due_at": "9999-12-31T23:59", "comment": "Xin lỗi"}, follow=True
    )
    assert answer.status_code == 200


def test_nothing_is_handed_over_to_another_province() -> None:
    dossier = people.a_dossier()
    fields = {"unit": str(people.another_province().pk)}
    answer = as_(people.lan()).post(move_page(dossier, Move.HAND_OVER), fields)
    assert "unit" in answer.context["form"].errors


def test_what_lifecycle_says_of_no_field_stands_at_the_top_and_the_text_stays() -> None:
    dossier = people.a_dossier()
    fields = {"unit": str(people.ward().pk), "comment": "Giữ lại chữ này 😀"}
    shown = as_(people.lan()).post(move_page(dossier, Move.HAND_OVER), fields).content.decode()
    assert "Hồ sơ đang ở đúng đơn vị và cán bộ đó" in shown
    assert "Giữ lại chữ này 😀" in shown


def test_who_comes_second_is_told_who_was_faster() -> None:
    dossier = people.a_dossier()
    client = as_(people.binh())
    page(client, move_page(dossier, Move.APPROVE))
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        lifecycle.withdraw(dossier, people.lan(), comment="Xin rút")
        shown = client.post(
            move_page(dossier, Move.APPROVE), {"approver": people.binh().pk, "comment": "Chữ đã gõ"}
        ).content.decode()
        when = timezone.localtime().strftime("%d/%m/%Y %H:%M")
    assert "không thể thực hiện “duyệt kết quả”" in shown
    assert f"Nguyễn Thị Lan đã ghi “công dân rút hồ sơ” trước, lúc {when}" in shown
    assert "Chữ đã gõ" in shown
    assert dossier.transitions.filter(move=Move.APPROVE).count() == 0


@pytest.mark.parametrize("person", [people.thanh, people.tu])
@pytest.mark.parametrize("move", MADE_FROM)
def test_auditors_and_operators_read_only(move: Move, person: Any) -> None:
    state, fields = MADE_FROM[move][0], typed_for(move)
    dossier, client = people.a_dossier_in(state), as_(person())
    count = dossier.transitions.count()
    assert dossier.applicant_name in page(client, detail_of(dossier))
    assert client.get(move_page(dossier, move)).status_code == 302
    answer = client.post(move_page(dossier, move), fields)
    assert answer.status_code == 200
    assert dossier.transitions.count() == count


@pytest.mark.parametrize("name", ["register", "delete", "sees", "_done"])
def test_only_moves_have_pages(name: str) -> None:
    dossier = people.a_dossier()
    assert as_(people.root()).post(f"{detail_of(dossier)}{name}/").status_code == 404


# ---- every page


def test_every_page_keeps_to_the_strict_content_policy() -> None:
    dossier = people.a_dossier(procedure=people.a_procedure_with_papers_and_fees())
    client = as_(people.ha())
    addresses = [LIST, detail_of(dossier), reverse("dossiers:procedure-search"), "/dossiers/receive/2.000488/"]
    addresses += [move_page(dossier, move) for move in lifecycle.possible_moves(dossier, people.ha())]
    for address in addresses:
        answer = client.get(address)
        shown = answer.content.decode()
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        assert "unsafe-inline" not in answer["Content-Security-Policy"]
        assert "style=" not in shown
        # Scripts are files of our own; none stands in the page.
        assert len(re.findall(r"<script\b", shown)) == len(
            re.findall(r'<script src="/static/[^"]+"[^>]* defer></script>', shown)
        )
        assert not re.search(r"<[^>]+\son[a-z]+=", shown)


def test_an_input_in_error_names_its_error() -> None:
    shown = receive(people.a_procedure(), applicant_name="").content.decode()
    assert 'aria-invalid="true" aria-describedby="id_applicant_name_error"' in shown
    assert 'id="id_applicant_name_error"' in shown


def test_help_and_error_both_describe_their_input() -> None:
    dossier = people.a_dossier()
    answer = as_(people.ha()).post(move_page(dossier, Move.DENY), {"comment": ""})
    assert 'aria-describedby="id_comment_helptext id_comment_error"' in answer.content.decode()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_pages_are_shown_in_either_language(language: str) -> None:
    client = as_(people.ha())
    client.post(reverse("set_language"), {"language": language, "next": LIST})
    people.a_dossier()
    assert f'<html lang="{language}">' in page(client, LIST)
    translation.activate("vi")
