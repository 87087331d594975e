"""Reads agencies, fields and procedures: by their codes, as plain columns, with the requested fields alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.partners.scopes import ApiScope
from onestop.rest.rows import columns, requested_fields, row
from onestop.rest.views import ApiView

Table = TypeVar("Table", bound=Model)


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
        """Raises Http404 for an unknown code. No code contains a NUL, and no database accepts one."""
        names = self.names(request)
        values = self.plain(self.get_queryset().filter(code=code), names).first() if "\0" not in code else None
        if values is None:
            raise Http404
        return Response(self.described([values], names)[0])

    def names(self, request: Request) -> list[str]:
        """The names of the requested fields."""
        return requested_fields(request, self.columns)

    @property
    def columns(self) -> dict[str, str]:
        return columns(self.get_serializer_class())

    def plain(self, queryset: QuerySet[Table], names: Sequence[str]) -> QuerySet[Table, dict[str, object]]:
        sources = [source for name, source in self.columns.items() if name in names]
        return queryset.values("pk", "code", *sources)

    def described(self, rows: Sequence[Mapping[str, object]], names: Sequence[str]) -> list[dict[str, object]]:
        fields = {name: source for name, source in self.columns.items() if name in names}
        return [row(values, fields) for values in rows]
