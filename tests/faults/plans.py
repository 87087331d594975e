"""From a seed to what is to go wrong. Pure: the same seed has the same plan everywhere."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from packets.sandbox.shapes import LIVES, SHAPES, Meaning

from .points import CUTS, EVERY, Cut, Point


class Event(StrEnum):
    """What is done to the system from outside."""

    KILL = "worker killed"
    STOP = "worker told to stop"
    FREEZE = "worker frozen beyond its lease"
    RESTART_FAST = "database restarted, fast"
    RESTART_IMMEDIATE = "database restarted, immediate"
    OUTAGE = "database away beyond the leases"
    END_SESSIONS = "database sessions ended"
    PORTAL_KILL = "portal killed and up again"
    PAUSE = "portal paused and resumed by an operator"
    RESEND = "stopped packets resent by an operator"


RESTARTS = (Event.RESTART_FAST, Event.RESTART_IMMEDIATE, Event.OUTAGE)
# These take longer than a lease.
SLOW = (Event.FREEZE, Event.OUTAGE)


@dataclass(frozen=True)
class Plan:
    """What is recorded, and what goes wrong meanwhile.

    `points`: each worker that is started next dies, or is cut off, at the next of these. `events`: when, in seconds,
    and what.
    """

    seed: int
    family: str
    on_sqlite: bool = False
    workers: int = 1
    hands: int = 2
    dossiers: int = 40
    late: float = 0
    busy_seconds: float = 1.2
    points: tuple[Point | Cut, ...] = ()
    events: tuple[tuple[float, Event], ...] = ()
    mischief: object = ()
    refuses: bool = False
    clock: tuple[float, ...] = ()
    # Ours, or the name of one in `naive`.
    sender: str = "ours"

    @property
    def restarts(self) -> bool:
        return any(event in RESTARTS for _when, event in self.events)


# Each kind of misbehaviour as a step, harmless in length: the client's patience is under a second here.
KINDS: Mapping[str, Mapping[str, object]] = {
    "delay": {"seconds": 0.4},
    "delay beyond the client's patience": {"do": "delay", "seconds": 1.2},
    "drip": {"seconds": 0.002},
    "drip without end": {"do": "drip", "seconds": 0.05, "length": 1000},
    "wrong-type": {},
    "lost": {},
    "reset": {},
    "reset in the head": {"do": "reset", "after": 20},
    "truncated": {},
    "reset-before": {},
    "refuse": {},
    "unauthorized": {},
    "busy": {"seconds": 0},
    "busy with a date": {"do": "busy", "seconds": 0, "date": True, "status": 503},
    "server-error": {"status": 503},
    "server-error, stored": {"do": "server-error", "stored": True},
    "garbage": {},
    "garbage, stored": {"do": "garbage", "stored": True},
    "error-in-200": {},
    "error-in-200, stored": {"do": "error-in-200", "stored": True},
    "refused-in-200": {},
    "redirect": {},
    "no-token": {},
    "no-token, 500": {"do": "no-token", "status": 500},
    "garbage for a token": {"do": "garbage", "at": "token"},
    "lost token": {"do": "lost", "at": "token"},
    "down": {"seconds": 0.8},
}
REFUSING = ("refuse", "refused-in-200")
# What the practice portal enters for a reply after which a packet stops. “Already there” stops a newer document.
STOPS = {
    *REFUSING,
    *(f"shape {name}" for name, shape in SHAPES.items() if shape.meaning in (Meaning.NO, Meaning.EXISTS)),
}
SINGLE = ("down",)


def step(kind: str, times: int) -> dict[str, object]:
    known = dict(KINDS[kind])
    return {"do": kind} | known | ({} if kind in SINGLE else {"times": times})


def slow(seconds: float) -> object:
    """All through the schedule."""
    return [{"do": "delay", "seconds": seconds, "times": 1000}]


def by_chance(dice: random.Random, kinds: list[str]) -> dict[str, object]:
    """Each with a chance of its own, together at most a half, so that something gets through."""
    chances: dict[str, object] = {}
    for kind in kinds:
        known = dict(KINDS[kind])
        fields = {"chance": round(dice.uniform(0.02, 0.5 / len(kinds)), 3), **known}
        chances[str(fields.pop("do", kind))] = fields
    return {"seed": dice.randrange(10**9), "chances": chances}


# ---- families of faults; each adds its own to a plain plan


def killed_at_a_point(plan: Plan, dice: random.Random, number: int) -> Plan:
    """Three points one after the other; all that there are come by in turn."""
    chosen = tuple(EVERY[(3 * number + each) % len(EVERY)] for each in range(3))
    plan = replace(plan, points=chosen, workers=dice.choice([1, 1, 2]))
    # Leases are renewed only where the portal takes long.
    renews = any(point.place == "renew" for point in chosen)
    return replace(plan, mischief=slow(0.85), busy_seconds=2.0) if renews else plan


def killed_at_random(plan: Plan, dice: random.Random, number: int) -> Plan:
    events = [dice.choice([Event.KILL, Event.KILL, Event.STOP]) for _each in range(dice.randint(3, 6))]
    mischief = dice.choice([(), slow(0.1)])
    return replace(plan, workers=dice.choice([2, 3]), events=_at_random(dice, events), mischief=mischief)


def database_restarted(plan: Plan, dice: random.Random, number: int) -> Plan:
    modes = [Event.RESTART_FAST, Event.RESTART_IMMEDIATE]
    events = [dice.choice(modes) for _each in range(dice.randint(2, 4))]
    return replace(plan, workers=dice.choice([1, 2, 3]), events=_at_random(dice, events))


def database_away(plan: Plan, dice: random.Random, number: int) -> Plan:
    """So long that what a worker learned meanwhile is too late; the portal is slow, so that much is on its way."""
    events = _at_random(dice, [Event.OUTAGE])
    return replace(plan, workers=dice.choice([1, 2]), busy_seconds=2.0, mischief=slow(0.2), events=events)


def sessions_ended(plan: Plan, dice: random.Random, number: int) -> Plan:
    events = [Event.END_SESSIONS] * dice.randint(3, 6)
    return replace(plan, workers=dice.choice([1, 2, 3]), events=_at_random(dice, events))


def cut_off(plan: Plan, dice: random.Random, number: int) -> Plan:
    """Again and again a worker's connection breaks at a statement, or the answer to a commit is lost."""
    points = tuple(CUTS[(2 * number + each) % len(CUTS)] for each in range(2))
    return replace(plan, workers=2, points=points, busy_seconds=2.0, mischief=dice.choice([(), slow(0.85)]))


