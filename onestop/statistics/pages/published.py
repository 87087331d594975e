"""The pages of what was published: all publications of an agency, and one of them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from onestop.catalog.models import Agency, AgencyQuerySet
from onestop.common.pagination import requested_page
from onestop.dossiers.models import Dossier, Move
from onestop.staff.administration.history import history_of
from onestop.staff.models import User
from onestop.staff.requests import StaffRequest
from onestop.statistics.models import Publication
from onestop.statistics.publishing import closable_periods, may_close, unpublished_periods
from onestop.votes.results import VoteCount

from .forms import usual_agency


@require_GET
@never_cache
def published(request: StaffRequest) -> HttpResponse:
    agency = reporting_agency(request)
    page = requested_page(request, Publication.objects.filter(agency=agency))
    before = _those_before(page.rows)
    closes = agency is not None and may_close(request.user, agency)
    uuids = _uuids(request.user, page.rows)
    context = {
        "agency": agency,
        "closable": closable_periods(agency) if agency is not None and closes else [],
        "due": set(unpublished_periods(agency)) if agency is not None and closes else set(),
        "publications": [
            (publication, publication.differences(earlier) if earlier else [], _reasons(publication, uuids))
            for publication in page.rows
            for earlier in [before.get((publication.year, publication.month, publication.revision - 1))]
        ],
        "previous": page.previous,
        "next": page.next,
    }
    return render(request, "statistics/published.html", context)


@require_GET
@never_cache
def publication(request: StaffRequest, pk: int) -> HttpResponse:
    """One publication: all its figures beside those of the revision before, its ratings, and why it was made."""
    published = get_object_or_404(
        Publication.objects.select_related("agency"), pk=pk, agency__in=_reporting(request.user)
    )
    same = Publication.objects.filter(agency=published.agency, year=published.year, month=published.month)
    revisions = {each.revision: each for each in same.order_by("revision")}
    before = revisions.get(published.revision - 1)
    context = {
        "publication": published,
        "before": before,
        "figures": figure_rows(published, before),
        "tallies": [VoteCount(**tally) for tally in published.tallies],
        "ratings_differ": before is not None and before.tallies != published.tallies,
        "reasons": _reasons(published, _uuids(request.user, [published])),
        "revisions": list(revisions.values()),
        "is_last": published.revision == max(revisions),
        "closed_by": history_of(published).first(),
        "may_close": may_close(request.user, published.agency),
    }
    return render(request, "statistics/publication.html", context)


class FigureRow(NamedTuple):
    """A published figure, what it was in the revision before, and the difference; None without such a revision."""

    name: str
    number: int
    before: int | None
    difference: int | None


def figure_rows(drawn: Publication, before: Publication | None) -> list[FigureRow]:
    rows = []
    for name in (*Publication.FIGURES, "ballots"):
        number: int = getattr(drawn, name)
        was: int | None = getattr(before, name) if before else None
        rows.append(FigureRow(Publication.label(name), number, was, None if was is None else number - was))
    return rows


def _reporting(user: User) -> AgencyQuerySet:
    """The agencies whose publications `user` may read, also those that once were provinces of their own."""
    once = Publication.objects.filter(agency__in=user.agencies.values("pk"))
    return Agency.objects.filter(Q(pk__in=user.agencies.values("level1")) | Q(pk__in=once.values("agency")))


def reporting_agency(request: StaffRequest) -> Agency | None:
    """The level-1 agency above the user's own, or the one in the address, for a superuser who has several.

    The publications of an agency that was once a province of its own are found by address, too.
    """
    code = request.GET.get("agency", "")
    if code:
        return get_object_or_404(_reporting(request.user), code=code)
    usual = usual_agency(request.user)
    return (usual.level1 or usual) if usual else None


def _those_before(publications: list[Publication]) -> dict[tuple[int, int, int], Publication]:
    """Publications of the same agency and years, by period and revision."""
    if not any(publication.revision > 1 for publication in publications):
        return {}
    years = {publication.year for publication in publications}
    rows = Publication.objects.filter(agency=publications[0].agency_id, year__in=years)
    return {(earlier.year, earlier.month, earlier.revision): earlier for earlier in rows}


def _uuids(user: User, publications: list[Publication]) -> dict[str, UUID]:
    """The dossiers that are named as reasons, by their codes; only those that `user` may see."""
    codes = {reason["code"] for publication in publications for reason in publication.reasons}
    visible = Dossier.objects.visible_to(user).filter(code__in=codes) if codes else Dossier.objects.none()
    return {str(code): uuid for code, uuid in visible.values_list("code", "uuid")}


def _reasons(publication: Publication, uuids: dict[str, UUID]) -> list[tuple[str, str, datetime, UUID | None]]:
    """Each move that was recorded late, with the uuid of its dossier if the user may see it."""
    return [
        (
            reason["code"],
            str(Move(reason["move"]).label),
            datetime.fromisoformat(reason["at"]),
            uuids.get(reason["code"]),
        )
        for reason in publication.reasons
    ]
