"""The agencies whose dossier codes begin with an identifier, and whether those codes are given here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from onestop.catalog.models import Agency
from onestop.dossiers.codes.format import bare_levels, identifier
from onestop.dossiers.models import DailySequence
from onestop.partners.models import Partner
from onestop.staff.models import User


@dataclass(frozen=True)
class CodeHolder:
    """An agency whose codes begin with an identifier."""

    agency: Agency

    @cached_property
    def identifiers(self) -> frozenset[str]:
        """The identifiers with which its codes may begin, in either order."""
        return frozenset(identifier(self.agency.code, order) for order in Agency.CodeOrder.values)

    @cached_property
    def is_numbered_here(self) -> bool:
        """Whether staff or a partner works here for its ministry or province, or numbers were taken for its codes.

        An imported catalogue has agencies of the whole country. Most of them never receive a dossier here, and their
        codes come from their own systems.
        """
        level1 = self.agency.level1_id
        return (
            User.objects.filter(agency__level1=level1).exists()
            or Partner.objects.filter(agencies__level1=level1).exists()
            or DailySequence.objects.filter(identifier__in=self.identifiers).exists()
        )


def holders_of(written: str) -> list[CodeHolder]:
    """The agencies that an identifier at the beginning of a code may mean, in any order and padding.

    Several agencies may have the same spelling. One query, filtered by the levels.
    """
    levels = bare_levels(written)
    agencies = Agency.objects.order_by("pk")
    for level in levels:
        agencies = agencies.filter(code__contains=level)
    return [CodeHolder(agency) for agency in agencies if bare_levels(agency.code) == levels]
