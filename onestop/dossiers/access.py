"""Who may see which dossier."""

from __future__ import annotations

from onestop.partners.models import Actor, PartnerActor

from .models import Dossier


def sees(actor: Actor, dossier: Dossier) -> bool:
    """Whether the dossier was received, or is worked on now, by an agency whose work `actor` oversees.

    The same rule as `DossierQuerySet.visible_to`, for one dossier that is in memory.
    """
    overseen = actor.oversees(dossier.agency) or actor.oversees(dossier.unit)
    if isinstance(actor, PartnerActor):
        return overseen and actor.works_with(is_test=dossier.is_test, partner=dossier.partner_id)
    return overseen
