"""What dossiers add to every page: their entries in the navigation, the search, the news, the link for citizens."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onestop.common.slots import fills
from onestop.staff.access import may
from onestop.staff.administration.entries import AdminEntry, add_to_administration
from onestop.staff.guide.topics import Chapter, Topic, add_to_guide
from onestop.staff.navigation import NavEntry, add_to_navigation, page_or_below
from onestop.staff.requests import StaffRequest

# Imported for the permissions they declare.
from . import roles
from .desk.move_forms import MOVE_FORMS
from .documents import KINDS
from .lifecycle import MOVES
from .lists import news
from .models import Move, State
from .texts import rules as text_rules

__all__ = ["roles", "text_rules"]


def in_the_list(request: HttpRequest, address: str) -> str:
    """Marks the entry on the list itself and on the pages of its dossiers."""
    if request.path == address:
        return "page"
    is_of_one = request.resolver_match is not None and "uuid" in request.resolver_match.kwargs
    return "true" if is_of_one and request.path.startswith(address) else ""


add_to_navigation(
    NavEntry(10, _("Hôm nay"), "dossiers:home"),
    NavEntry(20, _("Hồ sơ"), "dossiers:list", current=in_the_list),
    NavEntry(30, _("Tiếp nhận"), "dossiers:procedure-search", "receive_dossiers", page_or_below),
    NavEntry(40, _("Sổ theo dõi"), "dossiers:register"),
    NavEntry(60, _("Ý kiến"), "dossiers:opinions", "work_on_opinions", page_or_below),
    NavEntry(80, _("Nhật ký"), "dossiers:log", "read_log", page_or_below),
)
add_to_administration(
    AdminEntry(
        45,
        _("Câu mẫu"),
        _("Câu viết sẵn cho lý do, yêu cầu bổ sung, lời xin lỗi; cán bộ chèn vào khi xử lý hồ sơ."),
        "dossiers:ready-texts",
        "set_texts",
    )
)


@fills("navigation")
def link_to_news(request: StaffRequest) -> str:
    """The link to the user's news, with the number of what is unread."""
    if not may(request.user, "get_news"):
        return ""
    number = news.unread_number(request)
    context = {"address": reverse("dossiers:news"), "number": number, "most": news.COUNTED}
    return render_to_string("dossiers/news_link.html", context, request)


@fills("search")
def search_form(request: HttpRequest, searched: str) -> str:
    """`searched`: the text in the field, on the page of results."""
    return render_to_string("dossiers/search_form.html", {"searched": searched}, request)


@fills("sign-in-page")
def citizens_way_in(request: HttpRequest) -> str:
    return render_to_string("dossiers/citizens_way_in.html", request=request)


@fills("guide-move")
def rule_of_move(request: HttpRequest, name: str) -> str:
    """What the table of moves and the forms say of a move, so that the guide cannot say otherwise."""
    move = Move(name)
    rule = MOVES[move]
    context = {
        "sentence": MOVE_FORMS[move][1],
        "sources": [] if set(rule.sources) == set(State) else [state.label for state in rule.sources],
        "target": rule.target.label if rule.target else "",
        "roles": [role.label for role in rule.roles],
        "forms": [kind.label for kind in KINDS.values() if move in kind.moves],
    }
    return render_to_string("dossiers/rule_of_move.html", context, request)


add_to_guide(
    Topic(Chapter.BEGINNING, 30, "home", "Trang Hôm nay", "guide/home.html", ("dossiers:home",)),
    Topic(Chapter.BEGINNING, 40, "news", "Tin mới", "guide/news.html", ("dossiers:news",)),
    Topic(
        Chapter.DOSSIERS,
        10,
        "intake",
        "Tiếp nhận hồ sơ",
        "guide/intake.html",
        ("dossiers:procedure-search", "dossiers:receive", "dossiers:received"),
    ),
    Topic(
        Chapter.DOSSIERS,
        20,
        "dossier",
        "Trang hồ sơ",
        "guide/dossier.html",
        ("dossiers:detail", "dossiers:deadline", "dossiers:write-note"),
    ),
    Topic(Chapter.DOSSIERS, 30, "moves", "Các thao tác xử lý", "guide/moves.html", ("dossiers:move",), "move"),
    Topic(Chapter.DOSSIERS, 35, "undo", "Hoàn tác bước vừa thực hiện", "guide/undo.html", ("dossiers:undo",)),
    Topic(
        Chapter.DOSSIERS, 40, "fees", "Thu tiền, miễn phí, lệ phí", "guide/fees.html", ("dossiers:settle-fee",), "act"
    ),
    Topic(
        Chapter.DOSSIERS,
        50,
        "opinions",
        "Ý kiến phối hợp",
        "guide/opinions.html",
        ("dossiers:opinions", "dossiers:ask-opinion", "dossiers:answer-opinion"),
    ),
    Topic(Chapter.DOSSIERS, 60, "labels", "In nhãn hồ sơ", "guide/labels.html", ("dossiers:labels",)),
    Topic(Chapter.LISTS, 10, "list", "Tìm và lọc hồ sơ", "guide/list.html", ("dossiers:list", "dossiers:find")),
    Topic(Chapter.LISTS, 30, "register", "Sổ theo dõi hồ sơ", "guide/register.html", ("dossiers:register",)),
    Topic(
        Chapter.LISTS,
        40,
        "log",
        "Nhật ký",
        "guide/log.html",
        ("dossiers:log", "dossiers:log-readings", "dossiers:log-sign-ins"),
    ),
    Topic(
        Chapter.ADMINISTRATION,
        45,
        "ready-texts",
        "Câu mẫu",
        "guide/ready_texts.html",
        ("dossiers:ready-texts", "dossiers:ready-text-add", "dossiers:ready-text"),
    ),
    Topic(Chapter.OUTSIDE, 10, "citizens", "Trang dành cho người dân", "guide/citizens.html"),
)
