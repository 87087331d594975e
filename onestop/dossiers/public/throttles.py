"""How often a citizen may ask without a receipt, by code and the end of a phone. Counted by all processes together.

Nobody is shut out of a code by what others try: after so many wrong tries, from wherever they came, four digits are
not enough for it, and whoever left the phone tells the whole number. That has ten million others beside it, not ten
thousand, so that it needs no count for each code.
"""

from __future__ import annotations

from django.http import HttpRequest

from onestop.common.web.throttling import rate_of
from onestop.common.web.visitors import address_of, network_of
from onestop.staff import brakes


def seconds_to_wait(request: HttpRequest) -> int:
    """By where the request comes from: codes follow one another, and nobody shall try them all. 0: go on."""
    return brakes.press(rate_of("look_up"), "look_up", network_of(address_of(request)))


def end_is_enough(code: str) -> bool:
    """Counts one try with the end of the phone. False where it has been guessed at too often; the same for codes that
    do not exist."""
    return not brakes.press(rate_of("look_up_code"), "look_up_code", code)


def was_right(code: str) -> None:
    """The try is given back: only wrong ones count."""
    brakes.give_back(rate_of("look_up_code"), "look_up_code", code)
