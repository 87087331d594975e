"""The moves that the page of a dossier offers: one first, those that end the dossier apart."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from onestop.dossiers.desk.menu import ENDING, FORWARD, menu_of
from onestop.dossiers.lifecycle import possible_moves
from onestop.dossiers.models import Move, State
from onestop.staff.models import User
from tests import people

pytestmark = pytest.mark.django_db

ROLES = [people.lan, people.binh, people.ha, people.root, people.thanh]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("person", ROLES, ids=lambda person: person.__name__)
def test_every_possible_move_is_offered_once_and_in_its_place(person: type[User], state: State) -> None:
    dossier = people.a_dossier_in(state)
    moves = possible_moves(dossier, person())
    menu = menu_of(dossier, moves)
    working = [preview.move for preview in ([menu.first] if menu.first else []) + menu.others]
    ending = [preview.move for preview in menu.ending]
    assert sorted(working + ending) == sorted(moves)
    assert not set(working) & set(ENDING)
    assert set(ending) <= set(ENDING)
    if set(moves) & set(FORWARD):
        assert menu.first is not None
        assert menu.first.move in FORWARD


def test_the_page_shows_one_button_and_what_else_there_is_below_it(client: Client) -> None:
    dossier = people.a_dossier_in(State.IN_PROGRESS, officer=people.binh())
    client.force_login(people.binh())
    page = client.get(reverse("dossiers:detail", args=[dossier.uuid])).content.decode()
    above, menu = page.split('<summary class="button">')
    address = {
        move: reverse("dossiers:move", args=[dossier.uuid, move]) for move in possible_moves(dossier, people.binh())
    }
    assert address[Move.APPROVE] in above
    assert [move for move, at in address.items() if at in above] == [Move.APPROVE]
    assert all(at in menu for move, at in address.items() if move not in (Move.APPROVE, Move.POSTPONE))


def test_where_nothing_can_be_done_there_is_no_menu(client: Client) -> None:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    client.force_login(people.thanh())
    assert 'class="moves"' not in client.get(reverse("dossiers:detail", args=[dossier.uuid])).content.decode()
