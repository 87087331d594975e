"""The dossiers that are ticked in a list, or all of the filtered list: what is done with many begins with these."""

from __future__ import annotations

from uuid import UUID

from django.http import QueryDict

from onestop.dossiers.models import Dossier, DossierQuerySet
from onestop.staff.requests import StaffRequest

from .filters import DossierFilter
from .saved import narrowing


def query_sent(request: StaffRequest) -> str:
    """The filters of the list from which a form was sent, to return to it."""
    return narrowing(QueryDict(request.POST.get("query", "")[:2000]))


def chosen_dossiers(request: StaffRequest) -> DossierQuerySet:
    """Only those that the user sees; in the order of the list."""
    seen = Dossier.objects.visible_to(request.user)
    if "all" in request.POST:
        filters = DossierFilter(QueryDict(query_sent(request)), seen, request=request)
        dossiers: DossierQuerySet = filters.qs if filters.is_valid() else seen.none()
        return dossiers
    return seen.filter(uuid__in=filter(is_uuid, request.POST.getlist("dossier")))


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
