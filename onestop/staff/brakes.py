"""How often somebody may try a door that other processes guard too: `Brake` rows, each a rate and one moment.

A try is counted before it is made, so that tries at the same instant are all counted; one that was right is given
back. Whoever is held up writes nothing.
"""

from __future__ import annotations

import time

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from onestop.common.web.rates import Rate
from onestop.common.web.throttling import key_of

from .models import Brake


def press(rate: Rate, scope: str, *who: object) -> int:
    """Counts one try. Seconds to wait, where it is not to be made and was not counted; 0 where it may."""
    key = key_of(scope, *who)
    while True:
        now = time.time()
        until = Brake.objects.filter(key=key).values_list("until", flat=True).first()
        if wait := rate.wait(until or now, now):
            return wait
        # Where neither succeeds, somebody else tried at the same instant: looked at anew.
        if until is None:
            if _begun(key, now + rate.each):
                return 0
        elif Brake.objects.filter(key=key, until__lte=now + rate.reserve).update(
            until=Greatest(F("until"), Value(now)) + rate.each
        ):
            return 0


def waits(rate: Rate, scope: str, *who: object) -> int:
    """What `press` would say, without counting."""
    now = time.time()
    until = Brake.objects.filter(key=key_of(scope, *who)).values_list("until", flat=True).first()
    return rate.wait(until or now, now)


def give_back(rate: Rate, scope: str, *who: object) -> None:
    """One try less."""
    Brake.objects.filter(key=key_of(scope, *who)).update(until=F("until") - rate.each)


def release(scope: str, *who: object) -> None:
    """As if nobody had tried."""
    Brake.objects.filter(key=key_of(scope, *who)).delete()


def _begun(key: str, until: float) -> bool:
    """Whether ours is the first row of `key`. On this occasion those that say nothing any more are removed."""
    Brake.objects.filter(until__lt=time.time()).delete()
    try:
        with transaction.atomic():
            Brake.objects.create(key=key, until=until)
    except IntegrityError:
        return False
    return True
