"""News: who hears of what, that it is written with its cause or not at all, and the page that lists it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from onestop.batches import runner
from onestop.dossiers import fees, lifecycle, notes, opinions
from onestop.dossiers.lifecycle import engine
from onestop.dossiers.lists.news import COUNTED
from onestop.dossiers.models import Dossier, Move, NewsItem, State, Transition
from onestop.dossiers.store import DATABASE, writing_in_bulk
from onestop.staff.models import Role, User
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Kind = NewsItem.Kind
NEWS = reverse("dossiers:news")
READ = reverse("dossiers:news-read")


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def heard() -> list[tuple[str, str]]:
    """Who heard of what, in order; moves by their name."""
    items = NewsItem.objects.order_by("pk").values_list("user__username", "kind", "move")
    return [(user, move if kind == Kind.MOVE else kind) for user, kind, move in items]


def of_binh(**traits: object) -> Dossier:
    """A dossier that Bình has begun to work on, of which there is no news yet."""
    dossier = people.a_dossier(**traits)  # type: ignore[arg-type] # traits of the dossier
    lifecycle.start(dossier, people.binh())
    assert heard() == []
    return dossier


def shown_number(client: Client, address: str = "/dossiers/") -> str:
    """The number in the head of a page; "" for none."""
    match = re.search(r'class="number">([^<]*)<', client.get(address).content.decode())
    return match[1] if match else ""


# ---- who hears of what


def test_the_officer_hears_who_assigned_a_dossier() -> None:
    dossier = people.a_dossier()
    lifecycle.hand_over(dossier, people.ha(), officer=people.binh(), comment="Gấp")
    item = NewsItem.objects.get()
    assert (item.user, item.kind, item.actor_name) == (people.binh(), Kind.ASSIGNED, "Phạm Hà")
    assert item.transition is not None
    assert (item.transition.comment, item.at) == ("Gấp", Dossier.objects.get().moved_at)


def test_one_s_own_acts_are_no_news() -> None:
    dossier = people.a_dossier()
    lifecycle.hand_over(dossier, people.binh(), officer=people.binh())
    lifecycle.start(dossier, people.binh())
    lifecycle.ask_supplement(dossier, people.binh(), comment="Thiếu")
    notes.write(dossier, people.binh(), text="Đã gọi điện")
    assert heard() == []


def test_the_leaders_of_a_unit_hear_of_what_no_officer_has_yet() -> None:
    people.a_person("kho", Role.MANAGER, people.department, is_active=False)
    leader, _officer = people.a_person("giam-doc", Role.MANAGER, people.department), people.minh()
    lifecycle.hand_over(people.a_dossier(), people.ha(), unit=people.department())
    assert heard() == [(leader.username, Kind.TO_UNIT)]


def test_without_a_leader_all_officers_of_the_unit_hear_of_it() -> None:
    people.a_person("tiep", Role.RECEPTION, people.department)
    people.minh()
    lifecycle.hand_over(people.a_dossier(), people.ha(), unit=people.department())
    assert heard() == [("minh", Kind.TO_UNIT)]


def test_the_officer_from_whom_a_dossier_is_taken_hears_of_it() -> None:
    lifecycle.hand_over(of_binh(), people.ha(), officer=people.minh())
    assert heard() == [("binh", Kind.TAKEN_OVER), ("minh", Kind.ASSIGNED)]


def test_the_officer_hears_what_others_do_with_the_dossier_but_for_its_usual_course() -> None:
    dossier = of_binh()
    lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu tờ khai")
    lifecycle.receive_supplement(dossier, people.lan())
    lifecycle.ask_payment(dossier, people.ha(), fees=[people.a_fee()])
    lifecycle.receive_payment(dossier, people.lan())
    lifecycle.amend(dossier, people.lan(), changes={"summary": "Sửa"})
    lifecycle.approve(dossier, people.ha())
    lifecycle.return_result(dossier, people.lan())
    lifecycle.reopen(dossier, people.ha(), comment="Ghi nhầm")
    lifecycle.stop(dossier, people.ha(), comment="Người nộp đã mất")
    moves = ["ask_supplement", "receive_supplement", "ask_payment", "receive_payment", "amend", "approve"]
    assert heard() == [("binh", move) for move in [*moves, "reopen", "stop"]]


def test_a_partner_s_and_the_system_s_moves_are_news_too() -> None:
    dossier = of_binh()
    lifecycle.ask_supplement(dossier, people.a_colleague(), comment="Thiếu")
    lifecycle.receive_supplement(dossier, None)
    assert [item.actor_name for item in NewsItem.objects.order_by("pk")] == ["Hoàng Yến", "UBND phường Trần Phú"]


def test_the_officer_hears_of_a_paid_fee_and_of_an_answer() -> None:
    dossier = of_binh(fees=[people.a_fee()])
    fees.pay(dossier.fees.get(), people.lan())
    due_at = timezone.now() + timedelta(days=1)
    opinion = opinions.ask(dossier, people.binh(), agency=people.department(), question="Được không?", due_at=due_at)
    opinions.answer(opinion, people.minh(), text="Được.")
    assert heard() == [("binh", Kind.PAID), ("binh", Kind.ANSWER)]


# ---- with its cause, or not at all


@pytest.mark.parametrize("in_bulk", [False, True])
def test_a_move_and_its_news_are_kept_together(in_bulk: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = of_binh()
    before = Transition.objects.count()

    def fails(*_arguments: object) -> list[NewsItem]:
        raise RuntimeError

    monkeypatch.setattr(engine, "news_of", fails)
    with pytest.raises(RuntimeError):
        lifecycle.approve(dossier, people.ha())
    assert (Transition.objects.count(), Dossier.objects.get().state) == (before, State.IN_PROGRESS)
    monkeypatch.undo()
    # The other way round: the move is taken back after its news was written.
    with pytest.raises(ZeroDivisionError):
        _approve_and_fail(dossier, in_bulk)
    assert not NewsItem.objects.exists()


def _approve_and_fail(dossier: Dossier, in_bulk: bool) -> None:
    if in_bulk:
        with writing_in_bulk() as store:
            (locked,) = store.locked(Dossier.objects.filter(pk=dossier.pk))
            lifecycle.approve(locked, people.ha(), store=store)
            raise ZeroDivisionError
    with DATABASE.atomic():
        lifecycle.approve(dossier, people.ha())
        assert NewsItem.objects.exists()
        raise ZeroDivisionError


def test_the_bulk_writes_the_same_news() -> None:
    one, other = of_binh(), of_binh()
    lifecycle.approve(one, people.ha(), comment="Đủ")
    with writing_in_bulk() as store:
        (locked,) = store.locked(Dossier.objects.filter(pk=other.pk))
        lifecycle.approve(locked, people.ha(), comment="Đủ", store=store)
    rows = NewsItem.objects.order_by("pk").values_list("user", "kind", "move", "actor_name", "read_at", "note")
    assert rows[0] == rows[1]
    assert [item.transition and item.transition.dossier_id for item in NewsItem.objects.order_by("pk")] == [
        one.pk,
        other.pk,
    ]


def test_a_batch_makes_one_entry_on_the_page() -> None:
    for number in range(3):
        people.a_dossier(applicant_name=f"Người {number}")
    batch = runner.propose(people.ha(), Move.HAND_OVER, Dossier.objects.all())
    assert batch is not None
    runner.begin(batch, runner.form_of(batch, {"unit": "", "officer": str(people.binh().pk)}))  # type: ignore[arg-type] # as it is stored
    batch.refresh_from_db()
    runner.work(batch, 60)
    client = as_(people.binh())
    (group,) = client.get(NEWS).context["groups"]
    assert [item.dossier.applicant_name for item, _seen in group.items] == ["Người 0", "Người 1", "Người 2"]
    page = client.get(NEWS).content.decode()
    assert "3 hồ sơ" in page
    # The button of the entry marks all of it.
    client.post(READ, {"item": re.findall(r'name="item" value="(\d+)"', page)})
    assert shown_number(client) == ""


# ---- read and unread


def test_opening_a_dossier_marks_its_news_as_read_and_no_other_s() -> None:
    first, second = of_binh(), of_binh()
    for dossier in (first, second):
        lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu")
        notes.write(dossier, people.ha(), text="Gấp")
    client, address = as_(people.binh()), reverse("dossiers:detail", args=[first.uuid])
    assert shown_number(client) == "4"
    as_(people.ha()).get(address)
    assert shown_number(client) == "4"
    # The page itself knows already.
    assert shown_number(client, address) == "2"
    assert shown_number(client) == "2"
    assert set(NewsItem.objects.unread().values_list("dossier", flat=True)) == {second.pk}


def test_all_is_marked_as_read_up_to_what_the_page_showed() -> None:
    dossier = of_binh()
    lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu")
    client = as_(people.binh())
    latest = client.get(NEWS).context["latest"]
    lifecycle.receive_supplement(dossier, people.lan())
    lifecycle.hand_over(dossier, people.ha(), officer=people.lan())
    assert client.post(READ, {"until": str(latest)}).status_code == 302
    unread = NewsItem.objects.unread().order_by("pk").values_list("user__username", "move")
    assert list(unread) == [("binh", "receive_supplement"), ("binh", "hand_over"), ("lan", "hand_over")]


@pytest.mark.parametrize("sent", [{"item": "1 OR 1"}, {"until": "-1"}, {"until": "9" * 30}, {"item": "٣"}, {}])
def test_nonsense_marks_nothing(sent: dict[str, str]) -> None:
    lifecycle.approve(of_binh(), people.ha())
    assert as_(people.binh()).post(READ, sent).status_code == 302
    assert NewsItem.objects.unread().count() == 1


def test_nobody_marks_another_s_news() -> None:
    lifecycle.approve(of_binh(), people.ha())
    item = NewsItem.objects.get()
    as_(people.ha()).post(READ, {"item": str(item.pk)})
    as_(people.ha()).post(READ, {"until": str(item.pk)})
    assert NewsItem.objects.unread().exists()


def test_the_unread_ones_alone() -> None:
    first, second = of_binh(applicant_name="Đã Đọc"), of_binh(applicant_name="Chưa Đọc")
    for dossier in (first, second):
        lifecycle.approve(dossier, people.ha())
    NewsItem.objects.filter(dossier=first).mark_read(timezone.now())
    client = as_(people.binh())
    page = client.get(NEWS, {"unread": "1"}).content.decode()
    assert "Chưa Đọc" in page
    assert "Đã Đọc" not in page
    assert "Đã Đọc" in client.get(NEWS).content.decode()


def test_of_a_dossier_that_one_does_not_see_any_more_only_the_code_is_shown() -> None:
    dossier = people.a_dossier(applicant_name="Không Còn Thấy")
    lifecycle.hand_over(dossier, people.ha(), officer=people.minh(), comment="Lời dặn")
    client = as_(people.minh())
    assert "Không Còn Thấy" in client.get(NEWS).content.decode()
    lifecycle.hand_over(dossier, people.ha(), officer=people.binh(), comment="Lời khác")
    page = client.get(NEWS).content.decode()
    assert page.count(str(dossier.code)) >= 2
    for hidden in ("Không Còn Thấy", "Lời dặn", "Lời khác", str(dossier.uuid)):
        assert hidden not in page


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (people.lan, 200),
        (people.binh, 200),
        (people.ha, 200),
        (people.thanh, 403),
        (people.tu, 403),
        (people.root, 403),
    ],
)
def test_news_is_for_those_who_work_on_dossiers(who: Callable[[], User], status: int) -> None:
    client = as_(who())
    assert client.get(NEWS).status_code == status
    assert ("Tin mới" in client.get("/dossiers/").content.decode()) is (status == 200)


def test_the_number_is_read_by_one_query_of_what_is_unread_and_ends_with_more() -> None:
    dossier = of_binh()
    moves = lifecycle.approve(dossier, people.ha())
    item = {"user": people.binh(), "dossier": dossier, "kind": Kind.MOVE, "at": moves.at, "actor_name": "Hà"}
    NewsItem.objects.bulk_create(NewsItem(**item) for _number in range(COUNTED + 5))
    client = as_(people.binh())
    with CaptureQueriesContext(connection) as queries:
        assert shown_number(client) == f"{COUNTED}+"
    (sql,) = (query["sql"] for query in queries if "dossiers_newsitem" in query["sql"])
    assert f"LIMIT {COUNTED + 1}" in sql


def test_old_news_is_deleted_read_or_not() -> None:
    dossier = of_binh()
    lifecycle.approve(dossier, people.ha())
    old = NewsItem.objects.get()
    NewsItem.objects.update(at=timezone.now() - NewsItem.KEPT - timedelta(minutes=1))
    lifecycle.reopen(dossier, people.ha(), comment="Ghi nhầm")
    out = StringIO()
    call_command("delete_old_news", stdout=out)
    assert not NewsItem.objects.filter(pk=old.pk).exists()
    assert NewsItem.objects.count() == 1
    assert "1 tin" in out.getvalue()


def test_an_undone_move_is_no_news_but_to_those_who_have_read_of_it() -> None:
    first, second = people.a_dossier(), people.a_dossier()
    for dossier in (first, second):
        lifecycle.hand_over(dossier, people.ha(), officer=people.binh())
    NewsItem.objects.filter(user=people.binh(), dossier=second).mark_read(timezone.now())
    for dossier in (first, second):
        lifecycle.undo(dossier, people.ha())
    heard = NewsItem.objects.filter(user=people.binh()).unread()
    assert [(item.dossier, item.heading) for item in heard] == [(second, "hoàn tác")]
