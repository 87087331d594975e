"""Many dossiers at once: foreseen, worked off without doing one twice or leaving one out, told one by one."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from threading import Thread
from typing import Any

import pytest
import pytest_django
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from onestop.batches import runner
from onestop.batches.models import Batch, Item, Outcome
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, Move, State, Transition
from onestop.staff.models import Role, User
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def proposed(client: Client, move: Move, *dossiers: Dossier, **more: str) -> Batch:
    posted = {"move": move.value, "dossier": [str(dossier.uuid) for dossier in dossiers], **more}
    answer = client.post(reverse("batches:propose"), posted)
    assert answer.status_code == 302, answer.content.decode()
    batch = Batch.objects.latest("pk")
    assert answer.url == address(batch)  # type: ignore[attr-defined] # of a redirect
    return batch


def address(batch: Batch, name: str = "batch") -> str:
    return reverse(f"batches:{name}", args=[batch.uuid])


def worked_off(client: Client, batch: Batch, **typed: Any) -> dict[str, str]:
    """Begun with what is typed, and pressed on until it is over: by applicant, what became of each."""
    assert client.post(address(batch), typed).status_code == 302
    for _round in range(20):
        client.post(address(batch, "go-on"))
        batch.refresh_from_db()
        if batch.ended_at:
            return {item.dossier.applicant_name: item.outcome for item in batch.items.all()}
    raise AssertionError("it never ends")


def states(dossiers: Iterable[Dossier]) -> list[int]:
    return [Dossier.objects.get(pk=dossier.pk).state for dossier in dossiers]


def told(client: Client, move: str, **posted: Any) -> str:
    return client.post(reverse("batches:propose"), {"move": move, **posted}, follow=True).content.decode()


# ---- chosen and foreseen


def test_nothing_happens_before_it_is_confirmed() -> None:
    ready, paused = people.a_dossier(), people.a_dossier_in(State.AWAITING_SUPPLEMENT)
    client = as_(people.ha())
    batch = proposed(client, Move.START, ready, paused)
    shown = client.get(address(batch))
    assert (shown.context["possible"], shown.context["impossible"]) == (1, [(State.AWAITING_SUPPLEMENT, 1)])
    assert "1 hồ sơ đang ở “chờ bổ sung giấy tờ”" in shown.content.decode()
    client.post(address(batch, "go-on"))
    assert states([ready, paused]) == [State.ACCEPTED, State.AWAITING_SUPPLEMENT]


def test_the_whole_list_is_what_its_address_narrows_it_to() -> None:
    for number in range(30):
        people.a_dossier(applicant_name=f"Người {number}")
    people.a_registered_dossier(applicant_name="Chưa nhận")
    batch = proposed(as_(people.ha()), Move.START, all="1", query="state=2")
    assert batch.items.count() == 30
    assert not batch.items.filter(dossier__applicant_name="Chưa nhận").exists()


def test_what_one_may_not_see_is_not_chosen() -> None:
    mine = people.a_dossier()
    other = people.a_dossier(agency=people.another_province(), by=people.root())
    batch = proposed(as_(people.ha()), Move.START, mine, other)
    assert [item.dossier for item in batch.items.all()] == [mine]
    assert proposed(as_(people.ha()), Move.START, all="1", query="").items.count() == 1


@pytest.mark.parametrize(
    "posted", [{}, {"dossier": "x"}, {"all": "1", "query": "state=77"}, {"all": "1", "query": "state=9"}]
)
def test_where_nothing_was_chosen_the_list_says_so(posted: dict[str, str]) -> None:
    people.a_dossier()
    assert "Chưa chọn hồ sơ nào" in told(as_(people.ha()), "start", **posted)
    assert not Batch.objects.exists()


def test_more_than_can_be_done_at_once_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "MOST", 1)
    people.a_dossier()
    people.a_dossier()
    assert "Vui lòng lọc hẹp hơn" in told(as_(people.ha()), "start", all="1")
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("person", "move"),
    [
        (people.lan, "start"),
        (people.binh, "accept"),
        (people.thanh, "hand_over"),
        (people.ha, "stop"),
        (people.ha, "x"),
    ],
)
def test_a_move_that_is_not_the_person_s_or_not_for_many_is_not_offered(person: Any, move: str) -> None:
    dossier, client = people.a_dossier(), as_(person())
    answer = client.post(reverse("batches:propose"), {"move": move, "dossier": [str(dossier.uuid)]})
    assert answer.status_code == 404
    assert f'<option value="{move}"' not in client.get("/dossiers/").content.decode()


def test_nobody_else_sees_or_drives_a_batch() -> None:
    batch = proposed(as_(people.ha()), Move.START, people.a_dossier())
    other = as_(people.binh())
    assert other.get(address(batch)).status_code == 404
    for act in ("batch", "go-on", "end"):
        assert other.post(address(batch, act)).status_code == 404
    assert other.get(address(batch, "results")).status_code == 404


def test_a_proposal_that_is_dropped_leaves_nothing() -> None:
    dossier, client = people.a_dossier(), as_(people.ha())
    batch = proposed(client, Move.START, dossier)
    client.post(address(batch, "end"))
    assert not Batch.objects.exists()
    assert states([dossier]) == [State.ACCEPTED]


# ---- worked off


@pytest.mark.parametrize(
    ("person", "begins", "move", "typed", "ends"),
    [
        (people.lan, State.REGISTERED, Move.ACCEPT, {}, State.ACCEPTED),
        (people.ha, State.ACCEPTED, Move.START, {"comment": "cả tổ"}, State.IN_PROGRESS),
        (people.ha, State.IN_PROGRESS, Move.APPROVE, {"approver": "ha"}, State.COMPLETED),
        (people.lan, State.COMPLETED, Move.RETURN_RESULT, {}, State.RETURNED),
    ],
)
def test_every_dossier_is_moved_as_it_would_be_alone(
    person: Any, begins: State, move: Move, typed: dict[str, str], ends: State
) -> None:
    dossiers = [people.a_dossier_in(begins, applicant_name=f"Người {number}") for number in range(3)]
    client = as_(person())
    batch = proposed(client, move, *dossiers)
    if "approver" in typed:
        typed = {**typed, "approver": str(User.objects.get(username=typed["approver"]).pk)}
    assert set(worked_off(client, batch, **typed).values()) == {Outcome.DONE}
    assert states(dossiers) == [ends] * 3
    for item in batch.items.select_related("transition"):
        assert item.transition == item.dossier.transitions.last()
        assert item.transition is not None
        assert (item.transition.move, item.transition.actor) == (move, person())
        assert item.transition.comment == typed.get("comment", "")


def test_dossiers_are_handed_over_to_an_officer() -> None:
    dossiers = [people.a_dossier(), people.a_dossier()]
    client = as_(people.ha())
    batch = proposed(client, Move.HAND_OVER, *dossiers)
    refused = client.post(address(batch), {"comment": "cho anh Minh"})
    assert "Vui lòng chọn đơn vị hoặc cán bộ" in refused.content.decode()
    assert "cho anh Minh" in refused.content.decode()
    worked_off(client, batch, unit=people.department().pk, officer=people.minh().pk)
    assert {Dossier.objects.get(pk=dossier.pk).officer for dossier in dossiers} == {people.minh()}


def test_what_changed_meanwhile_is_refused_with_its_reason_and_the_others_go_on() -> None:
    first, second, third = (people.a_dossier(applicant_name=name) for name in ("Một", "Hai", "Ba"))
    client = as_(people.ha())
    batch = proposed(client, Move.START, first, second, third)
    lifecycle.withdraw(second, people.lan(), comment="Công dân xin rút")
    came_out = worked_off(client, batch)
    assert came_out == {"Một": Outcome.DONE, "Hai": Outcome.REFUSED, "Ba": Outcome.DONE}
    shown = client.get(address(batch), {"outcome": "refused"})
    assert [item.dossier.applicant_name for item in shown.context["items"]] == ["Hai"]
    assert "đang ở trạng thái “công dân rút hồ sơ”" in shown.content.decode()


def test_a_mandatory_fee_that_is_open_holds_back_that_dossier_alone() -> None:
    owing = people.a_dossier(applicant_name="Nợ", fees=[people.a_fee()])
    paid = people.a_dossier(applicant_name="Đủ")
    for dossier in (owing, paid):
        lifecycle.approve(dossier, people.ha())
    client = as_(people.lan())
    came_out = worked_off(client, proposed(client, Move.RETURN_RESULT, owing, paid))
    assert came_out == {"Nợ": Outcome.REFUSED, "Đủ": Outcome.DONE}


def test_who_loses_the_role_meanwhile_moves_nothing() -> None:
    dossier, client = people.a_dossier(), as_(people.ha())
    batch = proposed(client, Move.START, dossier)
    client.post(address(batch))
    User.objects.filter(pk=people.ha().pk).update(role=Role.RECEPTION)
    client.post(address(batch, "go-on"))
    assert states([dossier]) == [State.ACCEPTED]
    assert [item.outcome for item in batch.items.all()] == [Outcome.REFUSED]


def test_an_officer_who_left_meanwhile_stops_the_batch_with_the_reason() -> None:
    dossier, client = people.a_dossier(), as_(people.ha())
    batch = proposed(client, Move.HAND_OVER, dossier)
    client.post(address(batch), {"officer": people.binh().pk})
    User.objects.filter(pk=people.binh().pk).update(is_active=False)
    assert "nội dung đã nhập không còn phù hợp" in client.post(address(batch, "go-on"), follow=True).content.decode()
    batch.refresh_from_db()
    assert batch.ended_at
    assert [item.outcome for item in batch.items.all()] == [Outcome.WAITING]


def test_pressing_twice_moves_nothing_twice() -> None:
    dossier, client = people.a_dossier(), as_(people.ha())
    batch = proposed(client, Move.START, dossier)
    client.post(address(batch), {"comment": "một"})
    client.post(address(batch), {"comment": "hai"})
    client.post(address(batch, "go-on"))
    client.post(address(batch, "go-on"))
    assert [each.comment for each in Transition.objects.filter(dossier=dossier, move=Move.START)] == ["một"]


def test_the_work_goes_on_where_it_was_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice of no time moves one dossier; a page that was closed in between loses nothing."""
    monkeypatch.setattr("onestop.batches.views.PATIENT_SECONDS", 0)
    dossiers = [people.a_dossier() for _number in range(3)]
    client = as_(people.ha())
    batch = proposed(client, Move.START, *dossiers)
    client.post(address(batch))
    client.post(address(batch, "go-on"))
    assert states(dossiers).count(State.IN_PROGRESS) == 1
    assert "còn 2 hồ sơ chưa thực hiện" in client.get("/dossiers/").content.decode()
    for _round in range(3):
        client.post(address(batch, "go-on"))
    assert states(dossiers) == [State.IN_PROGRESS] * 3
    assert "hồ sơ chưa thực hiện" not in client.get("/dossiers/").content.decode()