def one_misbehaviour(plan: Plan, dice: random.Random, number: int) -> Plan:
    kind = list(KINDS)[number % len(KINDS)]
    steps: list[object] = [
        each
        for _time in range(4)
        for each in ({"do": "well", "times": dice.randint(1, 4)}, step(kind, dice.randint(1, 3)))
    ]
    return replace(plan, mischief=steps, refuses=kind in REFUSING, events=_at_random(dice, [Event.RESEND]))


def replying_oddly(plan: Plan, dice: random.Random, number: int) -> Plan:
    """Every shape of a reply in turn, seven each time, some of them though the packet was taken.

    Answers are lost besides, so that repeats meet “already there”.
    """
    names = list(SHAPES)
    steps: list[object] = [{"do": "shape", "at": "token", "shape": list(LIVES)[number % len(LIVES)], "times": 2}]
    for each in range(7):
        name = names[(7 * number + each) % len(names)]
        says = SHAPES[name].meaning
        steps += [{"do": "lost"}] if says is Meaning.EXISTS or dice.random() < 0.3 else []
        # Others may come between a packet and its repeat; to them it is answered as usual.
        steps.append({"do": "shape", "shape": name, "times": 5 if says is Meaning.EXISTS else 1})
        if says is Meaning.NOTHING and dice.random() < 0.5:
            steps.append({"do": "shape", "shape": name, "stored": True})
    return replace(plan, workers=dice.choice([1, 2]), hands=3, busy_seconds=2.0, mischief=steps, refuses=True)


def misbehaving_by_chance(plan: Plan, dice: random.Random, number: int) -> Plan:
    # A plan by chance takes each `do` once.
    kinds = [kind for kind in dice.sample(list(KINDS), 9) if "do" not in KINDS[kind]]
    return replace(
        plan,
        workers=dice.choice([1, 2, 3]),
        mischief=by_chance(dice, kinds),
        refuses=any(kind in REFUSING for kind in kinds),
    )


def portal_down(plan: Plan, dice: random.Random, number: int) -> Plan:
    return replace(plan, workers=dice.choice([1, 2]), events=_at_random(dice, [Event.PORTAL_KILL] * 2))


def twins(plan: Plan, dice: random.Random, number: int) -> Plan:
    """Identical workers on the same packets, and officers whose transactions commit late."""
    return replace(plan, workers=3, hands=4, late=0.9, busy_seconds=2.0)


