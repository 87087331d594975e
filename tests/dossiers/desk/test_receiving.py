"""What was requested of an applicant is received box by box, and an empty form receives nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, Fee, Move, Paper, State
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(people.lan())
    return client


def address_of(dossier: Dossier, move: Move) -> str:
    return reverse("dossiers:move", args=[dossier.uuid, move.value])


def refused(client: Client, dossier: Dossier, move: Move, **fields: Any) -> str:
    answer = client.post(address_of(dossier, move), fields)
    assert answer.status_code == 200
    state = dossier.state
    dossier.refresh_from_db()
    assert dossier.state == state
    return answer.content.decode()


def waiting_for_papers() -> Dossier:
    dossier = people.a_dossier()
    papers = [Paper(name="Giấy chứng sinh", quantity=2), Paper(name="Giấy ủy quyền")]
    lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu <b>hai</b> giấy", papers=papers)
    return dossier


def waiting_for_money() -> Dossier:
    dossier = people.a_dossier(fees=[people.a_fee(5_000)])
    lifecycle.ask_payment(dossier, people.lan(), fees=[Fee(name="Thuế", amount=1_500_000)])
    return dossier


def test_the_papers_that_were_requested_are_shown_and_none_is_received_unticked(client: Client) -> None:
    dossier = waiting_for_papers()
    page = client.get(address_of(dossier, Move.RECEIVE_SUPPLEMENT)).content.decode()
    assert "Thiếu &lt;b&gt;hai&lt;/b&gt; giấy" in page
    assert "Giấy chứng sinh × 2" in page
    assert page.count('type="checkbox" name="papers"') == 2
    assert not re.search(r'name="papers"[^>]*checked', page)
    assert "Đánh dấu từng giấy tờ đã nhận." in refused(client, dossier, Move.RECEIVE_SUPPLEMENT)
    assert not dossier.papers.exclude(received_at=None).exists()


def test_what_did_not_come_stays_open_and_needs_a_note(client: Client) -> None:
    dossier = waiting_for_papers()
    first, second = dossier.papers.all()
    page = refused(client, dossier, Move.RECEIVE_SUPPLEMENT, papers=[first.pk])
    assert "Chưa nhận đủ" in page
    fields = {"papers": [first.pk], "comment": "Người nộp xin nộp giấy ủy quyền sau"}
    assert client.post(address_of(dossier, Move.RECEIVE_SUPPLEMENT), fields).status_code == 302
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.received_by, second.received_at) == ("Nguyễn Thị Lan", None)
    assert "chưa nhận" in client.get(reverse("dossiers:detail", args=[dossier.uuid])).content.decode()


def test_a_request_without_papers_is_confirmed_by_a_tick(client: Client) -> None:
    dossier = people.a_dossier_in(State.AWAITING_SUPPLEMENT)
    assert "Đánh dấu ô này khi đã nhận đủ." in refused(client, dossier, Move.RECEIVE_SUPPLEMENT)
    assert client.post(address_of(dossier, Move.RECEIVE_SUPPLEMENT), {"complete": "on"}).status_code == 302


def test_the_fees_are_shown_with_their_amounts_and_none_is_paid_unticked(client: Client) -> None:
    dossier = waiting_for_money()
    page = client.get(address_of(dossier, Move.RECEIVE_PAYMENT)).content.decode()
    assert "Thuế: 1.500.000 đồng" in page
    assert "1.505.000 đồng" in page
    assert "Đánh dấu từng khoản đã nộp." in refused(client, dossier, Move.RECEIVE_PAYMENT, method="cash")
    assert dossier.fees.open().count() == 2
    tax = dossier.fees.get(name="Thuế")
    page = refused(client, dossier, Move.RECEIVE_PAYMENT, method="cash", paid=[tax.pk])
    assert "Chưa nhận đủ" in page
    fields = {"method": "cash", "paid": [tax.pk], "comment": "Lệ phí nộp khi nhận kết quả"}
    assert client.post(address_of(dossier, Move.RECEIVE_PAYMENT), fields).status_code == 302
    assert [fee.amount for fee in dossier.fees.open()] == [5_000]


def test_where_every_fee_was_settled_meanwhile_only_the_clock_runs_again(client: Client) -> None:
    dossier = waiting_for_money()
    dossier.fees.update(paid_at=timezone.now())
    assert client.post(address_of(dossier, Move.RECEIVE_PAYMENT), {"method": "cash"}).status_code == 302


def test_a_request_has_a_day_by_which_to_answer(client: Client) -> None:
    dossier = people.a_dossier()
    page = refused(client, dossier, Move.ASK_SUPPLEMENT, comment="Thiếu")
    assert 'id="id_respond_on"' in page
    today = timezone.localdate()
    page = refused(client, dossier, Move.ASK_SUPPLEMENT, comment="Thiếu", respond_on=today)
    assert "Hạn bổ sung phải sau ngày yêu cầu." in page
    day = today + timedelta(days=10)
    fields = {"comment": "Thiếu", "respond_on": day.isoformat()}
    assert client.post(address_of(dossier, Move.ASK_SUPPLEMENT), fields).status_code == 302
    respond_by = dossier.supplements.get().respond_by
    assert respond_by is not None
    assert timezone.localdate(respond_by) >= day
    for shown in (reverse("dossiers:detail", args=[dossier.uuid]), f"/tra-cuu/{dossier.token}/"):
        page = client.get(shown).content.decode()
        assert f"{timezone.localtime(respond_by):%d/%m/%Y %H:%M}" in page


def test_the_days_of_the_procedure_are_filled_in_and_a_chosen_day_outlives_a_correction(client: Client) -> None:
    procedure = people.a_procedure(supplement_days=15)
    dossier = people.a_dossier(procedure=procedure)
    form = client.get(address_of(dossier, Move.ASK_SUPPLEMENT)).context["form"]
    assert form.initial["respond_on"] >= timezone.localdate() + timedelta(days=15)
    day = timezone.localdate() + timedelta(days=40)
    now = timezone.now()
    old = people.a_dossier_accepted(now - timedelta(days=5), procedure=procedure)
    lifecycle.ask_supplement(old, people.lan(), comment="Thiếu", respond_on=day, at=now - timedelta(days=1))
    chosen = old.supplements.get().respond_by
    step = old.transitions.latest("pk").pk
    lifecycle.correct_time(old, people.ha(), step=step, to=now - timedelta(days=2), comment="Ghi muộn")
    assert old.supplements.get().respond_by == chosen


def test_accepting_without_a_single_paper_asks_first(client: Client) -> None:
    procedure = people.a_procedure_with_papers_and_fees()
    dossier = people.a_registered_dossier(procedure=procedure)
    assert "Hồ sơ chưa có giấy tờ" in refused(client, dossier, Move.ACCEPT)
    assert client.post(address_of(dossier, Move.ACCEPT), {"without_papers": "on"}).status_code == 302
    with_a_paper = people.a_registered_dossier(procedure=procedure)
    with_a_paper.papers.create(name="Tờ khai")
    assert client.post(address_of(with_a_paper, Move.ACCEPT)).status_code == 302
