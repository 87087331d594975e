"""The first page: the work of the user, by role. Every number links to the list of the dossiers that it counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from onestop.common.time import start_of
from onestop.dossiers.deadlines.remaining import share_calendars
from onestop.dossiers.models import PAUSED, Dossier, DossierQuerySet, Move, PrintedForm, State, Transition, overdue_at
from onestop.staff.models import Role, User
from onestop.staff.requests import StaffRequest

from .filters import STATES, DossierFilter, Due, Turn, end_of_next_days
from .urgency import by_urgency

# Numbers are exact up to here, and shown as “more” above: a more exact number would change no plan.
COUNTED: Final = 1_000
QUEUE_SHOWN: Final = 10
CHANGES_SHOWN: Final = 8
WORKLOADS_SHOWN: Final = 15
RECEIVED_SHOWN: Final = 5

MY_DOSSIERS: Final = _("Hồ sơ của tôi")

Query = Mapping[str, str]


@dataclass(frozen=True)
class QueueTile:
    """A list whose number the first page shows. `tone` highlights a list that is not empty."""

    label: Promise
    query: Query
    tone: str = ""


@dataclass(frozen=True)
class Tile:
    label: Promise
    address: str
    tone: str
    count: int

    @property
    def is_more(self) -> bool:
        return self.count > COUNTED

    @property
    def shown(self) -> int:
        return min(self.count, COUNTED)


@dataclass(frozen=True)
class Change:
    """A dossier and its last move."""

    dossier: Dossier
    move: str
    actor: str


@dataclass(frozen=True)
class Workload:
    """How many dossiers a unit or an officer works on: numbers with the addresses of their lists.

    `share`: what they work on, in percent of whoever works on most.
    """

    name: str
    numbers: list[tuple[int, str]]
    share: int


@require_GET
def home(request: StaffRequest) -> HttpResponse:
    user = request.user
    title, query = queue_of(user)
    lists = Lists(request)
    queue = list(lists.of(query).select_related("procedure", "agency", "unit")[:QUEUE_SHOWN])
    share_calendars(queue)
    received: list[Dossier] = []
    if user.has_role(Role.RECEPTION):
        received = list(received_today(user).order_by("-pk")[:RECEIVED_SHOWN])
    context = {
        "tiles": list(tiles(lists, user)),
        "queue_title": title,
        "queue_address": list_address(query),
        "queue": by_urgency(queue, timezone.now()) if title == MY_DOSSIERS else [("", queue)] if queue else [],
        "changes": changes(lists),
        "changes_address": list_address(since_yesterday()),
        "workloads": list(workloads(user)) if user.has_role(Role.MANAGER, Role.AUDITOR) else [],
        "workload_titles": WORKLOADS,
        "is_counter": user.has_role(Role.RECEPTION),
        "received": received,
        # Without today's intakes, none can lack its receipt.
        "unprinted": bool(received) and unprinted_today(user).exists(),
    }
    return render(request, "dossiers/home.html", context)


# ---- what a role looks at first


def queue_tiles(user: User) -> Iterator[QueueTile]:
    if user.has_role(Role.RECEPTION):
        yield QueueTile(_("tiếp nhận hôm nay"), {"received_from": f"{timezone.localdate():%d/%m/%Y}"})
    if user.has_role(Role.RECEPTION, Role.MANAGER, Role.AUDITOR):
        yield QueueTile(_("chờ tiếp nhận"), {"state": str(State.REGISTERED)}, "is-soon")
        yield QueueTile(_("chờ trả kết quả"), {"state": str(State.COMPLETED)})
    if user.role == Role.OFFICER:
        yield QueueTile(_("tôi đang xử lý"), {"turn": Turn.OFFICE, "officer": str(user.pk)})
        yield QueueTile(_("chưa ai phụ trách"), {"turn": Turn.OFFICE, "officer": "null"}, "is-soon")
    yield QueueTile(_("quá hạn"), {"due": Due.LATE}, "is-late")
    yield QueueTile(_("hẹn trả hôm nay"), {"due": Due.TODAY}, "is-soon")
    yield QueueTile(_("hẹn trả 3 ngày tới"), {"due": Due.SOON})
    yield QueueTile(_("tạm dừng, chờ người nộp"), {"turn": Turn.CITIZEN})


def queue_of(user: User) -> tuple[Promise, Query]:
    """The title and the query of the list that the user works on next."""
    if user.is_superuser or user.role in (Role.MANAGER, Role.AUDITOR, Role.OPERATOR, Role.ADMINISTRATOR):
        return _("Hồ sơ quá hạn và sắp đến hạn"), {"due": Due.PRESSING}
    if user.role == Role.OFFICER:
        return MY_DOSSIERS, {"turn": Turn.OFFICE, "officer": str(user.pk)}
    return _("Hồ sơ cần xử lý tại Bộ phận Một cửa"), {"turn": Turn.DESK}


def since_yesterday() -> Query:
    return {"changed_from": (timezone.localdate() - timedelta(days=1)).isoformat()}


# ---- the lists to which the numbers link


def list_address(query: Query) -> str:
    return f"{reverse('dossiers:list')}?{urlencode(query)}"


class Lists:
    """The list of dossiers as one user sees it."""

    def __init__(self, request: StaffRequest) -> None:
        self._request = request
        self._seen = Dossier.objects.visible_to(request.user)

    def of(self, query: Query) -> DossierQuerySet:
        params = QueryDict(mutable=True)
        params.update(query)
        dossiers: DossierQuerySet = DossierFilter(params, self._seen, request=self._request).qs
        return dossiers


class UpTo(Subquery):
    """The number of rows of a limited query: the database stops counting at the limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def tiles(lists: Lists, user: User) -> Iterator[Tile]:
    """Counts all tiles in one query."""
    queues = list(queue_tiles(user))
    counted = [UpTo(lists.of(tile.query).order_by().values("pk")[: COUNTED + 1]) for tile in queues]
    counts = User.objects.filter(pk=user.pk).values_list(*counted).get()
    for tile, count in zip(queues, counts, strict=True):
        yield Tile(tile.label, list_address(tile.query), tile.tone if count else "", count)