def long_transactions(plan: Plan, dice: random.Random, number: int) -> Plan:
    """Some are open for longer than two sweeps of all history."""
    return replace(plan, workers=dice.choice([1, 2]), hands=4, late=3.0, busy_seconds=3.5)


def clocks_stepped(plan: Plan, dice: random.Random, number: int) -> Plan:
    hours = tuple(dice.choice([-1, 1]) * dice.choice([0.5, 3, 12, 72, 200]) for _each in range(dice.randint(1, 5)))
    kinds = dice.sample(["lost", "server-error", "unauthorized", "reset-before"], 2)
    return replace(plan, workers=2, clock=hours, mischief=by_chance(dice, kinds))


def tokens_expire(plan: Plan, dice: random.Random, number: int) -> Plan:
    chances = {"unauthorized": 0.4, "no-token": 0.15}
    return replace(
        plan,
        workers=dice.choice([1, 2, 3]),
        mischief={"seed": dice.randrange(10**9), "chances": chances},
        events=_at_random(dice, [Event.PORTAL_KILL]),
    )


def an_operator_intervenes(plan: Plan, dice: random.Random, number: int) -> Plan:
    events = [Event.PAUSE, Event.RESEND, Event.RESEND, Event.PAUSE, Event.RESEND]
    mischief = {"seed": dice.randrange(10**9), "chances": {"refuse": 0.15, "refused-in-200": 0.1, "lost": 0.1}}
    return replace(plan, workers=2, refuses=True, late=0.9, mischief=mischief, events=_at_random(dice, events))


def everything(plan: Plan, dice: random.Random, number: int) -> Plan:
    plan = misbehaving_by_chance(plan, dice, number)
    usual: list[Event] = [event for event in Event if event not in SLOW]
    events = dice.sample(usual * 2, 5)
    return replace(
        plan,
        workers=dice.choice([2, 3]),
        late=0.9,
        busy_seconds=2.0,
        points=tuple(dice.sample(EVERY, 2)),
        events=_at_random(dice, events, until=1.8),
    )


def frozen(plan: Plan, dice: random.Random, number: int) -> Plan:
    return replace(plan, workers=2, events=_at_random(dice, [Event.FREEZE] * 2), busy_seconds=2.5, mischief=slow(0.1))


def asleep(plan: Plan, dice: random.Random, number: int) -> Plan:
    """A worker wakes up with packets claimed that others have taken over, and that were replaced since."""
    points = tuple(Point("after", "claim", nth=dice.randint(1, 12), sleeps=2.6) for _each in range(2))
    mischief = {"seed": dice.randrange(10**9), "chances": {"server-error": 0.5}}
    return replace(plan, workers=3, hands=3, dossiers=4, points=points, busy_seconds=4.5, mischief=mischief)


def on_sqlite(plan: Plan, dice: random.Random, number: int) -> Plan:
    """One worker and one officer beside it."""
    family = [killed_at_a_point, one_misbehaviour, misbehaving_by_chance, portal_down, tokens_expire][number % 5]
    mixed = family(plan, dice, number // 5 + dice.randrange(100))
    return replace(mixed, family=f"on SQLite: {family.__name__}", on_sqlite=True, workers=1, hands=1)


Family = Callable[[Plan, random.Random, int], Plan]
# The commonest come more than once.
FAMILIES: tuple[Family, ...] = (
    killed_at_a_point,
    one_misbehaviour,
    killed_at_random,
    database_restarted,
    killed_at_a_point,
    misbehaving_by_chance,
    twins,
    clocks_stepped,
    sessions_ended,
    long_transactions,
    replying_oddly,
    tokens_expire,
    an_operator_intervenes,
    portal_down,
    frozen,
    on_sqlite,
    everything,
    cut_off,
    database_away,
    asleep,
)


def plan_of(seed: int) -> Plan:
    family = FAMILIES[seed % len(FAMILIES)]
    # How many schedules of this family have smaller seeds: so that what comes in turn leaves nothing out.
    before = FAMILIES[: seed % len(FAMILIES)].count(family)
    number = seed // len(FAMILIES) * FAMILIES.count(family) + before
    dice = random.Random(seed)  # noqa: S311 must be foreseeable
    plan = family(Plan(seed, family="", late=dice.choice([0, 0, 0.9])), dice, number)
    return plan if plan.family else replace(plan, family=family.__name__)


def _at_random(dice: random.Random, events: list[Event], until: float = 1.2) -> tuple[tuple[float, Event], ...]:
    return tuple(sorted((round(dice.uniform(0.1, until), 2), event) for event in events))