def test_what_is_stopped_leaves_the_rest_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onestop.batches.views.PATIENT_SECONDS", 0)
    dossiers = [people.a_dossier() for _number in range(3)]
    client = as_(people.ha())
    batch = proposed(client, Move.START, *dossiers)
    client.post(address(batch))
    client.post(address(batch, "go-on"))
    client.post(address(batch, "end"))
    client.post(address(batch, "go-on"))
    assert states(dossiers).count(State.ACCEPTED) == 2
    assert "Đã dừng theo yêu cầu" in client.get(address(batch)).content.decode()


def test_a_page_with_scripts_is_told_how_far_it_is_and_then_to_load_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onestop.batches.views.SLICE_SECONDS", 0)
    client = as_(people.ha())
    batch = proposed(client, Move.START, people.a_dossier(), people.a_dossier())
    client.post(address(batch))
    part = client.post(address(batch, "go-on"), headers={"hx-request": "true"})
    assert "Đã thực hiện 1 trên 2 hồ sơ" in part.content.decode()
    assert "<html" not in part.content.decode()
    for _round in range(2):
        last = client.post(address(batch, "go-on"), headers={"hx-request": "true"})
    assert last.headers["HX-Refresh"] == "true"


def test_a_fault_of_ours_with_one_dossier_is_noted_and_does_not_hold_up_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dossiers = [people.a_dossier(applicant_name=name) for name in ("Hỏng", "Lành")]
    real = lifecycle.start

    def start(dossier: Dossier, *arguments: Any, **more: Any) -> Transition:
        if dossier.applicant_name == "Hỏng":
            raise ZeroDivisionError
        return real(dossier, *arguments, **more)

    monkeypatch.setitem(lifecycle.MAKE, Move.START, start)
    client = as_(people.ha())
    batch = proposed(client, Move.START, *dossiers)
    client.post(address(batch))
    with pytest.raises(ZeroDivisionError):
        client.post(address(batch, "go-on"))
    client.post(address(batch, "go-on"))
    assert {item.dossier.applicant_name: item.outcome for item in batch.items.all()} == {
        "Hỏng": Outcome.REFUSED,
        "Lành": Outcome.DONE,
    }


