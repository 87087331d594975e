"""Django admin of tables that only ever grow: pages of the newest, never counted to the end, never sorted anew."""

from __future__ import annotations

from typing import Any, ClassVar, Final, TypeVar

from django.contrib.admin import ShowFacets
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property

from .light import ModelAdmin

Row = TypeVar("Row", bound=Model)

# Whoever has leafed through so many narrows the list.
COUNTED: Final = 500


class CappedPaginator(Paginator[Any]):
    """Has pages for the first `COUNTED`, and knows whether there are more."""

    @cached_property
    def _number(self) -> int:
        assert isinstance(self.object_list, QuerySet)  # noqa: S101 the admin pages nothing else
        return self.object_list.order_by().values("pk")[: COUNTED + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._number, COUNTED)

    @property
    def is_more(self) -> bool:
        return self._number > COUNTED


class CappedList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        # No “so many found” beside the search: the pages say it, and say where they know no more.
        self.full_result_count = self.result_count


class LargeTableAdmin(ModelAdmin[Row]):
    """Shown in the order of `ordering` alone, which an index gives; what is sought an index must find, too."""

    ordering = ["-pk"]
    sortable_by: ClassVar[tuple[str, ...] | list[str] | None] = ()
    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    # Facets count everything, once for each choice of each filter.
    show_facets = ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CappedList

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Row], *where: Any, **named: Any
    ) -> HttpResponse | None:
        """Where all are chosen, these are those that were counted."""
        keys = list(queryset.values_list("pk", flat=True)[:COUNTED])
        return super().response_action(request, queryset.filter(pk__in=keys), *where, **named)
