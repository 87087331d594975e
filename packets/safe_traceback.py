"""Describes errors of this software's own for the log: their place and class, never their values.

The text of an exception may contain the value that caused it, such as a citizen's number.
"""

from __future__ import annotations

import traceback


def described(error: BaseException) -> str:
    """The exception's class, and the lines of code that led to it."""
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}"