def test_a_database_that_is_away_for_a_moment_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    dossier, client = people.a_dossier(), as_(people.ha())
    batch = proposed(client, Move.START, dossier)
    client.post(address(batch))

    def away(*_arguments: Any, **_more: Any) -> Transition:
        raise OperationalError

    with monkeypatch.context() as for_now:
        for_now.setitem(lifecycle.MAKE, Move.START, away)
        with pytest.raises(OperationalError):
            client.post(address(batch, "go-on"))
    client.post(address(batch, "go-on"))
    assert [item.outcome for item in batch.items.all()] == [Outcome.DONE]


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_drive_one_batch_move_each_dossier_once() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time; needs PostgreSQL")
    dossiers = [people.a_dossier() for _number in range(40)]
    client = as_(people.ha())
    batch = proposed(client, Move.START, *dossiers)
    client.post(address(batch))

    def drive() -> None:
        as_(people.ha()).post(address(batch, "go-on"))
        connection.close()

    windows = [Thread(target=drive) for _number in range(3)]
    for window in windows:
        window.start()
    for window in windows:
        window.join()
    assert Transition.objects.filter(move=Move.START).count() == 40
    assert {item.outcome for item in batch.items.all()} == {Outcome.DONE}
    batch.refresh_from_db()
    assert batch.ended_at


