"""A resource of the partner contract: its scopes, its language, its headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page
from rest_framework.exceptions import MethodNotAllowed, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.partners.models import Colleague
from onestop.partners.scopes import Scope
from onestop.partners.throttles import PartnerThrottle

from .paging import KeysetPaging


class ApiView(GenericAPIView[Any]):
    """`scopes` names what each method needs; a method without one is closed."""

    scopes: ClassVar[Mapping[str, Scope]] = {}
    # Names of the address that the operation understands; others are refused, so that no typing error widens a list.
    parameters: ClassVar[Mapping[str, frozenset[str]]] = {}
    ordering: ClassVar[tuple[str, ...]] = ("pk",)
    pagination_class = KeysetPaging

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        # An unchanged answer is not sent again (ETag, If-None-Match).
        view: Any = conditional_page(super().as_view(**initkwargs))
        view.csrf_exempt = True  # read by Django; no cookie signs anybody in here
        return view

    def required_scopes(self, method: str | None = None) -> set[str]:
        scope = self.scopes.get((method or self.request.method or "").lower())
        return {scope.value} if scope else set()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """In the language that is asked for; Vietnamese unless that is English."""
        asked = translation.get_language_from_request(request) if "Accept-Language" in request.headers else "vi"
        with translation.override(asked):
            response = super().dispatch(request, *args, **kwargs)
            if isinstance(response, Response):
                response.render()
        response.headers["Content-Language"] = asked
        patch_vary_headers(response, ["Accept-Language", "Authorization"])
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method and request.method.lower() not in self.scopes:
            raise MethodNotAllowed(request.method)
        super().initial(request, *args, **kwargs)
        known = self.known_parameters(request.method or "")
        if unknown := sorted(set(request.query_params) - known):
            raise ValidationError({name: [_("Không có tham số này.")] for name in unknown})
        for name, text in request.query_params.items():
            if "\0" in text:
                raise ValidationError({name: [_("Không nhận ký tự rỗng.")]})

    def known_parameters(self, method: str) -> set[str]:
        return set(self.parameters.get(method.lower(), ()))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        throttle: PartnerThrottle | None = getattr(request, "rate_limit", None)
        if throttle is not None:
            response.headers.update(throttle.headers())
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    @property
    def colleague(self) -> Colleague:
        assert isinstance(self.request.user, Colleague)  # noqa: S101 the permission has seen to that
        return self.request.user
