"""How agencies, fields and procedures are read: by their codes, as plain columns, with those fields that are asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.partners.scopes import ApiScope
from onestop.rest.rows import asked, columns, row
from onestop.rest.views import ApiView


class CatalogueView(ApiView):
    """`serializer_class` says what is told of a row, `queryset` of which rows."""

    scopes = {"get": ApiScope.CATALOG_READ}
    parameters = {"get": frozenset({"fields"})}
    ordering = ("code",)

    def several(self, request: Request) -> Response:
        names = self.names(request)
        page = self.paginate_queryset(self.plain(self.filter_queryset(self.get_queryset()), names))
        return self.get_paginated_response(self.described(page or [], names))

    def one(self, request: Request, code: str) -> Response:
        """Raises Http404. No code holds a NUL, and no database looks for one."""
        names = self.names(request)
        found = self.plain(self.get_queryset().filter(code=code), names).first() if "\0" not in code else None
        if found is None:
            raise Http404
        return Response(self.described([found], names)[0])

    def names(self, request: Request) -> list[str]:
        """Of the fields that are asked for."""
        return asked(request, self.columns)

    @property
    def columns(self) -> dict[str, str]:
        return columns(self.get_serializer_class())

    def plain(self, found: QuerySet[Any], names: Sequence[str]) -> QuerySet[Any, dict[str, object]]:
        sources = [source for name, source in self.columns.items() if name in names]
        return found.values("pk", "code", *sources)

    def described(self, rows: Sequence[dict[str, Any]], names: Sequence[str]) -> list[dict[str, object]]:
        fields = {name: source for name, source in self.columns.items() if name in names}
        return [row(values, fields) for values in rows]
