"""The base classes of our pages in Django's admin: usual tables, large tables, tables that only the system writes.

None of our forms has a slug, so the pages load no scripts that fill in slugs: those are a quarter of a page's size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, TypeVar

from django import forms
from django.conf import settings
from django.contrib.admin import ShowFacets
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.paginator import Paginator
from django.db.models import ManyToManyField, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property

from .scoped import ScopedAdmin

Row = TypeVar("Row", bound=Model)
Person = TypeVar("Person", bound=AbstractUser)
Initial = dict[str, str | list[str]]

# The admin counts a large table up to here. Ten pages are enough to leaf through; a filter or a search does the rest.
COUNTED: Final = 500


def scripts(_admin: object) -> forms.Media:
    """The scripts that Django loads on every page of a model, without `urlify`, `prepopulate` and `xregexp`."""
    smallest = "" if settings.DEBUG else ".min"
    names = [f"vendor/jquery/jquery{smallest}", "jquery.init", "core", "admin/RelatedObjectLookups", "actions"]
    return forms.Media(js=[f"admin/js/{name}.js" for name in names])


def possible(model: type[Model], initial: Mapping[str, str | list[str]]) -> Initial:
    """`initial` without the values that no row can have: an address may ask for `?agency=x`."""
    return {name: value for name, value in initial.items() if _is_possible(model, name, value)}


def _is_possible(model: type[Model], name: str, value: str | list[str]) -> bool:
    try:
        field = model._meta.get_field(name)
        if field.remote_field:
            key = model._meta.pk if field.related_model is None else field.related_model._meta.pk
            for part in value if isinstance(value, list) else [value]:
                key.to_python(part)
    except (ValidationError, FieldDoesNotExist):
        return False
    return True


class ModelAdmin(ScopedAdmin[Row]):
    media = property(scripts)

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: object
    ) -> forms.ModelMultipleChoiceField[Model] | None:
        """Leaves out the cross that removes all choices at once: it stands in a list of items and is no item itself.
        Each choice has a cross of its own."""
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None:
            field.widget.is_required = True
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> Initial:
        return possible(self.model, super().get_changeform_initial_data(request))


class UserAdmin(ScopedAdmin[Person], auth_admin.UserAdmin[Person]):
    media = property(scripts)

    def get_changeform_initial_data(self, request: HttpRequest) -> Initial:
        return possible(self.model, super().get_changeform_initial_data(request))


# ---- tables that only ever grow


class CappedPaginator(Paginator[Model]):
    """Has pages for the first `COUNTED` rows, and knows whether there are more."""

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
        # With equal counts Django shows no number beside the search. The pages show it, and “over” where it is capped.
        self.full_result_count = self.result_count


class LargeTableAdmin(ModelAdmin[Row]):
    """Lists the newest rows, in the order of `ordering` alone, for which there is an index.

    Never counts the table to its end. A search must use fields with an index, too.
    """

    ordering = ["-pk"]
    sortable_by: ClassVar[tuple[str, ...] | list[str] | None] = ()
    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    # Facets count the whole table once for each choice of each filter.
    show_facets = ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return CappedList

    # Any: Django's own arguments differ between its versions.
    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Row], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Where all rows are chosen, the action takes those that were counted, and no others."""
        keys = list(queryset.values_list("pk", flat=True)[:COUNTED])
        return super().response_action(request, queryset.filter(pk__in=keys), *args, **kwargs)


class ReadOnlyAdmin(LargeTableAdmin[Row]):
    """For rows that only the system writes: staff look at them, and add, change or delete none."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False
