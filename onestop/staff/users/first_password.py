"""The first password of an account, and a new one after it was forgotten.

It is drawn by lot, shown once to the administrator who hands it over, and stored only as a hash. Its owner must change
it before anything else.
"""

from __future__ import annotations

import secrets
from typing import Final

from onestop.staff.models import User
from onestop.staff.own.sessions import end_sessions

# Without letters and digits that are taken for one another when read aloud or copied by hand.
LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
# Three groups of four of 31 letters: 59 bits, behind the limits of tries of the sign-in page.
GROUPS, LENGTH = 3, 4


def set_first_password(account: User) -> str:
    """Gives `account`, which may be new, a password, and returns it. Saves the account, and ends its sessions."""
    password = "-".join("".join(secrets.choice(LETTERS) for _letter in range(LENGTH)) for _group in range(GROUPS))
    account.set_password(password)
    account.must_change_password = True
    account.save()
    end_sessions(account)
    return password
