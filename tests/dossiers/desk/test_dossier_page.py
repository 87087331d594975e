"""The page of a dossier: what it shows, and what nobody else sees."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Move, Paper, State
from tests import people
from tests.dossiers.desk_pages import LIST, as_, detail_of, move_page, page

pytestmark = pytest.mark.django_db


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