def test_the_results_come_as_a_file_too() -> None:
    first, second = people.a_dossier(applicant_name="Một"), people.a_dossier(applicant_name="Hai")
    client = as_(people.ha())
    batch = proposed(client, Move.START, first, second)
    lifecycle.withdraw(second, people.lan(), comment="Công dân xin rút")
    worked_off(client, batch)
    content = b"".join(client.get(address(batch, "results")).streaming_content)  # type: ignore[attr-defined] # a file
    sheet = load_workbook(BytesIO(content)).active
    assert sheet is not None
    _heading, *rows = sheet.iter_rows(min_row=3, values_only=True)
    assert [row[1:3] for row in rows] == [("Hai", "lỗi"), ("Một", "thành công")]


def test_ones_own_batches_are_listed_the_latest_first() -> None:
    client = as_(people.ha())
    assert "Chưa có thao tác hàng loạt nào" in client.get(reverse("batches:mine")).content.decode()
    for move, state in ((Move.START, State.ACCEPTED), (Move.APPROVE, State.IN_PROGRESS)):
        worked_off(client, proposed(client, move, people.a_dossier_in(state)), approver=people.ha().pk)
    proposed(client, Move.START, people.a_dossier())
    proposed_by_other = proposed(as_(people.binh()), Move.START, people.a_dossier())
    as_(people.binh()).post(address(proposed_by_other))
    listed = client.get(reverse("batches:mine")).context["batches"]
    assert [(batch.move, numbers) for batch, numbers in listed] == [
        (Move.APPROVE, {Outcome.DONE: 1}),
        (Move.START, {Outcome.DONE: 1}),
    ]


def test_a_page_of_results_takes_no_more_queries_for_more_dossiers(django_assert_num_queries: Any) -> None:
    client = as_(people.ha())
    few = proposed(client, Move.START, people.a_dossier())
    many = proposed(client, Move.START, *(people.a_dossier() for _number in range(20)))
    for batch in (few, many):
        worked_off(client, batch)
        # session, user with the agency, the batch with its user, how many came out how, those that can be undone, the
        # dossiers, the news' number
        with django_assert_num_queries(7):
            client.get(address(batch))


def test_proposals_of_long_ago_are_forgotten() -> None:
    client = as_(people.ha())
    dossier = people.a_dossier()
    old = proposed(client, Move.START, dossier)
    Batch.objects.filter(pk=old.pk).update(proposed_at="2020-01-01T00:00Z")
    kept = proposed(client, Move.START, dossier)
    latest = proposed(client, Move.START, dossier)
    assert set(Batch.objects.all()) == {kept, latest}
    assert Item.objects.count() == 2


def test_what_a_batch_has_done_is_undone_but_for_what_went_on_since() -> None:
    client, dossiers = as_(people.ha()), [people.a_dossier() for _number in range(3)]
    batch = proposed(client, Move.START, *dossiers)
    worked_off(client, batch)
    lifecycle.hand_over(dossiers[1], people.ha(), unit=people.department())
    shown = client.get(address(batch)).content.decode()
    assert "Hoàn tác 2 hồ sơ" in shown
    answer = client.post(address(batch, "undo"))
    undoing = Batch.objects.latest("pk")
    assert (undoing.move, answer["Location"]) == (Move.UNDO, address(undoing))
    # Pressed once more: the same batch.
    assert client.post(address(batch, "undo"))["Location"] == address(undoing)
    assert Batch.objects.latest("pk") == undoing
    # A move of her own in between is not taken for that of the batch.
    lifecycle.hand_over(dossiers[2], people.ha(), unit=people.department())
    for _round in range(3):
        client.post(address(undoing, "go-on"))
    assert states(dossiers) == [State.ACCEPTED, State.IN_PROGRESS, State.IN_PROGRESS]
    outcomes = {item.dossier_id: item.outcome for item in undoing.items.all()}
    assert outcomes == {dossiers[0].pk: Outcome.DONE, dossiers[2].pk: Outcome.REFUSED}
    assert "Hoàn tác 1 hồ sơ" not in client.get(address(undoing)).content.decode()


def test_a_batch_of_long_ago_is_not_undone(settings: pytest_django.Settings) -> None:
    client = as_(people.ha())
    batch = proposed(client, Move.START, people.a_dossier())
    worked_off(client, batch)
    settings.UNDO_MINUTES = 0
    assert "Hoàn tác 1" not in client.get(address(batch)).content.decode()
    assert client.post(address(batch, "undo"))["Location"] == address(batch)
    assert not Batch.objects.filter(move=Move.UNDO).exists()
