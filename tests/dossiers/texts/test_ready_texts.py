"""Ready texts: which a form offers, that none replaces what was typed, and who keeps whose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onestop.batches.models import Batch
from onestop.catalog.models import Agency, Procedure
from onestop.dossiers.desk.move_forms import MOVE_FORMS
from onestop.dossiers.models import Dossier, Move, ReadyText, State
from onestop.dossiers.texts.offering import texts_for
from onestop.staff.models import Role, User
from tests import people

pytestmark = pytest.mark.django_db

Use = ReadyText.Use
LIST = reverse("dossiers:ready-texts")
ADD = reverse("dossiers:ready-text-add")


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def a_text(
    title: str = "Thiếu tờ khai", agency: Agency | None = None, use: str = Use.ASK_SUPPLEMENT, **more: Any
) -> ReadyText:
    return ReadyText.objects.create(**{"title": title, "text": f"{title}.", "agency": agency, "use": use, **more})


def page_of(text: ReadyText) -> str:
    return reverse("dossiers:ready-text", args=[text.pk])


def move_page(dossier: Dossier, move: Move) -> str:
    return reverse("dossiers:move", args=[dossier.uuid, move.value])


def offered(user: User, procedure: Procedure | None = None, use: str = Use.ASK_SUPPLEMENT) -> list[str]:
    return [text.title for text in texts_for(use, user, people.ward(), procedure)]


# ---- which are offered


def test_the_nearest_agency_s_texts_come_first_and_of_these_the_procedure_s() -> None:
    procedure = people.a_procedure()
    a_text("Của mọi cơ quan")
    a_text("Của tỉnh", people.province())
    a_text("Của phường, chung", people.ward())
    a_text("Của phường, khai sinh", people.ward(), procedure=procedure)
    assert offered(people.lan(), procedure) == [
        "Của phường, khai sinh",
        "Của phường, chung",
        "Của tỉnh",
        "Của mọi cơ quan",
    ]


def test_texts_of_others_are_not_offered() -> None:
    a_text("Của sở", people.department())
    a_text("Của tổ trực thuộc", people.ward_desk())
    a_text("Của thủ tục khác", people.ward(), procedure=people.a_procedure(code="9.1"))
    a_text("Ngừng dùng", people.ward(), is_active=False)
    a_text("Cho việc khác", people.ward(), use=Use.STOP)
    assert offered(people.lan(), people.a_procedure()) == []
    assert offered(people.a_person("to", Role.OFFICER, people.ward_desk)) == ["Của tổ trực thuộc"]


def test_a_superuser_is_offered_the_texts_of_the_dossier_s_agency() -> None:
    a_text("Của phường", people.ward())
    assert offered(people.root()) == ["Của phường"]


def test_every_use_is_a_move_whose_form_has_a_text() -> None:
    for use in Use:
        form_class, _sentence = MOVE_FORMS[Move(use.value)]
        assert "comment" in form_class.base_fields, use


def test_the_form_of_a_move_offers_them_by_one_query() -> None:
    dossier, client = people.a_dossier(), as_(people.lan())
    numbers = []
    for count in (1, 9):
        for number in range(count):
            a_text(f"Câu {count}.{number}", people.ward())
        with CaptureQueriesContext(connection) as queries:
            page = client.get(move_page(dossier, Move.ASK_SUPPLEMENT)).content.decode()
        numbers.append(len([query for query in queries if "dossiers_readytext" in query["sql"]]))
        assert page.count("data-text=") == ReadyText.objects.count()
    assert numbers == [1, 1]


# ---- without scripts


def test_a_chosen_text_is_used_where_the_field_was_left_empty() -> None:
    text, dossier = a_text(agency=people.ward()), people.a_dossier()
    sent = {"comment": "  ", "ready_text": str(text.pk), "papers": "", "respond_on": "01/01/2030"}
    assert as_(people.lan()).post(move_page(dossier, Move.ASK_SUPPLEMENT), sent).status_code == 302
    assert dossier.supplements.get().request == "Thiếu tờ khai."


def test_a_chosen_text_never_replaces_what_was_typed() -> None:
    text, dossier = a_text(agency=people.ward()), people.a_dossier()
    sent = {"comment": "Thiếu đơn", "ready_text": str(text.pk), "papers": "", "respond_on": "01/01/2030"}
    assert as_(people.lan()).post(move_page(dossier, Move.ASK_SUPPLEMENT), sent).status_code == 302
    assert dossier.supplements.get().request == "Thiếu đơn"


def test_a_form_that_comes_back_has_the_chosen_text_in_its_field_and_chooses_it_no_more() -> None:
    text, dossier = a_text(agency=people.ward()), people.a_dossier()
    sent = {"comment": "", "ready_text": str(text.pk), "papers": "", "respond_on": "x"}
    form = as_(people.lan()).post(move_page(dossier, Move.ASK_SUPPLEMENT), sent).context["form"]
    assert set(form.errors) == {"respond_on"}
    assert (form["comment"].value(), form["ready_text"].value()) == ("Thiếu tờ khai.", "")


def test_a_text_that_is_not_offered_is_not_used() -> None:
    text, dossier = a_text(agency=people.department()), people.a_dossier()
    a_text("Của phường", people.ward())
    sent = {"comment": "", "ready_text": str(text.pk), "papers": "", "respond_on": "01/01/2030"}
    answer = as_(people.lan()).post(move_page(dossier, Move.ASK_SUPPLEMENT), sent)
    assert "Nhập nội dung yêu cầu." in answer.content.decode()
    assert Dossier.objects.get().state == State.ACCEPTED


def test_the_browser_does_not_insist_on_a_field_that_a_chosen_text_fills_in() -> None:
    dossier, client = people.a_dossier(), as_(people.lan())
    field = '<textarea name="comment" cols="40" rows="4" maxlength="4000" autofocus required'
    assert field in client.get(move_page(dossier, Move.ASK_SUPPLEMENT)).content.decode()
    a_text(agency=people.ward())
    page = client.get(move_page(dossier, Move.ASK_SUPPLEMENT)).content.decode()
    assert 'name="comment"' in page
    assert field not in page


def test_the_counter_refuses_with_a_chosen_text() -> None:
    procedure = people.a_procedure()
    text = a_text("Không thuộc thẩm quyền", people.ward(), Use.REFUSE)
    client, address = as_(people.lan()), f"/dossiers/receive/{procedure.code}/"
    assert "Không thuộc thẩm quyền" in client.get(address).content.decode()
    sent = {
        "channel": "direct",
        "applicant_kind": "citizen",
        "applicant_name": "Đặng Văn Ước",
        "return_method": "direct",
        "comment": "",
        "ready_text": str(text.pk),
        "refuse": "",
    }
    assert client.post(address, sent).status_code == 302
    assert Dossier.objects.get().transitions.get(move=Move.REFUSE).comment == "Không thuộc thẩm quyền."


def test_a_batch_offers_texts_of_no_procedure_and_writes_the_chosen_one_for_each_dossier() -> None:
    dossiers = [people.a_dossier(), people.a_dossier()]
    text = a_text("Đủ điều kiện", people.ward(), Use.APPROVE)
    a_text("Của thủ tục", people.ward(), Use.APPROVE, procedure=people.a_procedure())
    client = as_(people.ha())
    client.post(reverse("batches:propose"), {"move": "approve", "dossier": [str(each.uuid) for each in dossiers]})
    address = reverse("batches:batch", args=[Batch.objects.get().uuid])
    page = client.get(address).content.decode()
    assert "Đủ điều kiện" in page
    assert "Của thủ tục" not in page
    client.post(address, {"approver": people.ha().pk, "comment": "", "ready_text": str(text.pk)})
    # Whatever becomes of the text meanwhile.
    ReadyText.objects.update(is_active=False)
    client.post(reverse("batches:go-on", args=[Batch.objects.get().uuid]))
    assert {Dossier.objects.get(pk=each.pk).decision_note for each in dossiers} == {"Đủ điều kiện."}


# ---- who keeps them


@pytest.mark.parametrize(
    ("who", "opens"),
    [
        (people.lan, 403),
        (people.binh, 403),
        (people.thanh, 403),
        (people.ha, 200),
        (people.nga, 200),
        (people.root, 200),
    ],
)
def test_leaders_and_administrators_keep_ready_texts(who: Callable[[], User], opens: int) -> None:
    client = as_(who())
    assert {client.get(address).status_code for address in (LIST, ADD)} == {opens}
    assert (LIST in client.get(reverse("administration")).content.decode()) is (opens == 200)


def test_they_see_their_own_agency_s_and_those_of_all_and_change_only_their_own() -> None:
    own, below, shared = a_text("Của phường", people.ward()), a_text("Của tổ", people.ward_desk()), a_text("Chung")
    others = [a_text("Của sở", people.department()), a_text("Của tỉnh", people.province())]
    client, sent = (
        as_(people.ha()),
        {"use": Use.STOP, "title": "Đã sửa", "text": "Đã sửa.", "agency": people.ward().pk},
    )
    page = client.get(LIST).content.decode()
    for text in (own, below, shared):
        assert text.title in page
        assert client.get(page_of(text)).status_code == 200
    for text in others:
        assert text.title not in page
        assert client.post(page_of(text), sent).status_code == 404
    assert client.post(page_of(shared), sent).status_code == 403
    assert client.post(page_of(own), sent).status_code == 302
    assert set(ReadyText.objects.filter(title="Đã sửa")) == {own}


def test_a_text_is_given_to_no_agency_that_its_editor_does_not_oversee() -> None:
    sent = {"use": Use.STOP, "title": "Câu", "text": "Câu.", "is_active": "on"}
    for agency in (people.province().pk, people.department().pk, ""):
        assert as_(people.ha()).post(ADD, {**sent, "agency": agency}).status_code == 200
    assert not ReadyText.objects.exists()
    assert as_(people.root()).post(ADD, {**sent, "agency": ""}).status_code == 302
    assert ReadyText.objects.get().agency is None


def test_what_was_changed_stands_in_the_history() -> None:
    client = as_(people.ha())
    sent = {"use": Use.STOP, "title": "Câu", "text": "Câu.", "agency": people.ward().pk, "is_active": "on"}
    client.post(ADD, sent)
    text = ReadyText.objects.get()
    client.post(page_of(text), {**sent, "text": "Câu khác."})
    client.post(page_of(text), {**sent, "text": "Câu khác."})
    assert [(entry.user, entry.get_change_message()) for entry in LogEntry.objects.order_by("pk")] == [
        (people.ha(), "Đã thêm."),
        (people.ha(), "Đã thay đổi nội dung."),
    ]


def test_the_procedure_is_named_by_its_code() -> None:
    client, procedure = as_(people.ha()), people.a_procedure()
    sent = {"use": Use.STOP, "title": "Câu", "text": "Câu.", "agency": people.ward().pk, "is_active": "on"}
    answer = client.post(ADD, {**sent, "procedure": "9.999999"})
    assert "Không có thủ tục mang mã này." in answer.content.decode()
    assert client.post(ADD, {**sent, "procedure": f" {procedure.code} "}).status_code == 302
    text = ReadyText.objects.get()
    assert text.procedure == procedure
    assert f'value="{procedure.code}"' in client.get(page_of(text)).content.decode()
    client.post(page_of(text), {**sent, "procedure": procedure.code})
    assert LogEntry.objects.count() == 1


def test_a_text_is_no_longer_than_the_field_into_which_it_goes() -> None:
    client = as_(people.ha())
    sent = {"title": "Câu", "text": "x" * 1001, "agency": people.ward().pk, "is_active": "on"}
    assert "tối đa 1000 ký tự" in client.post(ADD, {**sent, "use": Use.DENY}).content.decode()
    assert client.post(ADD, {**sent, "use": Use.STOP}).status_code == 302


def test_the_list_is_narrowed_by_use_and_words() -> None:
    a_text("Thiếu tờ khai", people.ward())
    a_text("Dừng theo đơn", people.ward(), Use.STOP)
    client = as_(people.ha())
    page = client.get(LIST, {"use": Use.STOP}).content.decode()
    assert "Dừng theo đơn" in page
    assert "Thiếu tờ khai" not in page
    assert "Thiếu tờ khai" in client.get(LIST, {"q": "tờ khai"}).content.decode()
    assert "Không có câu mẫu nào phù hợp" in client.get(LIST, {"q": "zzzz"}).content.decode()
    assert client.get(LIST, {"use": "x"}).status_code == 200


def test_the_moves_take_no_argument_more() -> None:
    """The choice is the form's own matter, whatever the move's function takes."""
    for use in Use:
        a_text("Câu", people.ward(), use)
    dossier, client = people.a_dossier(), as_(people.ha())
    sent = {"unit": "", "officer": people.binh().pk, "comment": "", "ready_text": ""}
    assert client.post(move_page(dossier, Move.HAND_OVER), sent).status_code == 302
    sent = {"approver": people.ha().pk, "comment": "", "ready_text": str(a_text("Đủ", people.ward(), Use.APPROVE).pk)}
    assert client.post(move_page(dossier, Move.APPROVE), sent).status_code == 302
    after = Dossier.objects.get()
    assert (after.officer, after.decision_note) == (people.binh(), "Đủ.")