def changes(lists: Lists) -> list[Change]:
    last = Transition.objects.filter(dossier=OuterRef("pk")).order_by("-pk")
    changed = lists.of(since_yesterday()).annotate(
        last_move=Subquery(last.values("move")[:1]), last_actor=Subquery(last.values("actor_name")[:1])
    )
    return [
        Change(dossier, str(Move(dossier.last_move).label), dossier.last_actor)  # type: ignore[attr-defined] # annotated
        for dossier in changed[:CHANGES_SHOWN]
    ]


def received_today(user: User) -> DossierQuerySet:
    """What the user took in today: to print receipts, or to look something up."""
    taken_in = Q(
        transitions__actor=user, transitions__move=Move.ACCEPT, transitions__at__gte=start_of(timezone.localdate())
    )
    return Dossier.objects.visible_to(user).filter(taken_in)


def unprinted_today(user: User) -> DossierQuerySet:
    """What the user took in today and no receipt was printed for, in the order of the queue at the counter."""
    receipts = PrintedForm.objects.filter(dossier=OuterRef("pk"), kind=PrintedForm.RECEIPT)
    return received_today(user).filter(~Exists(receipts)).order_by("pk")


# The numbers of each unit or officer, with the queries of their lists; the first is what they can work on.
WORKLOADS: dict[Promise, Query] = {
    _("đang xử lý"): {"turn": Turn.OFFICE},
    _("quá hạn"): {"due": Due.LATE},
    _("3 ngày tới"): {"due": Due.SOON},
    _("tạm dừng"): {"turn": Turn.CITIZEN},
}


def workloads(user: User) -> Iterator[Workload]:
    """The workloads with the most late dossiers first: of units if the user oversees several, else of officers."""
    now = timezone.now()
    soon = end_of_next_days(now)
    running, by_unit = ~Q(state__in=PAUSED), user.agencies.count() > 1
    dossiers = Dossier.objects.order_by().running()
    seen = dossiers.filter(unit__in=user.agencies.values("pk")) if by_unit else dossiers.visible_to(user)
    key, name = ("unit", "unit__name") if by_unit else ("officer", "officer__full_name")
    counted = seen.values(key, name=F(name)).annotate(
        # Counts “state”, not the key: the index that begins with the unit contains it.
        working=Count("state", filter=Q(state__in=STATES[Turn.OFFICE])),
        late=Count("state", filter=overdue_at(now)),
        soon=Count("state", filter=running & Q(due_at__gte=now, due_at__lt=soon)),
        paused=Count("state", filter=~running),
    )
    rows = list(counted.order_by("-late", "-soon", "-working")[:WORKLOADS_SHOWN])
    most = max((row["working"] for row in rows), default=0) or 1
    for row in rows:
        whose = {key: str(row[key] or "null")}
        numbers = zip(("working", "late", "soon", "paused"), WORKLOADS.values(), strict=True)
        yield Workload(
            row["name"] or "",
            [(row[figure], list_address({**whose, **query})) for figure, query in numbers],
            100 * row["working"] // most,
        )
