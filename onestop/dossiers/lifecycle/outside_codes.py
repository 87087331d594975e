"""Codes that dossiers bring along: from the national portal, a partner's system, or an agency's former system.

A code with an identifier of no agency of ours is accepted as it is. So is a code of an agency that is only in the
catalogue, and one with other owner digits than the agency's: another system gives those codes.

All other codes are in a series that we number ourselves. Only the owner of the series may bring such a code along: an
actor who oversees that agency, as a member of its staff or as a partner that works for it, such as one that hands in
the files of the agency's former system. The national portal oversees no agency: a dossier that a citizen files there
has a code of the portal. A code contains the day on which its dossier was received, which must not be in the future.

Numbering skips the codes that were brought along (`sequences`).
"""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onestop.common.errors import Refused
from onestop.common.time import VIETNAM
from onestop.dossiers.codes.format import parts
from onestop.dossiers.store import Store
from onestop.partners.models import Actor


class OutsideCode:
    """The code that a new dossier brings along, if any."""

    def __init__(self, code: str | None, store: Store) -> None:
        self._store = store
        self._parts = written = parts(code) if code else None
        holders = store.holders(written.identifier) if written else []
        self._holders = [one for one in holders if written and written.rest.startswith(one.agency.owner_digits)]

    def error(self, actor: Actor | None) -> Refused | None:
        """Why `actor` may not bring the code along; None if they may."""
        is_owner = actor is not None and any(actor.oversees(holder.agency) for holder in self._holders)
        if not is_owner and any(holder.is_numbered_here for holder in self._holders):
            return Refused(_("Mã này nằm trong dãy mã do hệ thống cấp cho một cơ quan khác."), "reserved")
        day = self._parts.day if self._parts else None
        if is_owner and day and day > timezone.now().astimezone(VIETNAM).date():
            return Refused(_("Mã này ghi một ngày chưa đến."), "future")
        return None

    def hold_series(self) -> None:
        """Keeps other processes from numbering the code's series until the transaction ends with the code stored."""
        written = self._parts
        if written and written.day and any(written.identifier in holder.identifiers for holder in self._holders):
            self._store.hold((written.identifier, written.day))
