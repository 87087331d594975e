"""What a move will do is said before it is made, where it is chosen and where it is confirmed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from onestop.catalog.models import Agency
from onestop.dossiers.desk.move_forms import MOVE_FORMS
from onestop.dossiers.desk.preview import preview_of
from onestop.dossiers.lifecycle import possible_moves
from onestop.dossiers.models import Move, State
from tests import people

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", State)
def test_a_dossier_s_page_says_of_every_possible_move_what_it_will_do(state: State, client: Client) -> None:
    dossier = people.a_dossier_in(state)
    client.force_login(people.ha())
    # That one is offered where the due date is reckoned.
    moves = [move for move in possible_moves(dossier, people.ha()) if move != Move.POSTPONE]
    answer = client.get(reverse("dossiers:detail", args=[dossier.uuid]))
    menu = answer.context["menu"]
    offered = [*([menu.first] if menu.first else []), *menu.others, *menu.ending]
    assert sorted(each.move for each in offered) == sorted(moves)
    for move in moves:
        assert str(MOVE_FORMS[move][1]) in answer.content.decode()
        confirming = client.get(reverse("dossiers:move", args=[dossier.uuid, move])).content.decode()
        assert str(MOVE_FORMS[move][1]) in confirming


def test_what_can_be_printed_is_what_the_office_s_own_circular_has() -> None:
    dossier = people.a_dossier()
    dossier.agency.form_set = Agency.FormSet.TT03_2025
    assert preview_of(dossier, Move.EXTEND).forms == ["văn bản xin lỗi"]
    assert preview_of(dossier, Move.STOP).forms == ["thông báo dừng giải quyết"]
    dossier.agency.form_set = Agency.FormSet.TT01_2018
    assert preview_of(dossier, Move.EXTEND).forms == ["văn bản xin lỗi"]
    assert preview_of(dossier, Move.STOP).forms == []
    assert preview_of(dossier, Move.START).forms == []
