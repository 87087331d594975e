"""At a dossier's page besides its moves: fees settled, opinions asked and answered, what is missing filled in."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onestop.catalog.models import CalendarDay
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, Opinion, Paper, State
from onestop.staff.models import Role, User
from tests import people

pytestmark = pytest.mark.django_db


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(person: User, dossier: Dossier) -> str:
    return as_(person).get(reverse("dossiers:detail", args=[dossier.uuid])).content.decode()


def local(moment: timedelta) -> str:
    return f"{timezone.localtime(timezone.now() + moment):%Y-%m-%dT%H:%M}"


def fee_page(dossier: Dossier, act: str) -> str:
    return reverse("dossiers:settle-fee", args=[dossier.uuid, dossier.fees.get().pk, act])


def test_a_fee_is_taken_at_the_desk() -> None:
    dossier = people.a_dossier(fees=[people.a_fee()])
    assert fee_page(dossier, "pay") in page(people.lan(), dossier)
    as_(people.lan()).post(fee_page(dossier, "pay"), {"method": "cash", "receipt_no": "BL7"})
    assert dossier.fees.get().receipt_no == "BL7"
    assert fee_page(dossier, "pay") not in page(people.lan(), dossier)


def test_only_a_manager_is_offered_the_waiver_and_it_needs_a_reason() -> None:
    dossier = people.a_dossier(fees=[people.a_fee()])
    assert fee_page(dossier, "waive") not in page(people.lan(), dossier)
    assert fee_page(dossier, "waive") in page(people.ha(), dossier)
    answer = as_(people.lan()).post(fee_page(dossier, "waive"), {"reason": "Hộ nghèo"})
    assert "cán bộ một cửa" in answer.content.decode()
    as_(people.ha()).post(fee_page(dossier, "waive"), {"reason": ""})
    assert dossier.fees.open().exists()
    as_(people.ha()).post(fee_page(dossier, "waive"), {"reason": "Hộ nghèo"})
    assert not dossier.fees.open().exists()


def test_nobody_reaches_the_fees_of_a_dossier_out_of_sight() -> None:
    dossier = people.a_dossier(fees=[people.a_fee()])
    assert as_(people.minh()).get(fee_page(dossier, "pay")).status_code == 404
    assert as_(people.lan()).get(fee_page(dossier, "burn")).status_code == 404


def test_another_agency_is_asked_and_answers_though_it_does_not_see_the_dossier() -> None:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    ask = reverse("dossiers:ask-opinion", args=[dossier.uuid])
    assert ask in page(people.binh(), dossier)
    assert ask not in page(people.lan(), dossier)
    typed = {"agency": people.department().pk, "question": "Có bản gốc?", "due_at": local(timedelta(days=1))}
    as_(people.binh()).post(ask, typed)
    opinion = Opinion.objects.get()
    answer = reverse("dossiers:answer-opinion", args=[opinion.pk])
    assert "Có bản gốc?" in as_(people.minh()).get(answer).content.decode()
    assert answer in as_(people.minh()).get(reverse("dossiers:opinions")).content.decode()
    as_(people.minh()).post(answer, {"text": "Có."})
    assert "Có." in page(people.binh(), dossier)
    assert answer not in as_(people.minh()).get(reverse("dossiers:opinions")).content.decode()


def test_an_opinion_is_shown_to_nobody_who_neither_asked_nor_was_asked() -> None:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    typed = {"agency": people.department().pk, "question": "?", "due_at": local(timedelta(days=1))}
    as_(people.binh()).post(reverse("dossiers:ask-opinion", args=[dossier.uuid]), typed)
    elsewhere = people.a_person("xa", Role.MANAGER, people.another_province())
    answer = reverse("dossiers:answer-opinion", args=[Opinion.objects.get().pk])
    assert as_(elsewhere).get(answer).status_code == 404


def test_a_question_without_words_or_with_a_date_gone_by_is_refused_by_field() -> None:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    typed = {"agency": people.department().pk, "question": "?", "due_at": local(timedelta(days=-1))}
    answer = as_(people.binh()).post(reverse("dossiers:ask-opinion", args=[dossier.uuid]), typed)
    assert "Hạn trả lời phải ở tương lai" in answer.content.decode()
    assert not Opinion.objects.exists()


def test_what_is_missing_stands_in_the_supplement_request_beforehand() -> None:
    procedure = people.a_procedure_with_papers_and_fees()
    procedure.papers.create(ordinal=3, name="Giấy xác nhận", originals=1)
    handed_in = Paper(
        procedure_paper=procedure.papers.get(ordinal=1), name="Tờ khai theo mẫu", received_at=timezone.now()
    )
    typed_by_hand = Paper(name="Đơn viết tay", received_at=timezone.now())
    dossier = people.a_dossier(procedure=procedure, papers=[handed_in, typed_by_hand])
    shown = as_(people.lan()).get(reverse("dossiers:move", args=[dossier.uuid, "ask_supplement"]))
    # The second is for one case only, so nobody can say that it is missing.
    assert shown.context["form"].initial["papers"] == "Giấy xác nhận"


def test_a_manager_says_why_a_result_goes_out_with_a_fee_open() -> None:
    dossier = people.a_dossier_in(State.COMPLETED, fees=[people.a_fee()])
    move = reverse("dossiers:move", args=[dossier.uuid, "return_result"])
    assert "còn khoản phải nộp" not in as_(people.lan()).get(move).content.decode()
    assert "Lệ phí" in as_(people.lan()).post(move, {"return_method": "direct"}).content.decode()
    as_(people.ha()).post(move, {"return_method": "direct", "despite_fees": "Nộp sau"})
    dossier.refresh_from_db()
    assert dossier.state == State.RETURNED


def test_a_step_s_limit_is_typed_with_the_hand_over() -> None:
    dossier = people.a_dossier()
    move = reverse("dossiers:move", args=[dossier.uuid, "hand_over"])
    typed = {"officer": people.binh().pk, "step_due": local(timedelta(hours=5))}
    assert as_(people.lan()).post(move, typed).status_code == 302
    assert "step_due" in dossier.transitions.latest("pk").facts


def test_a_paper_s_form_and_receiver_are_kept_at_the_counter() -> None:
    procedure = people.a_procedure_with_papers_and_fees()
    first, second = procedure.papers.all()
    typed = {
        "channel": "direct",
        "agency": people.ward().pk,
        "applicant_kind": "citizen",
        "applicant_name": "Lý Én",
        "return_method": "direct",
        f"paper-{first.pk}-given": "on",
        f"paper-{first.pk}-form": "electronic",
        f"paper-{second.pk}-given": "on",
    }
    as_(people.lan()).post(reverse("dossiers:receive", args=[procedure.code]), typed)
    papers = Dossier.objects.get().papers.order_by("pk")
    assert list(papers.values_list("form", "received_by")) == [
        ("electronic", "Nguyễn Thị Lan"),
        ("copy", "Nguyễn Thị Lan"),
    ]
    assert lifecycle.possible_moves(Dossier.objects.get(), people.lan())


# ---- why this date


def deadline(dossier: Dossier) -> str:
    """As the dossier's page asks for it when somebody wants to know."""
    address = reverse("dossiers:deadline", args=[dossier.uuid])
    return as_(people.lan()).get(address, headers={"HX-Request": "true"}).content.decode()


