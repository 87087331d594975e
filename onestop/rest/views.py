"""A resource of the partner contract: its scopes, its language, its headers."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, ClassVar

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework.exceptions import MethodNotAllowed, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.partners.models import PartnerActor
from onestop.partners.scopes import ApiScope
from onestop.partners.throttles import PartnerThrottle

from .errors import NoLength
from .fields import Strict, Validated
from .keyset import KeysetPaging
from .strict_input import StrictJSONParser


class ApiView(GenericAPIView[Any]):
    """`scopes` names what each method needs; a method without one is closed."""

    scopes: ClassVar[Mapping[str, ApiScope]] = {}
    # What an operation reads from its address besides filters and pages; others are refused by name, so that a typing
    # error does not widen a list.
    parameters: ClassVar[Mapping[str, frozenset[str]]] = {}
    ordering: ClassVar[tuple[str, ...]] = ("pk",)
    parser_classes: Any = (StrictJSONParser,)
    pagination_class: type[KeysetPaging] | None = KeysetPaging

    def required_scopes(self, method: str | None = None) -> set[str]:
        scope = self.scopes.get((method or self.request.method or "").lower())
        return {scope.value} if scope else set()  # scope: of a method

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """In the language that is asked for; Vietnamese unless that is English."""
        asked = translation.get_language_from_request(request) if "Accept-Language" in request.headers else "vi"
        with translation.override(asked):
            response = super().dispatch(request, *args, **kwargs)
            if isinstance(response, Response):
                response.render()
                response = unless_known(request, response)
        response.headers["Content-Language"] = asked
        patch_vary_headers(response, ["Accept-Language", "Authorization"])
        return response

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        if request.method and request.method.lower() not in self.scopes:  # scope: undeclared
            raise MethodNotAllowed(request.method)
        super().initial(request, *args, **kwargs)
        if "Transfer-Encoding" in request.headers:
            raise NoLength
        known = self.known_parameters(request.method or "")
        if unknown := sorted(set(request.query_params) - known):
            raise ValidationError({name: [_("Không có tham số này.")] for name in unknown})
        for name, text in request.query_params.items():
            if not text:
                # A script whose variable is empty means something else than everything.
                raise ValidationError({name: [_("Không được để trống.")]})
            if "\0" in text:
                raise ValidationError({name: [_("Không nhận ký tự rỗng.")]})

    def known_parameters(self, method: str) -> set[str]:
        known = set(self.parameters.get(method.lower(), ()))
        filterset: Any = getattr(self, "filterset_class", None)
        if method == "GET" and filterset is not None:
            known |= {*filterset.base_filters, "limit", "cursor", "count"}
        return known

    def first(self, found: Any, number: int) -> Any:
        """The first `number` of what was `found`, in the view's ordering."""
        return found.order_by(*self.ordering)[:number]

    def given(self, contract: type[Strict], *, partial: bool = False) -> Validated:
        """The body as `contract` reads it. Raises ValidationError by field."""
        serializer = contract(data=self.request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        data: Validated = serializer.validated_data
        return data

    def asked(self, contract: type[Strict]) -> Validated:
        """The address as `contract` reads it. Raises ValidationError by name."""
        serializer = contract(data=self.request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        query: Validated = serializer.validated_data
        return query

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        throttle: PartnerThrottle | None = getattr(request, "rate_limit", None)
        if throttle is not None:
            for name, value in throttle.headers().items():
                response.headers[name] = value
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    @property
    def colleague(self) -> PartnerActor:
        assert isinstance(self.request.user, PartnerActor)  # noqa: S101 the permission has seen to that
        return self.request.user


class UnknownAddress(ApiView):
    """Where nothing is: said in the shape of every other error, to whatever method and whoever asks."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        raise Http404


def unless_known(request: HttpRequest, response: Response) -> HttpResponseBase:
    """An unchanged answer is not sent again: 304 for a client that holds the one with this ETag."""
    if request.method not in ("GET", "HEAD") or response.status_code != 200:
        return response
    response.headers.setdefault("ETag", f'"{sha256(response.content).hexdigest()[:32]}"')
    known = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    # `If-Match` is for writes, which see to it themselves; here it would be answered 412 without a word.
    return known if known is not None and known.status_code == 304 else response
