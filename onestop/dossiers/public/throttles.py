"""How often a citizen may look up dossiers without a receipt, by code and the end of a phone number.

All processes count together. Wrong tries of others lock nobody out: after so many wrong tries for a code, from any
address, four digits are no longer enough, but the whole phone number still is. There are ten million of those, not
ten thousand, so tries with a whole number need no count for each code.
"""

from __future__ import annotations

from django.http import HttpRequest

from onestop.common.web.throttling import rate_of
from onestop.common.web.visitors import address_of, network_of
from onestop.staff import brakes


def seconds_to_wait(request: HttpRequest) -> int:
    """How long the network of the request must wait, or 0. Codes are consecutive, so that they could all be tried."""
    return brakes.press(rate_of("look_up"), "look_up", network_of(address_of(request)))


def end_is_enough(code: str) -> bool:
    """Counts one try with the end of the phone. False after too many wrong tries for `code`.

    Codes that do not exist count alike, so that the answer does not show which exist.
    """
    return not brakes.press(rate_of("look_up_code"), "look_up_code", code)


def was_right(code: str) -> None:
    """Takes the try back: only wrong tries count."""
    brakes.give_back(rate_of("look_up_code"), "look_up_code", code)
