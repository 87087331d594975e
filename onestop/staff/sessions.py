"""How long somebody stays signed in, and where a request leads whose session has ended or who must change a password.

A session ends after `SESSION_IDLE_MINUTES` in which its person did nothing, and `SESSION_MAX_HOURS` after signing in
whatever they did. What a page asks for by itself is nothing that a person does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from .models import User

BEGAN, SEEN = "began", "seen"
# What somebody did is noted so exactly and no more often: each note is a write.
NOTED_EVERY = 60
# Open to who must change the password first.
OPEN_BEFORE_CHANGE = frozenset({"own-password", "sign-out", "set_language", "admin-sign-out", "admin-own-password"})

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def requested_by_page(view: View) -> View:
    """Decorator: a page asks htmx for this by itself, so that does not keep a session alive."""
    view.requested_by_page = True  # type: ignore[attr-defined] # functions take attributes
    return view


class SessionLimits:
    """Middleware, between Django's of authentication and the one that asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without the cookie there is no session to ask the database for.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated and _is_over(request):
            logout(request)
            request.session_ended = True  # type: ignore[attr-defined] # for the page to sign in at
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not isinstance(request.user, User):
            return None
        # What needs no signing in, partners' calls above all, says nothing of whoever is signed in.
        is_for_staff = getattr(view, "login_required", True)
        if is_for_staff and not (hasattr(view, "requested_by_page") and "HX-Request" in request.headers):
            _note(request)
        if request.user.must_change_password:
            return _to_own_password(request, view)
        return None


def begin(request: HttpRequest) -> None:
    """From the moment of signing in on."""
    request.session[BEGAN] = int(time.time())


def _times(request: HttpRequest) -> tuple[float, float]:
    """When somebody signed in, and when they last did something. A session that does not say so began when its person
    last signed in."""
    assert isinstance(request.user, User)  # noqa: S101 nobody else has a session of ours
    signed_in = request.user.last_login
    began: float = request.session.get(BEGAN) or (signed_in.timestamp() if signed_in else time.time())
    return began, max(began, request.session.get(SEEN, 0))


def _is_over(request: HttpRequest) -> bool:
    now = time.time()
    began, seen = _times(request)
    return now - began >= settings.SESSION_MAX_HOURS * 3600 or now - seen >= settings.SESSION_IDLE_MINUTES * 60


def _note(request: HttpRequest) -> None:
    now = int(time.time())
    began, seen = _times(request)
    if now - seen >= NOTED_EVERY:
        request.session.update({BEGAN: began, SEEN: now})


def _to_own_password(request: HttpRequest, view: Callable[..., HttpResponse]) -> HttpResponse | None:
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name in OPEN_BEFORE_CHANGE:
        return None
    if not getattr(view, "login_required", True):
        # What anybody may see, as anybody sees it.
        request.user = AnonymousUser()
        return None
    return _led_to(request, f"{resolve_url('own-password')}?{urlencode({'next': _place(request)})}")


class SignedInOnly(LoginRequiredMiddleware):
    """Django's, but that it leads back to a page that can be opened, and leads the whole page there."""

    def handle_no_permission(  # type: ignore[override] # the stubs know no redirect that htmx makes
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        more = {"ended": "1"} if hasattr(request, "session_ended") else {}
        return _led_to(request, f"{resolve_url('sign-in')}?{urlencode({'next': _place(request), **more}, safe='/')}")


def _led_to(request: HttpRequest, address: str) -> HttpResponse:
    """A page that asks for a part of itself would else put the page to sign in at into its middle."""
    if "HX-Request" in request.headers:
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)


def _place(request: HttpRequest) -> str:
    """Which page to come back to: the one that asked for a part of itself, or on which a form was sent."""
    header = request.headers.get("HX-Current-URL", "")
    if not header and request.method not in ("GET", "HEAD"):
        header = request.headers.get("Referer", "")
    if header and url_has_allowed_host_and_scheme(header, {request.get_host()}):
        parts = urlsplit(header)
        return parts.path + (f"?{parts.query}" if parts.query else "")
    return request.get_full_path() if request.method in ("GET", "HEAD") else resolve_url(settings.LOGIN_REDIRECT_URL)
