"""Codes that dossiers bring along: from the national portal, from a partner's system, from an agency's former one.

A code whose identifier is none of our agencies' is taken as it is. The same holds for one of an agency that is in the
catalogue only, and for one with other owner digits than the agency's: those are given by another system.

What is left lies in a series that we number ourselves. Only its owner may bring such a code along: an actor who
oversees that agency, as a member of its staff or as a partner that works for it, such as one that hands in the files
of the agency's former system. The national portal oversees no agency: what a citizen files there has a code of the
portal's own. A code says on which day its dossier was received, so none may be of a day that has not come.

Numbering passes over what was brought along (`sequences`).
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
        """Why `actor` may not bring it along; None if it may."""
        is_owner = actor is not None and any(actor.oversees(holder.agency) for holder in self._holders)
        if not is_owner and any(holder.is_numbered_here for holder in self._holders):
            return Refused(_("Mã này nằm trong dãy mã do hệ thống cấp cho một cơ quan khác."), "reserved")
        day = self._parts.day if self._parts else None
        if is_owner and day and day > timezone.now().astimezone(VIETNAM).date():
            return Refused(_("Mã này ghi một ngày chưa đến."), "future")
        return None

    def hold_series(self) -> None:
        """Keeps its series from being numbered until the transaction ends, by which the code is stored or given up."""
        written = self._parts
        if written and written.day and any(written.identifier in holder.identifiers for holder in self._holders):
            self._store.hold((written.identifier, written.day))
