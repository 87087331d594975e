"""The base view of all resources of the partner API: scopes, parameters, language, headers."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from hashlib import sha256
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, MethodNotAllowed, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.partners.models import PartnerActor
from onestop.partners.request_ids import HEADER, request_id
from onestop.partners.scopes import ApiScope
from onestop.partners.throttles import PartnerThrottle

from .errors import NoLength
from .fields import Strict, Validated
from .filters import takes_several
from .keyset import KeysetPaging
from .strict_input import StrictJSONParser

logger = logging.getLogger(__name__)

Table = TypeVar("Table", bound=Model)
Row = TypeVar("Row")


class ApiView(GenericAPIView[Any]):  # Any: each resource has a model of its own
    """`scopes` names what each method needs; a method that it does not name is closed.

    None: the view has a permission of its own.
    """

    scopes: ClassVar[Mapping[str, ApiScope | None]] = {}
    # The parameters of each method besides filters and pages. Others are refused by name: a misspelt filter would
    # otherwise return the whole list.
    parameters: ClassVar[Mapping[str, frozenset[str]]] = {}
    ordering: ClassVar[tuple[str, ...]] = ("pk",)
    parser_classes: Sequence[type[BaseParser]] = (StrictJSONParser,)
    pagination_class: type[KeysetPaging] | None = KeysetPaging

    def required_scopes(self, method: str | None = None) -> set[str]:
        scope = self.scopes.get(_read_as(method or self.request.method))
        return {scope.value} if scope else set()  # scope: of a method

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Answers in the requested language, which is Vietnamese or English; without a request, in Vietnamese."""
        language = translation.get_language_from_request(request) if "Accept-Language" in request.headers else "vi"
        with translation.override(language):
            response = super().dispatch(request, *args, **kwargs)
            if isinstance(response, Response):
                response.render()
                response = unless_known(request, response)
        response.headers["Content-Language"] = language
        response.headers[HEADER] = request_id(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            route = request.resolver_match.route if request.resolver_match else "-"
            logger.info("request %s: %s /%s: %d", request_id(request), request.method, route, response.status_code)
        patch_vary_headers(response, ["Accept-Language", "Authorization"])
        return response

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        if request.method == "OPTIONS":
            # Says what the public contract says, to everyone.
            return
        if request.method and _read_as(request.method) not in self.scopes:  # scope: undeclared
            raise MethodNotAllowed(request.method)
        super().initial(request, *args, **kwargs)
        if "Transfer-Encoding" in request.headers:
            raise NoLength
        known = self.known_parameters(_read_as(request.method))
        if unknown := sorted(set(request.query_params) - known):
            raise ValidationError({name: [_("Không có tham số này.")] for name in unknown})
        for name, texts in request.query_params.lists():
            if len(texts) > 1 and not takes_several(self, name):
                raise ValidationError({name: [ErrorDetail(_("Tham số này chỉ nhận một giá trị."), "repeated")]})
        for name, text in request.query_params.items():
            if not text:
                # Probably a script with an empty variable, which does not want the whole list.
                raise ValidationError({name: [_("Không được để trống.")]})
            if "\0" in text:
                raise ValidationError({name: [_("Không nhận ký tự rỗng.")]})

    def known_parameters(self, method: str) -> set[str]:
        known = set(self.parameters.get(method, ()))
        filterset = getattr(self, "filterset_class", None)
        if method == "get" and filterset is not None:
            known |= {*filterset.base_filters, "limit", "cursor", "count"}
        return known

    def options(self, request: Request, *args: object, **kwargs: object) -> Response:  # type: ignore[override] # as the framework's own
        """The methods of this address, in `Allow`."""
        return Response(status=HTTPStatus.NO_CONTENT)

    @property
    def allowed_methods(self) -> list[str]:
        reads = ["HEAD"] if "get" in self.scopes else []
        return sorted([*(method.upper() for method in self.scopes), *reads, "OPTIONS"])

    def first(self, queryset: QuerySet[Table, Row], number: int) -> QuerySet[Table, Row]:
        """The first `number` rows of `queryset` in the view's ordering."""
        return queryset.order_by(*self.ordering)[:number]

    def validated_body(self, contract: type[Strict], *, partial: bool = False) -> Validated:
        """The body as `contract` reads it. Raises ValidationError by field."""
        serializer = contract(data=self.request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        data: Validated = serializer.validated_data
        return data

    def validated_query(self, contract: type[Strict]) -> Validated:
        """The parameters of the address as `contract` reads them. Raises ValidationError by name."""
        serializer = contract(data=self.request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        query: Validated = serializer.validated_data
        return query

    def finalize_response(self, request: Request, response: Response, *args: object, **kwargs: object) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        throttle: PartnerThrottle | None = getattr(request, "rate_limit", None)
        if throttle is not None:
            for name, value in throttle.headers().items():
                response.headers[name] = value
        if response.status_code == HTTPStatus.FORBIDDEN and (needed := self.required_scopes()):
            challenge = f'error="insufficient_scope", scope="{" ".join(sorted(needed))}"'
            response.headers["WWW-Authenticate"] = f'Bearer realm="api", {challenge}'
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    @property
    def colleague(self) -> PartnerActor:
        assert isinstance(self.request.user, PartnerActor)  # noqa: S101 the permission has seen to that
        return self.request.user


def _read_as(method: str | None) -> str:
    """The name under which a view declares `method`. HEAD is GET without its content."""
    return "get" if method == "HEAD" else (method or "").lower()


class UnknownAddress(ApiView):
    """Answers unknown addresses with 404 in the format of all errors, for every method and without a token."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        raise Http404


def unless_known(request: HttpRequest, response: Response) -> HttpResponseBase:
    """`response`, or 304 where the client already has the answer with this ETag."""
    if request.method not in ("GET", "HEAD") or response.status_code != 200:
        return response
    response.headers.setdefault("ETag", f'"{sha256(response.content).hexdigest()[:32]}"')
    known = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    # `If-Match` is for writes, which check it themselves. Here Django would answer it with 412 and an empty body.
    if known is None or known.status_code != 304:
        return response
    # Django copies what RFC 9110 §15.4.5 names. A partner that asks often needs these most.
    for name, value in response.headers.items():
        if name.startswith("RateLimit"):
            known.headers[name] = value
    return known
