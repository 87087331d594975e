"""Errors of this software's own, for the log: where they happened and of what kind, never with what values.

The text of an exception may hold whatever it stumbled over, a citizen's number say.
"""

from __future__ import annotations

import traceback


def described(error: BaseException) -> str:
    """The exception's class, and the lines of code that led to it."""
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}"