def test_without_scripts_the_reckoning_is_a_page_of_its_own() -> None:
    dossier = people.a_dossier()
    client, address = as_(people.lan()), reverse("dossiers:deadline", args=[dossier.uuid])
    assert f'href="{address}"' in page(people.lan(), dossier)
    whole = client.get(address).content.decode()
    assert "<html" in whole
    assert deadline(dossier) in whole
    assert as_(people.minh()).get(address).status_code == 404


def test_the_page_says_day_by_day_why_the_due_date_is_that_one() -> None:
    CalendarDay.objects.create(date="2026-03-03", kind="off", name="Nghỉ lễ thử")
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=VIETNAM), tick=False):
        dossier = people.a_dossier()
        client = as_(people.lan())
        shown = client.get(reverse("dossiers:detail", args=[dossier.uuid]))
        days = client.get(reverse("dossiers:deadline", args=[dossier.uuid])).context["days"]
    assert [(day.date.day, day.kind.value) for day in days] == [
        (2, "working"),
        (3, "holiday"),
        (4, "working"),
        (5, "working"),
    ]
    assert days[-1].until == dossier.due_at
    assert "Cách tính thời hạn" in shown.content.decode()


def test_it_does_not_explain_a_date_that_came_about_otherwise() -> None:
    dossier = people.a_dossier()
    dossier.refresh_from_db()
    assert dossier.due_at is not None
    later = dossier.due_at + timedelta(days=7)
    lifecycle.extend(dossier, people.ha(), due_at=later, comment="Xin lỗi")
    assert as_(people.lan()).get(reverse("dossiers:deadline", args=[dossier.uuid])).context["days"] == []


