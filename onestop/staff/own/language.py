"""The language that a user chose, kept with the account, so that it is the same on every device.

A page is in the language of the browser's cookie (`onestop.common.web.language`), for visitors too. Signing in sets
the cookie to the account's language.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views.i18n import set_language

from onestop.staff.models import User


def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Django's view, which sets the cookie; keeps the choice with the account of a user who is signed in."""
    response: HttpResponseBase = set_language(request)
    language = request.POST.get("language", "")
    if isinstance(request.user, User) and language in dict(settings.LANGUAGES) and language != request.user.language:
        request.user.language = language
        request.user.save(update_fields=["language"])
    return response


def show_in_language_of(user: User, response: HttpResponseBase) -> None:
    """Sets the browser's cookie to the language of `user`, if they have chosen one."""
    if user.language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            path=settings.LANGUAGE_COOKIE_PATH,
            domain=settings.LANGUAGE_COOKIE_DOMAIN,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        )
