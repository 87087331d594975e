"""Limits sessions, and redirects users whose session has ended or who must change their password.

A session ends after `SESSION_IDLE_MINUTES` without an action of its user, and in any case `SESSION_MAX_HOURS` after
signing in. Requests that a page makes by itself are no actions of the user.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from onestop.common.web.methods import takes_get
from onestop.common.web.visitors import address_of

from .models import User

BEGAN, SEEN, AGENT, ADDRESS = "began", "seen", "agent", "address"
# The last action is stored with this precision in seconds, because each time is a write to the database.
NOTED_EVERY = 60
# The pages that a user who must change the password may still open.
OPEN_BEFORE_CHANGE = frozenset({"own-password", "sign-out", "set_language", "admin-sign-out", "admin-own-password"})

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def requested_by_page(view: View) -> View:
    """Decorator: a page requests this view by itself through htmx, so the request does not prolong the session."""
    view.requested_by_page = True  # type: ignore[attr-defined] # functions take attributes
    return view


class SessionLimits:
    """Middleware, to be placed after Django's authentication and before `SignedInOnly`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without the cookie there is no session, and no query for it is needed.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            now = time.time()
            began, seen = _times(request)
            is_idle = now - seen >= settings.SESSION_IDLE_MINUTES * 60
            if is_idle or now - began >= settings.SESSION_MAX_HOURS * 3600:
                logout(request)
                request.session_ended = True  # type: ignore[attr-defined] # for the page to sign in at
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not isinstance(request.user, User):
            return None
        # Views that need no signing in, above all the partner API, are no actions of the signed-in user.
        is_for_staff = getattr(view, "login_required", True)
        if is_for_staff and not (hasattr(view, "requested_by_page") and "HX-Request" in request.headers):
            now = int(time.time())
            began, seen = _times(request)
            if now - seen >= NOTED_EVERY:
                request.session.update({BEGAN: began, SEEN: now})
        if request.user.must_change_password:
            return _to_own_password(request, view)
        return None


def begin(request: HttpRequest) -> None:
    """Starts the limits of a session at the moment of signing in, and notes from which device."""
    agent = "".join(sign for sign in request.headers.get("User-Agent", "")[:300] if sign.isprintable())
    request.session.update({BEGAN: int(time.time()), AGENT: agent, ADDRESS: address_of(request)})


def _times(request: HttpRequest) -> tuple[float, float]:
    """The times of signing in and of the last action. A session without them began when its user last signed in."""
    assert isinstance(request.user, User)  # noqa: S101 no other user model is in use
    signed_in = request.user.last_login
    began: float = request.session.get(BEGAN) or (signed_in.timestamp() if signed_in else time.time())
    return began, max(began, request.session.get(SEEN, 0))


def _to_own_password(request: HttpRequest, view: Callable[..., HttpResponse]) -> HttpResponse | None:
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name in OPEN_BEFORE_CHANGE:
        return None
    if not getattr(view, "login_required", True):
        # A public page is shown as to a visitor who is not signed in.
        request.user = AnonymousUser()
        return None
    return _redirect(request, f"{resolve_url('own-password')}?{urlencode({'next': _return_address(request)})}")


class SignedInOnly(LoginRequiredMiddleware):
    """Django's middleware, with a return address that GET can open, and with a redirect of the whole page."""

    def handle_no_permission(  # type: ignore[override] # the stubs know no redirect that htmx makes
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        more = {"ended": "1"} if hasattr(request, "session_ended") else {}
        query = urlencode({"next": _return_address(request), **more}, safe="/")
        return _redirect(request, f"{resolve_url('sign-in')}?{query}")


def _redirect(request: HttpRequest, address: str) -> HttpResponse:
    """Redirects the whole page, also where htmx requested a part of it: that would show the sign-in page inside it."""
    if "HX-Request" in request.headers:
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)


def _return_address(request: HttpRequest) -> str:
    """The page to return to: the page that requested a part of itself, or on which a form was sent.

    Never an address that takes only POST: the result of a search stands at such an address.
    """
    header = request.headers.get("HX-Current-URL", "")
    if not header and request.method not in ("GET", "HEAD"):
        header = request.headers.get("Referer", "")
    if header and url_has_allowed_host_and_scheme(header, {request.get_host()}):
        parts = urlsplit(header)
        if takes_get(parts.path):
            return parts.path + (f"?{parts.query}" if parts.query else "")
    if request.method in ("GET", "HEAD") and takes_get(request.path_info):
        return request.get_full_path()
    return resolve_url(settings.LOGIN_REDIRECT_URL)
