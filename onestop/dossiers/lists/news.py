"""The news of the user: the page that lists it, its number in the head of every page, and marking it as read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final, NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from onestop.common.pagination import requested_page
from onestop.common.web.methods import post_only
from onestop.dossiers.access import sees
from onestop.dossiers.models import Dossier, NewsItem, Transition, TransitionQuerySet
from onestop.staff.access import may, permission
from onestop.staff.models import Role, User
from onestop.staff.requests import StaffRequest

# The head of a page shows an exact number up to here.
COUNTED: Final = 99
COMMENT_SHOWN: Final = 300


@permission("get_news")
def may_get_news(user: User) -> bool:
    """Whether work on dossiers is the user's own, so that every page shows the number; not a superuser's."""
    return user.role in (Role.RECEPTION, Role.OFFICER, Role.MANAGER) and not user.is_superuser


class NewsGroup(NamedTuple):
    """Items of one act with several dossiers, such as a hand-over of many at once. `items` begins with the latest.

    An item of a dossier that the user does not see any more leads to no page and shows no text. `comment`: the
    beginning of what was written with the act.
    """

    first: NewsItem
    items: list[tuple[NewsItem, bool]]
    is_unread: bool
    comment: str


@require_GET
@never_cache
def news(request: StaffRequest) -> HttpResponse:
    if not may(request.user, "get_news"):
        raise PermissionDenied(_("Vai trò của bạn không xử lý hồ sơ nên không có tin mới."))
    only_unread = "unread" in request.GET
    items = NewsItem.objects.of(request.user)
    items = items.unread() if only_unread else items
    related = ("dossier__procedure", "dossier__agency", "dossier__unit", "transition", "note")
    page = requested_page(request, items.select_related(*related).order_by("-pk"))
    context = {
        "groups": list(grouped(page.rows, request.user)),
        "latest": page.rows[0].pk if page.rows else 0,
        "any_unread": any(item.read_at is None for item in page.rows),
        "only_unread": only_unread,
        "previous": page.previous,
        "next": page.next,
    }
    return render(request, "dossiers/news.html", context)


def grouped(items: Iterable[NewsItem], user: User) -> Iterator[NewsGroup]:
    """Puts neighbours together that report the same act of the same person, with different dossiers, on one day."""

    def act(item: NewsItem) -> tuple[object, ...]:
        return item.kind, item.move, item.actor_name, timezone.localdate(item.at), _comment(item), item.read_at is None

    for _act, neighbours in groupby(items, act):
        group = [(item, sees(user, item.dossier)) for item in neighbours]
        first, is_seen = group[0]
        comment = Truncator(_comment(first)).chars(COMMENT_SHOWN) if is_seen else ""
        yield NewsGroup(first, group, first.read_at is None, comment)


def _comment(item: NewsItem) -> str:
    return item.transition.comment if item.transition else item.note.text if item.note else ""


@post_only
def mark_read(request: StaffRequest) -> HttpResponse:
    """Marks the items that the form names as read, or all up to the latest that its page showed."""
    items = NewsItem.objects.of(request.user)
    keys = [int(key) for key in request.POST.getlist("item") if _is_key(key)]
    until = request.POST.get("until", "")
    if keys:
        items.filter(pk__in=keys).mark_read(timezone.now())
    elif _is_key(until):
        # What came since is not on the page and stays unread.
        items.filter(pk__lte=int(until)).mark_read(timezone.now())
    return redirect("dossiers:news")


def with_unread(moves: TransitionQuerySet, user: User, uuid: UUID) -> TransitionQuerySet:
    """Adds to the moves of the dossier `uuid` the numbers of unread items, so that its pages need no further query."""
    unread = NewsItem.objects.of(user).unread().order_by()
    # COUNT(*), which the index of unread items answers alone.
    number = unread.values("user").annotate(number=Count("*")).values("number")
    return moves.annotate(unread_all=Subquery(number), unread_here=Subquery(number.filter(dossier__uuid=uuid)))


def remember_unread(request: StaffRequest, move: Transition) -> None:
    """Keeps the number for the head of the page. `move`: one of `with_unread`."""
    request.unread_news = vars(move)["unread_all"] or 0


def open_dossier(request: StaffRequest, dossier: Dossier) -> None:
    """Marks all news about `dossier` as read by the user, who opens its page. Its moves are those of `with_unread`."""
    if here := vars(dossier.transitions.all()[0])["unread_here"]:
        NewsItem.objects.of(request.user).filter(dossier=dossier).mark_read(timezone.now())
        request.unread_news -= here


def unread_number(request: StaffRequest) -> int:
    """The number of unread items, which the page may have read already; `COUNTED` + 1 where there are more."""
    known: int | None = getattr(request, "unread_news", None)
    if known is not None:
        return min(known, COUNTED + 1)
    return NewsItem.objects.of(request.user).unread().order_by()[: COUNTED + 1].count()


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
