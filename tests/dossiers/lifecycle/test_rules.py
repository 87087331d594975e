"""The table of moves and the table of their functions name the same moves."""

from __future__ import annotations

import inspect
import typing

import pytest

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Move, Transition
from onestop.dossiers.store import DATABASE


def test_every_move_has_a_rule_and_a_function_and_no_other_has() -> None:
    assert set(lifecycle.MAKE) == set(lifecycle.MOVES) == set(Move)


@pytest.mark.parametrize("move", Move)
def test_the_function_of_a_move_bears_its_name_and_says_what_it_takes(move: Move) -> None:
    function = lifecycle.MAKE[move]
    assert getattr(lifecycle, move.value) is function
    parameters = inspect.signature(function).parameters
    dossier, actor, *rest = parameters.values()
    assert (dossier.name, actor.name) == ("dossier", "actor")
    assert {parameter.kind for parameter in rest} == {inspect.Parameter.KEYWORD_ONLY}
    assert parameters["store"].default is DATABASE
    assert typing.get_type_hints(function)["return"] is Transition
    assert lifecycle.MANAGED == (Move.REOPEN, Move.POSTPONE, Move.CORRECT_TIME)
