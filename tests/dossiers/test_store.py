"""Many new dossiers written together: what goes wrong with one of them is nobody else's loss."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import pytest

from onestop.catalog.calendar import calendar_of
from onestop.common.errors import InputRefused
from onestop.dossiers import lifecycle
from onestop.dossiers.lifecycle.engine import MoveRefused
from onestop.dossiers.models import (
    DailySequence,
    Dossier,
    DueDate,
    Fee,
    Move,
    Paper,
    State,
    StatsQueue,
    Supplement,
    Transition,
)
from onestop.dossiers.store import DATABASE, Store, writing_in_bulk
from tests import people

pytestmark = pytest.mark.django_db


def test_a_dossier_that_is_refused_leaves_nothing_and_takes_no_number() -> None:
    with writing_in_bulk() as store:
        for name in ("Một", "", "Ba"):
            dossier = people.a_new_dossier(applicant_name=name)
            if name:
                lifecycle.receive(
                    dossier, people.lan(), papers=[Paper(name="Đơn")], fees=[people.a_fee()], store=store
                )
            else:
                with pytest.raises(InputRefused):
                    lifecycle.receive(
                        dossier, people.lan(), papers=[Paper(name="Đơn")], fees=[people.a_fee()], store=store
                    )
    assert [code[-4:] for code in Dossier.objects.order_by("pk").values_list("code", flat=True) if code] == [
        "0001",
        "0002",
    ]


def test_a_dossier_whose_last_step_fails_is_taken_back_whole() -> None:
    with writing_in_bulk() as store:
        lifecycle.receive(people.a_new_dossier(), people.lan(), store=store)
        with pytest.raises(InputRefused, match="chỉ nhận các loại"):
            lifecycle.receive(
                people.a_new_dossier(),
                people.lan(),
                papers=[Paper(name="Đơn")],
                fees=[people.a_fee()],
                files=[people.a_file("virus.exe")],
                store=store,
            )
        lifecycle.receive(people.a_new_dossier(), people.lan(), store=store)
    assert [kind._default_manager.count() for kind in (Dossier, Transition, DueDate, StatsQueue)] == [2, 4, 2, 2]
    assert not Paper.objects.exists()
    assert not Fee.objects.exists()
    assert DailySequence.objects.get().last == 2


def test_a_later_move_that_fails_leaves_the_earlier_ones() -> None:
    with writing_in_bulk() as store:
        dossier = people.a_new_dossier()
        lifecycle.receive(dossier, people.lan(), store=store)
        with pytest.raises(MoveRefused):
            lifecycle.reopen(dossier, people.ha(), comment="x", store=store)
        assert store.open_fees(dossier) == []
    assert dossier.transitions.count() == 2


def test_text_is_written_as_its_column_keeps_it_whatever_it_looks_like() -> None:
    """What looks like the database's own signs is text; ends of lines and blanks are mended as in every other row."""
    odd = "\\N \t\\t “Đặng”\r\n\\. 'x' \\"
    in_a_line, in_lines = "\\N \\t “Đặng” \\. 'x' \\", "\\N \t\\t “Đặng”\n\\. 'x' \\"
    with writing_in_bulk() as store:
        dossier = people.a_new_dossier(applicant_name=odd, address="\\N", applicant_note="\\.", summary=odd)
        lifecycle.receive(dossier, people.lan(), papers=[Paper(name=odd)], store=store)
    kept = Dossier.objects.get()
    assert (kept.applicant_name, kept.summary) == (in_a_line, in_lines)
    assert (kept.address, kept.applicant_note) == ("\\N", "\\.")
    assert (kept.search, kept.pk) == (dossier.search, dossier.pk)
    assert Paper.objects.get(dossier=kept).name == in_lines


def test_rows_written_together_know_their_keys_and_are_saved_like_any_other() -> None:
    with writing_in_bulk() as store:
        dossier = people.a_new_dossier()
        transition = lifecycle.receive(dossier, people.lan(), store=store)
    assert Transition.objects.get(pk=transition.pk).dossier == dossier
    lifecycle.start(dossier, people.binh())
    assert Dossier.objects.get().state == dossier.state


@pytest.mark.parametrize("in_bulk", [False, True])
def test_what_a_move_asks_of_its_dossier_is_answered_alike_in_memory_and_by_the_database(in_bulk: bool) -> None:
    lan, dossier = people.lan(), people.a_new_dossier()
    way: AbstractContextManager[Store] = writing_in_bulk() if in_bulk else nullcontext(DATABASE)
    with way as store:
        lifecycle.receive(dossier, lan, papers=[Paper(name="Đơn")], fees=[people.a_fee()], store=store)
        assert store.open_supplement(dossier) is None
        assert store.awaited_papers(dossier) == []
        assert store.last(dossier, Move.ASK_SUPPLEMENT) is None
        lifecycle.ask_supplement(dossier, lan, comment="Thiếu", papers=[Paper(name="Giấy")], store=store)
        asked, awaited = store.open_supplement(dossier), store.awaited_papers(dossier)
        assert asked is not None
        assert (asked.ordinal, [paper.name for paper in awaited]) == (1, ["Giấy"])
        assert store.next_ordinal(dossier, Supplement) == 2
        last = store.last(dossier, Move.ASK_SUPPLEMENT)
        assert last is not None
        assert last.from_state == State.ACCEPTED
        assert [fee.is_mandatory for fee in store.open_fees(dossier)] == [True]
        lifecycle.receive_supplement(dossier, lan, store=store)
        assert store.open_supplement(dossier) is None
        assert store.awaited_papers(dossier) == []
        promise = store.promise(dossier)
        assert promise is not None
        assert promise.name == dossier.procedure.name
        assert store.calendar(dossier.agency) == calendar_of(dossier.agency)
