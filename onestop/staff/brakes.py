"""Limits tries in all processes together, with `Brake` rows: each row is the state of one rate.

A try is counted before it is made, so that tries at the same instant are all counted; a successful one is taken back.
A throttled try writes nothing.
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
    """Counts one try and returns 0, or returns the seconds to wait and counts nothing."""
    key = key_of(scope, *who)
    while True:
        now = time.time()
        until = Brake.objects.filter(key=key).values_list("until", flat=True).first()
        if wait := rate.wait(until or now, now):
            return wait
        # Where neither succeeds, another process counted a try at the same instant. The loop reads the row again.
        if until is None:
            if _created(key, now + rate.each):
                return 0
        elif Brake.objects.filter(key=key, until__lte=now + rate.reserve).update(
            until=Greatest(F("until"), Value(now)) + rate.each
        ):
            return 0


def waits(rate: Rate, scope: str, *who: object) -> int:
    """The seconds that `press` would return, without counting."""
    now = time.time()
    until = Brake.objects.filter(key=key_of(scope, *who)).values_list("until", flat=True).first()
    return rate.wait(until or now, now)


def give_back(rate: Rate, scope: str, *who: object) -> None:
    """Takes one counted try back."""
    Brake.objects.filter(key=key_of(scope, *who)).update(until=F("until") - rate.each)


def release(scope: str, *who: object) -> None:
    """Forgets all counted tries."""
    Brake.objects.filter(key=key_of(scope, *who)).delete()


def _created(key: str, until: float) -> bool:
    """Creates the row of `key`; False where another process created it first. Also removes outdated rows."""
    Brake.objects.filter(until__lt=time.time()).delete()
    try:
        with transaction.atomic():
            Brake.objects.create(key=key, until=until)
    except IntegrityError:
        return False
    return True