def test_a_calendar_changed_since_is_said_and_explains_no_other_date() -> None:
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=VIETNAM), tick=False):
        dossier = people.a_dossier()
        assert "đã thay đổi sau khi hẹn" not in deadline(dossier)
        CalendarDay.objects.create(date="2026-03-03", kind="off", name="Nghỉ đột xuất")
        assert "Lịch làm việc đã thay đổi sau khi hẹn" in deadline(dossier)


def test_a_year_that_is_only_expected_is_told_until_it_is_on_record() -> None:
    with time_machine.travel(datetime(2027, 3, 2, 9, tzinfo=VIETNAM)):
        home, admin = as_(people.lan()), as_(people.root())
        said = "Lịch nghỉ lễ năm 2027, 2028 mới là dự kiến"
        assert said in home.get(reverse("dossiers:home")).content.decode()
        assert said in admin.get(reverse("admin:index")).content.decode()
        for year in (2027, 2028):
            CalendarDay.objects.create(date=f"{year}-01-01", kind="off", name="Tết Dương lịch")
        assert "mới là dự kiến" not in home.get(reverse("dossiers:home")).content.decode()
        assert "mới là dự kiến" not in admin.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize(
    ("day", "hour", "said"),
    [
        (3, 9, "Đã sử dụng 1 ngày làm việc, còn 1 ngày."),
        (3, 11, "Đã sử dụng 1 ngày 2 giờ làm việc, còn 6 giờ."),
        (4, 14, "Đã sử dụng 2 ngày 3 giờ làm việc, quá hạn 3 giờ 30 phút."),
    ],
)
def test_the_page_says_how_much_time_was_used_and_is_left(day: int, hour: int, said: str) -> None:
    """Two working days from Monday 2 March, 09:00."""
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=VIETNAM), tick=False):
        dossier = people.a_dossier()
    with time_machine.travel(datetime(2026, 3, day, hour, tzinfo=VIETNAM), tick=False):
        assert said in deadline(dossier)


def test_time_in_a_pause_is_not_counted_and_a_supplement_begins_anew() -> None:
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=VIETNAM), tick=False):
        dossier = people.a_dossier()
    with time_machine.travel(datetime(2026, 3, 2, 11, tzinfo=VIETNAM), tick=False):
        lifecycle.ask_payment(dossier, people.lan(), fees=[people.a_fee()])
    with time_machine.travel(datetime(2026, 3, 5, 9, tzinfo=VIETNAM), tick=False):
        assert "Đã sử dụng 2 giờ làm việc, còn 1 ngày 6 giờ." in deadline(dossier)
        lifecycle.receive_payment(dossier, people.lan())
    with time_machine.travel(datetime(2026, 3, 5, 10, tzinfo=VIETNAM), tick=False):
        assert "Đã sử dụng 3 giờ làm việc, còn 1 ngày 5 giờ." in deadline(dossier)
        lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu")
    with time_machine.travel(datetime(2026, 3, 9, 9, tzinfo=VIETNAM), tick=False):
        lifecycle.receive_supplement(dossier, people.lan())
    with time_machine.travel(datetime(2026, 3, 9, 10, tzinfo=VIETNAM), tick=False):
        assert "Đã sử dụng 1 giờ làm việc, còn 1 ngày 7 giờ." in deadline(dossier)
