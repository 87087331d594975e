"""Officers at work: dossiers come in and are moved at random, by several people at once, on the same dossiers."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, connection, transaction

from onestop.common.errors import InputRefused
from onestop.dossiers import lifecycle
from onestop.dossiers.lifecycle.engine import MoveRefused
from onestop.dossiers.models import Dossier, Move
from tests import people

log = logging.getLogger(__name__)

# Of each hand, however slow this machine is just now.
FEWEST_ACTS = 5


class ThoughtBetter(Exception):
    """Somebody takes back what was not committed yet."""


def write(seed: int, seconds: float, hands: int, late: float, most: int) -> None:
    """Works for `seconds` with as many `hands`, none less than a little.

    `late`: so long some wait to commit. `most`: so many dossiers and hardly more.
    """
    end = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_work, args=(random.Random(f"{seed} {hand}"), end, late, most))  # noqa: S311 foreseeable
        for hand in range(hands)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _work(dice: random.Random, end: float, late: float, most: int) -> None:
    acts = 0
    while time.monotonic() < end or acts < FEWEST_ACTS:
        lingers = late > 0 and dice.random() < 0.4
        try:
            with transaction.atomic() if lingers else nullcontext():
                dossier = act(dice, most)
                acts += 1
                if lingers:
                    time.sleep(dice.uniform(0.1, late))
                    if dice.random() < 0.2:
                        raise ThoughtBetter
            if lingers:
                # What comes late is soon followed by more.
                move(dossier, dice)
        except (MoveRefused, InputRefused, ThoughtBetter):
            pass
        except (DatabaseError, InterfaceError) as error:
            log.warning("the database is away: %s", error)
            connection.close()
            time.sleep(0.1)
        time.sleep(dice.uniform(0.01, 0.08))
    connection.close()


def act(dice: random.Random, most: int) -> Dossier:
    """One act at one desk, and the dossier that it was about."""
    known = list(Dossier.objects.order_by("pk").values_list("pk", flat=True))
    if len(known) < min(3, most) or (len(known) < most and dice.random() < 0.25):
        return _take_in(dice)
    dossier = Dossier.objects.get(pk=dice.choice(known))
    move(dossier, dice)
    return dossier


def _take_in(dice: random.Random) -> Dossier:
    """At one of three counters, or from the portal with a code of its own."""
    traits = {
        "agency": dice.choice([people.ward, people.ward_desk, people.department])(),
        "applicant_name": f"Đặng Văn {dice.choice(['Ước', 'Mai', 'Sáu'])} {dice.randrange(10**6)}",
    }
    if dice.random() < 0.2:
        code = f"G22.99-260125-{dice.randrange(10**8):08}"
        dossier = people.a_new_dossier(from_portal=True, code=code, **traits)
        lifecycle.register(dossier, None, comment=_remark(dice))
        return dossier
    files = [people.a_file(content=people.PDF + dice.randbytes(2_000))] if dice.random() < 0.5 else []
    dossier = people.a_new_dossier(is_test=dice.random() < 0.1, **traits)
    lifecycle.receive(dossier, None, files=files)
    return dossier


def move(dossier: Dossier, dice: random.Random) -> None:
    """Any move that is possible now."""
    possible = [each for each, rule in lifecycle.MOVES.items() if dossier.state in rule.sources]
    MAKE[dice.choice(possible)](dossier, _remark(dice))


def _remark(dice: random.Random) -> str:
    """Never the same twice, so that each trace can be told from every other."""
    return f"Ghi chú {dice.randrange(10**12)}"


def _hand_over(dossier: Dossier, remark: str) -> None:
    elsewhere = people.ward_desk() if dossier.unit == people.ward() else people.ward()
    lifecycle.hand_over(dossier, None, unit=elsewhere, comment=remark)


def _extend(dossier: Dossier, remark: str) -> None:
    if dossier.due_at is not None:
        lifecycle.extend(dossier, None, due_at=dossier.due_at + timedelta(days=30), comment=remark)


MAKE: dict[Move, Callable[[Dossier, str], object]] = {
    Move.ACCEPT: lambda dossier, remark: lifecycle.accept(dossier, None, comment=remark),
    Move.REFUSE: lambda dossier, remark: lifecycle.refuse(dossier, None, comment=remark),
    Move.ASK_SUPPLEMENT: lambda dossier, remark: lifecycle.ask_supplement(dossier, None, comment=remark),
    Move.RECEIVE_SUPPLEMENT: lambda dossier, remark: lifecycle.receive_supplement(
        dossier, None, comment=remark, files=[people.a_file("bổ sung.pdf")]
    ),
    Move.ASK_PAYMENT: lambda dossier, remark: lifecycle.ask_payment(
        dossier, None, comment=remark, fees=[people.a_fee()]
    ),
    Move.RECEIVE_PAYMENT: lambda dossier, remark: lifecycle.receive_payment(dossier, None, comment=remark),
    Move.START: lambda dossier, remark: lifecycle.start(dossier, None, comment=remark),
    Move.APPROVE: lambda dossier, remark: lifecycle.approve(dossier, None, comment=remark),
    Move.DENY: lambda dossier, remark: lifecycle.deny(dossier, None, comment=remark),
    Move.RETURN_RESULT: lambda dossier, remark: lifecycle.return_result(dossier, None, comment=remark),
    Move.HAND_OVER: _hand_over,
    Move.EXTEND: _extend,
    Move.WITHDRAW: lambda dossier, remark: lifecycle.withdraw(dossier, None, comment=remark),
    Move.STOP: lambda dossier, remark: lifecycle.stop(dossier, None, comment=remark),
    Move.REOPEN: lambda dossier, remark: lifecycle.reopen(dossier, people.ha(), comment=remark),
}
