"""What there is to see: every page, who sees it, and in which states it can be found.

A page of a new screen is one line of `PAGES`; of the admin all models are here by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.db.models import Model
from django.http import QueryDict
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from onestop.batches.models import Batch
from onestop.batches.runner import begin, form_of, propose, work
from onestop.catalog.models import Agency, CalendarDay, Procedure
from onestop.dossiers import lifecycle
from onestop.dossiers.lifecycle import MOVES
from onestop.dossiers.models import Dossier, Move, Opinion, ReadyText, State
from onestop.staff.models import Role, User
from onestop.staff.permissions import RolePermissions
from onestop.statistics.models import HallScreen, Publication
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from onestop.votes.ballot_pages import kiosk
from onestop.votes.models import QuestionSet
from packets.models import Packet, PacketState, Portal
from packets.permissions import PacketPermissions
from tests import people
from tests.edges.test_admin_scope import SUPERUSERS_ONLY
from tests.test_admin import ROWS

from .things import PROCEDURE, STAFF, WARD, a_dossier_in, a_long_dossier, a_rich_dossier, ward

NOBODY = ("",)  # signed in
COUNTER = ("lan", "ha", "admin")
BY_ROLE = {Role.RECEPTION: "lan", Role.OFFICER: "minh", Role.MANAGER: "ha", Role.OPERATOR: "tuan"}

# How a page of errors comes about: by what its address asks for, or by a form sent with nothing in it.
BLANK = "blank"

Address = str | Callable[[User | AnonymousUser], str]


@dataclass(frozen=True)
class Page:
    """`empty`: what it tells in an office without dossiers is to be seen, too. `error`: BLANK, or a query."""

    name: str
    address: Address
    who: tuple[str, ...] = STAFF
    empty: bool = False
    error: str = ""
    status: int = 200

    def address_for(self, user: User | None) -> str:
        return self.address if isinstance(self.address, str) else self.address(user or AnonymousUser())

    @property
    def is_admin(self) -> bool:
        return self.name == "admin" or self.name.startswith("admin-")


@dataclass(frozen=True)
class Visit:
    """One page in one state, opened by one person."""

    page: Page
    who: str
    state: str

    @property
    def office(self) -> str:
        return "empty" if self.state == "empty" else "full"

    @property
    def name(self) -> str:
        return f"{self.page.name}-{self.state}-{self.who or 'nobody'}"


def visits() -> list[Visit]:
    return [Visit(page, who, state) for page in PAGES for who in page.who for state in _states(page)]


def _states(page: Page) -> list[str]:
    return ["full", *(["empty"] if page.empty else []), *(["error"] if page.error else [])]


# ---- addresses


def named(name: str, *arguments: object) -> Address:
    return lambda _user: reverse(name, args=arguments)


def of_rich(name: str) -> Address:
    return lambda _user: reverse(name, args=[a_rich_dossier().uuid])


def of_rich_and(name: str, what: Callable[[Dossier], list[object]]) -> Address:
    def address(_user: object) -> str:
        dossier = a_rich_dossier()
        return reverse(name, args=what(dossier))

    return address


def by_token(name: str, state: State) -> Address:
    return lambda _user: reverse(name, args=[Dossier.objects.filter(state=state, is_test=False).latest("pk").token])


def long_in(state: State) -> Address:
    return lambda _user: reverse("dossiers:detail", args=[a_long_dossier(state).uuid])


def moving(move: Move) -> Address:
    return lambda _user: reverse("dossiers:move", args=[a_dossier_in(MOVES[move].sources[0]).uuid, move])


def of_packet(name: str) -> Address:
    return lambda _user: reverse(name, args=[Packet.objects.filter(state=PacketState.STOPPED).latest("pk").pk])


def the_portal(_user: object) -> str:
    return reverse("packets:changes", args=[Portal.objects.earliest("pk").code])


def behind(figure: str) -> Address:
    return lambda _user: f"{reverse('statistics:dossiers')}?figure={figure}&agency={WARD}"


def opinion(_user: object) -> str:
    a_rich_dossier()
    return reverse("dossiers:answer-opinion", args=[Opinion.objects.latest("pk").pk])


def proposing(move: Move) -> Address:
    """To make `move` with the latest dossiers that somebody sees."""

    def address(user: User | AnonymousUser) -> str:
        return reverse("batches:batch", args=[_a_batch(user, move).uuid])

    return address


def done_with_many(user: User | AnonymousUser) -> str:
    """Half of them could not be moved."""
    batch = _a_batch(user, Move.START)
    begin(batch, form_of(batch, QueryDict()))
    work(batch, seconds=60)
    return reverse("batches:batch", args=[batch.uuid])


def own_last_move(name: str) -> Address:
    """Of a dossier that the user has just begun to work on."""

    def address(user: User | AnonymousUser) -> str:
        assert isinstance(user, User)
        dossier = a_dossier_in(State.ACCEPTED)
        step = lifecycle.start(dossier, user)
        return reverse(name, args=[dossier.uuid, *([step.pk] if name == "dossiers:undo" else [])])

    return address


def _a_batch(user: User | AnonymousUser, move: Move) -> Batch:
    assert isinstance(user, User)
    chosen = [a_dossier_in(state).pk for state in (State.ACCEPTED, State.RETURNED)]
    batch = propose(user, move, Dossier.objects.filter(pk__in=chosen))
    assert batch is not None
    return batch


def for_labels(_user: object) -> str:
    return f"{reverse('dossiers:labels')}?dossier={a_rich_dossier().uuid}"


def for_labels_without_code(_user: object) -> str:
    return f"{reverse('dossiers:labels')}?dossier={a_dossier_in(State.REGISTERED).uuid}"


def in_the_hall(_user: object) -> str:
    return reverse("statistics:hall-screen", args=[_screen().token])


def screen_on(_user: object) -> str:
    return reverse("statistics:hall-screen-of", args=[_screen().pk])


def screen_off(_user: object) -> str:
    return reverse("statistics:hall-screen-of", args=[Agency.objects.get(code="H21").pk])


def _screen() -> HallScreen:
    return HallScreen.objects.get_or_create(agency=ward())[0]


def on_the_tablet(_user: object) -> str:
    return reverse("votes:kiosk-start", args=[signing.dumps(ward().pk, salt=kiosk.SALT)])


def unknown_tablet(_user: object) -> str:
    return reverse("votes:kiosk-start", args=["nothing"])


def of_user(name: str) -> Address:
    return lambda _user: reverse(name, args=[User.objects.get(username="lan").pk])


def locked_user(_user: object) -> str:
    """Somebody who has left."""
    gone, _made = User.objects.get_or_create(
        username="da.nghi", defaults={"full_name": "Bùi Đã Nghỉ", "agency": ward(), "is_active": False}
    )
    return reverse("user-restore", args=[gone.pk])


def recorded_day(name: str) -> Address:
    def address(_user: object) -> str:
        day = date(2026, 12, 24)
        CalendarDay.objects.get_or_create(date=day, defaults={"kind": "off", "name": "Nghỉ bão"})
        return reverse(name, args=[CalendarDay.objects.get(date=day).pk])

    return address


def the_procedure(_user: object) -> str:
    return reverse("procedure", args=[Procedure.objects.get(code=PROCEDURE).pk])


def own_set(_user: object) -> str:
    """Of the ward, not answered yet."""
    questions, made = QuestionSet.objects.get_or_create(name="Khảo sát của phường", agency=ward())
    if made:
        questions.questions.create(ordinal=1, content="Nơi chờ có sạch sẽ không?")
    return reverse("votes:question-set", args=[questions.pk])


def own_text(_user: object) -> str:
    """Of the ward."""
    defaults = {"use": ReadyText.Use.STOP, "text": "Người nộp đề nghị dừng giải quyết."}
    text, _made = ReadyText.objects.get_or_create(title="Theo đề nghị", agency=ward(), defaults=defaults)
    return reverse("dossiers:ready-text", args=[text.pk])


def text_of_all(_user: object) -> str:
    """Of no agency: only a superuser changes it."""
    defaults = {"use": ReadyText.Use.STOP, "text": "Người nộp đã mất."}
    text, _made = ReadyText.objects.get_or_create(title="Dùng chung", agency=None, defaults=defaults)
    return reverse("dossiers:ready-text", args=[text.pk])


def the_publication(_user: object) -> str:
    return reverse("statistics:publication", args=[_published().pk])


def closing(period: str) -> Address:
    """Of a month of which something was recorded late."""

    def address(_user: object) -> str:
        _published()
        if not Dossier.objects.filter(applicant_name="Ghi Muộn").exists():
            late = {"applicant_name": "Ghi Muộn", "procedure": Procedure.objects.get(code=PROCEDURE)}
            people.a_dossier_accepted(timezone.make_aware(datetime(2026, 10, 15, 9)), agency=ward(), **late)
        return f"{reverse('statistics:close-period')}?period={period}&agency=H21"

    return address


def _published() -> Publication:
    """Of the province, of a month in which and before which something had been accepted."""
    existing = Publication.objects.filter(agency__code="H21").order_by("pk").last()
    if existing is not None:
        return existing
    accepted_at = timezone.make_aware(datetime(2026, 6, 1, 9))
    people.a_dossier_accepted(accepted_at, agency=ward(), procedure=Procedure.objects.get(code=PROCEDURE))
    return publish(Agency.objects.get(code="H21"), Period(2026, 6))[0]


def moves() -> Iterator[Page]:
    """The form of every move; those that insist on something also with what they say without it."""
    insisting = {
        *(Move.REFUSE, Move.ASK_SUPPLEMENT, Move.ASK_PAYMENT, Move.RECEIVE_PAYMENT, Move.APPROVE, Move.DENY),
        *(Move.AMEND, Move.EXTEND, Move.WITHDRAW, Move.STOP, Move.REOPEN, Move.POSTPONE, Move.CORRECT_TIME),
    }
    for move, rule in MOVES.items():
        if rule.sources:
            who = tuple(BY_ROLE[role] for role in rule.roles)
            yield Page(f"move-{move}", moving(move), who, error=BLANK if move in insisting else "")


def of_admin() -> Iterator[Page]:
    """List, form and blank form of every model, for whoever may see it."""
    yield Page("admin", named("admin:index"), ("ha", "tuan", "admin"))
    for model in admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        who = tuple(username for username in ("ha", "tuan", "admin") if _may_view(username, model))
        yield Page(f"admin-{label}-list", partial(_list_of, model), who)
        yield Page(f"admin-{label}-change", partial(_row_of, model), who)
    for label in ("catalog_calendarday", "staff_user", "packets_portal", "votes_questionset", "statistics_assessment"):
        yield Page(f"admin-{label}-add", named(f"admin:{label}_add"), ("admin",), error=BLANK)


def _may_view(username: str, model: type[Model]) -> bool:
    if username == "admin":
        return True
    roles = {username: role for role, username in BY_ROLE.items()}
    user = User(role=roles[username])
    needed = f"{model._meta.app_label}.view_{model._meta.model_name}"
    granted = any(backend.has_perm(user, needed) for backend in (RolePermissions(), PacketPermissions()))
    return granted and model not in SUPERUSERS_ONLY


def _list_of(model: type[Model], _user: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def _row_of(model: type[Model], user: User) -> str:
    """Of the latest row that this user sees; one is made where there is none."""
    request = RequestFactory().get("/")
    request.user = user
    seen: Any = admin.site._registry[model].get_queryset(request)
    row = seen.order_by("pk").last() or ROWS[model]()
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])


# ---- the list

PAGES = [
    Page("sign-in", named("sign-in"), NOBODY, error=BLANK),
    Page("list", named("dossiers:list"), empty=True, error="?received_from=x"),
    Page("home", named("dossiers:home"), empty=True),
    Page("list-nothing-found", "/dossiers/?q=zzzz", ("lan",)),
    Page("batches", named("batches:mine"), ("ha", "minh"), empty=True),
    Page("due on days off", named("batches:days-off"), ("ha",), empty=True),
    Page("batch-proposed", proposing(Move.APPROVE), ("ha", "minh"), error=BLANK),
    Page("batch-hand-over", proposing(Move.HAND_OVER), ("lan",)),
    Page("batch-done", done_with_many, ("ha", "minh")),
    Page("log", named("dossiers:log"), ("vy", "admin"), empty=True, error="?first_day=x"),
    Page("log-readings", named("dossiers:log-readings"), ("vy", "admin"), empty=True, error="?first_day=x"),
    Page("log-sign-ins", named("dossiers:log-sign-ins"), ("vy", "admin"), error="?first_day=x"),
    Page("own-password", named("own-password"), ("lan", "vy", "admin"), error=BLANK),
    Page("guide", named("guide"), ("lan", "admin")),
    Page("guide-topic", named("guide-topic", "moves"), ("lan",)),
    Page("own-page", named("own-page"), ("lan", "hoa", "admin")),
    Page("administration", named("administration"), ("ha", "tuan", "hoa", "admin")),
    Page("users", named("users"), ("hoa", "admin"), error="?status=x"),
    Page("users-nothing-found", "/administration/users/?q=zzzz", ("hoa",)),
    Page("user", of_user("user"), ("hoa", "admin"), error=BLANK),
    Page("user-add", named("user-add"), ("hoa", "admin"), error=BLANK),
    Page("user-password", of_user("user-password"), ("hoa", "admin")),
    Page("user-retire", of_user("user-retire"), ("hoa", "admin")),
    Page("user-restore", locked_user, ("hoa",)),
    Page("working-hours", named("working-hours"), ("ha", "hoa", "admin")),
    Page("hours-of-agency", lambda _user: reverse("hours-of-agency", args=[ward().pk]), ("ha", "hoa"), error=BLANK),
    Page("hours-of-all", named("hours-of-all"), ("admin",), error=BLANK),
    Page("calendar", named("calendar"), ("hoa", "admin"), empty=True),
    Page("calendar-next-year", "/administration/calendar/?year=2027", ("hoa", "admin")),
    Page("calendar-add", named("calendar-add"), ("admin",), error=BLANK),
    Page("calendar-day", recorded_day("calendar-day"), ("admin",), error=BLANK),
    Page("calendar-remove", recorded_day("calendar-remove"), ("admin",)),
    Page("procedures", named("procedures"), ("hoa", "admin"), error="?status=x"),
    Page("procedure", the_procedure, ("hoa",)),
    Page("procedure-settings", the_procedure, ("admin",), error=BLANK),
    Page("question-sets", named("votes:question-sets"), ("ha", "hoa", "admin")),
    Page("question-set-add", named("votes:question-set-add"), ("hoa", "admin"), error=BLANK),
    Page("question-set", own_set, ("ha", "admin"), error=BLANK),
    Page("ready-texts", named("dossiers:ready-texts"), ("ha", "hoa", "admin"), error="?use=x"),
    Page("ready-texts-nothing-found", "/administration/texts/?q=zzzz", ("ha",)),
    Page("ready-text-add", named("dossiers:ready-text-add"), ("hoa", "admin"), error=BLANK),
    Page("ready-text", own_text, ("ha", "hoa"), error=BLANK),
    Page("ready-text-of-all", text_of_all, ("ha",)),
    Page("news", named("dossiers:news"), ("minh", "lan", "ha"), empty=True),
    Page("news-unread", "/news/?unread=1", ("minh",), empty=True),
    Page("write-note", of_rich("dossiers:write-note"), ("minh", "ha"), error=BLANK),
    Page("publication", the_publication, ("ha", "hoa", "admin")),
    Page("close-period", closing("2026-10"), ("hoa", "admin")),
    Page("close-period-refused", closing("2026-12"), ("hoa",)),
    Page("hall-screens", named("statistics:hall-screens"), ("hoa", "admin")),
    Page("hall-screens-nothing-found", "/administration/hall-screens/?q=zzzz", ("hoa",)),
    Page("hall-screen-off", screen_off, ("hoa", "admin")),
    Page("hall-screen-on", screen_on, ("hoa",)),
    Page("hall-screen", in_the_hall, NOBODY),
    Page("hall-screen-unknown", "/man-hinh/nothing/", NOBODY, status=404),
    Page("detail", of_rich("dossiers:detail")),
    Page("detail-undoable", own_last_move("dossiers:detail"), ("ha",)),
    Page("undo", own_last_move("dossiers:undo"), ("ha", "minh")),
    Page("deadline", of_rich("dossiers:deadline"), ("lan",)),
    *(Page(f"detail-{state.name.lower()}", long_in(state), ("ha",)) for state in State),
    *moves(),
    Page(
        "pay", of_rich_and("dossiers:settle-fee", lambda of: [of.uuid, of.fees.latest("pk").pk, "pay"]), ("lan", "ha")
    ),
    Page(
        "waive",
        of_rich_and("dossiers:settle-fee", lambda of: [of.uuid, of.fees.latest("pk").pk, "waive"]),
        ("ha",),
        error=BLANK,
    ),
    Page("ask-opinion", of_rich("dossiers:ask-opinion"), ("minh", "ha"), error=BLANK),
    Page("answer-opinion", opinion, ("minh", "ha"), error=BLANK),
    Page("opinions", named("dossiers:opinions"), ("minh", "ha"), empty=True),
    Page("procedure-search", named("dossiers:procedure-search"), COUNTER),
    Page("procedure-search-nothing-found", "/dossiers/receive/?q=zzzz", ("lan",)),
    Page("receive", named("dossiers:receive", PROCEDURE), COUNTER, error=BLANK),
    Page("received", of_rich("dossiers:received"), COUNTER),
    Page("labels", for_labels, ("lan", "ha"), error="&sheet=x"),
    Page("labels-without-code", for_labels_without_code, ("lan",)),
    Page("receive-with-many-papers", named("dossiers:receive", "1.013225"), ("lan",)),
    Page("register", named("dossiers:register"), empty=True, error="?received_from=x"),
    Page("statistics", named("statistics:overview"), empty=True, error="?period=x"),
    Page("statistics-dossiers", behind("total")),
    Page("classes", named("statistics:classes"), ("ha", "vy"), empty=True, error="?period=x"),
    Page("published", named("statistics:published"), ("ha", "vy", "hoa"), empty=True),
    Page("ratings", named("votes:results"), ("ha", "vy"), empty=True, error="?cast_from=x"),
    Page("kiosk", named("votes:kiosk"), ("lan", "ha")),
    Page("kiosk-start", on_the_tablet, NOBODY, error=BLANK),
    Page("kiosk-unknown", unknown_tablet, NOBODY, status=404),
    Page("ask", named("dossiers:ask"), NOBODY, error=BLANK),
    Page("look-up", by_token("dossiers:look-up", State.AWAITING_SUPPLEMENT), NOBODY),
    Page("look-up-returned", by_token("dossiers:look-up", State.RETURNED), NOBODY),
    Page("ballot", by_token("votes:rate", State.COMPLETED), NOBODY, error=BLANK),
    Page("thanks", by_token("votes:thanks", State.COMPLETED), NOBODY),
    Page("packets", named("packets:overview"), ("ha", "tuan", "vy", "admin"), empty=True),
    Page("portal-changes", the_portal, ("ha", "tuan", "vy", "admin")),
    Page("packet-list", named("packets:list"), ("ha", "tuan", "vy", "admin"), empty=True, error="?kind=x"),
    Page("packet", of_packet("packets:detail"), ("ha", "tuan", "vy", "admin")),
    Page("packets-of-dossier", of_rich("packets:dossier"), ("ha", "tuan", "vy")),
    Page("resend", named("packets:resend-found"), ("tuan", "admin"), empty=True),
    Page("give-up", of_packet("packets:give-up"), ("tuan", "admin"), error=BLANK),
    Page("not-found", "/dossiers/none/", ("lan",), status=404),
    Page("not-allowed", named("packets:overview"), ("lan",), status=403),
    *of_admin(),
]
