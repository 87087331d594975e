"""Somebody at a partner acts on dossiers as staff do: within scopes and agencies, and named in history."""

from __future__ import annotations

import pytest

from onestop.dossiers import lifecycle
from onestop.dossiers.lifecycle.engine import MoveRefused
from onestop.dossiers.models import Dossier, Move, State
from onestop.partners.scopes import ApiScope
from tests import people

pytestmark = pytest.mark.django_db


def test_a_move_is_recorded_as_the_partner_s_by_the_name_its_system_gave() -> None:
    yen = people.a_colleague()
    dossier = people.a_new_dossier()
    transition = lifecycle.receive(dossier, yen)
    assert (transition.actor, transition.partner) == (None, yen.partner)
    assert (transition.actor_name, transition.actor_position) == ("Hoàng Yến", "Chuyên viên")
    lifecycle.start(dossier, yen)
    assert dossier.officer is None
    lifecycle.approve(dossier, yen.named("", ""))
    assert (dossier.approver_name, dossier.approver_position) == (yen.partner.name, "")


@pytest.mark.parametrize(
    ("scope", "may"),
    [
        (ApiScope.DOSSIERS_READ, set()),
        (ApiScope.DOSSIERS_CREATE, {Move.AMEND, Move.WITHDRAW}),
        (ApiScope.DOSSIERS_MOVE, {Move.AMEND, Move.WITHDRAW, Move.START, Move.APPROVE}),
        (ApiScope.DOSSIERS_MANAGE, {Move.AMEND, Move.WITHDRAW, Move.START, Move.APPROVE}),
    ],
)
def test_what_a_scope_lets_do_with_an_accepted_dossier(scope: ApiScope, may: set[Move]) -> None:
    moves = set(lifecycle.possible_moves(people.a_dossier(), people.a_colleague(scope)))
    assert moves & {Move.AMEND, Move.WITHDRAW, Move.START, Move.APPROVE} == may


def test_only_who_manages_reopens() -> None:
    dossier = people.a_dossier_in(State.RETURNED)
    with pytest.raises(MoveRefused, match="hệ thống đối tác"):
        lifecycle.reopen(dossier, people.a_colleague(ApiScope.DOSSIERS_MOVE), comment="Trả nhầm")
    lifecycle.reopen(dossier, people.a_colleague(ApiScope.DOSSIERS_MANAGE), comment="Trả nhầm")
    assert dossier.state == State.IN_PROGRESS


def test_a_partner_of_the_ward_sees_the_ward_with_what_is_below_it_and_nothing_else() -> None:
    yen = people.a_colleague()
    seen = [people.a_dossier(), people.a_dossier(agency=people.ward_desk())]
    other = people.a_dossier(agency=people.department(), by=people.root())
    assert set(Dossier.objects.visible_to(yen)) == set(seen)
    assert lifecycle.possible_moves(other, yen) == []
    with pytest.raises(MoveRefused, match="không thuộc cơ quan"):
        lifecycle.start(other, yen)
    assert Dossier.objects.get(pk=other.pk).state == State.ACCEPTED


def test_a_partner_without_an_agency_sees_nothing() -> None:
    people.a_dossier()
    yen = people.a_colleague()
    yen.partner.agencies.clear()
    assert not Dossier.objects.visible_to(yen).exists()
    assert not yen.oversees(people.ward())
