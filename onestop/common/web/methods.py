"""Views that take only POST, and what a person sees who opens their address: the page 405.html."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_POST

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def post_only(view: View) -> View:
    """Decorator: Django's `require_POST`, which `takes_get` recognises."""
    decorated = require_POST(view)
    decorated.post_only = True  # type: ignore[attr-defined] # functions take attributes
    return decorated


def takes_get(path: str) -> bool:
    """Whether a person can be sent to the page at `path`."""
    try:
        return not hasattr(resolve(path).func, "post_only")
    except Resolver404:
        return False


def refused_methods_have_a_page(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware. The API's refusals have a body of their own."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 405 and not response.content:
            page = render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response

    return respond
