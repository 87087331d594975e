"""Whose rows somebody sees and changes in Django's admin.

One rule for every page: a person sees the rows of the agencies that they oversee and those of everybody, and adds,
changes and deletes only the former. What belongs to everybody is a superuser's, such as public holidays, working hours
and questions without an agency, procedures: each of them reaches into every office. Rights that a role or a superuser
by hand gives say what may be done with a kind of rows, never with whose.

What a form offers as the value of a field is what the person sees on that model's own pages.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, Protocol, TypeVar, cast

from django.contrib import admin
from django.contrib.admin import RelatedFieldListFilter
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured, PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

Row = TypeVar("Row", bound=Model)


class Overseer(Protocol):
    """Who is at the admin, as these pages need to know them."""

    is_superuser: bool

    @property
    def agencies(self) -> QuerySet[Any]: ...

    def oversees(self, agency: Any) -> bool: ...


def person_of(request: HttpRequest) -> Overseer:
    """The admin lets nobody in who is not a member of staff."""
    return cast(Overseer, request.user)


class ScopedChoices(BaseModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone, and of no use here
    """For pages and inlines: a field offers what the person sees; of a model without pages, nothing."""

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> Any:
        offered = super().get_field_queryset(db, db_field, request)
        if person_of(request).is_superuser:
            return offered
        related = db_field.remote_field.model
        page = self.admin_site._registry.get(related)
        return page.get_queryset(request) if page else related._default_manager.none()


class ScopedAdmin(ScopedChoices, admin.ModelAdmin[Row]):
    # The field that names the agency a row belongs to; without a name there, or without such a field, to everybody.
    belongs_to: ClassVar[str | None] = None

    def __init__(self, model: type[Row], admin_site: Any) -> None:
        super().__init__(model, admin_site)
        is_defined = any("belongs_to" in vars(kind) for kind in type(self).__mro__ if kind is not ScopedAdmin)
        if not is_defined and any(_leads_to_agency(field) for field in model._meta.get_fields()):
            raise ImproperlyConfigured(f"say what rows of {model._meta.label} belong to")

    # ---- whose a row is

    def agency_of(self, row: Row) -> Any:
        """The agency that the row belongs to; None: everybody."""
        return getattr(row, self.belongs_to) if self.belongs_to else None

    def may_write(self, request: HttpRequest, row: Row) -> bool:
        person = person_of(request)
        agency = None if person.is_superuser else self.agency_of(row)
        return person.is_superuser or (agency is not None and person.oversees(agency))

    def writable(self, request: HttpRequest, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Those of `rows` that `may_write` lets through."""
        person = person_of(request)
        if person.is_superuser:
            return rows
        if self.belongs_to is None:
            return rows.none()
        return rows.filter(**{f"{self.belongs_to}__in": person.agencies.order_by().values("pk")})

    def _may_write_some(self, request: HttpRequest) -> bool:
        return person_of(request).is_superuser or self.belongs_to is not None

    # ---- what Django asks

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        rows: QuerySet[Row] = super().get_queryset(request)
        person = person_of(request)
        if person.is_superuser or self.belongs_to is None:
            return rows
        seen = Q(**{f"{self.belongs_to}__in": person.agencies.order_by().values("pk")})
        if self._is_optional():
            seen |= Q(**{self.belongs_to: None})
        return rows.filter(seen)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and self._may_write_some(request)

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._may_write_this(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self._may_write_this(request, obj)

    def _may_write_this(self, request: HttpRequest, obj: Row | None) -> bool:
        return self._may_write_some(request) if obj is None else self.may_write(request, obj)

    def get_form(self, request: HttpRequest, obj: Row | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Whoever may not write for everybody must name an agency."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if self._is_optional() and self.belongs_to in form.base_fields and not person_of(request).is_superuser:
            form.base_fields[self.belongs_to].required = True
        return form

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        offered: dict[str, Any] = super().get_actions(request)
        return {name: (self._for_writable_rows(act), *details) for name, (act, *details) in offered.items()}

    def _for_writable_rows(self, act: Callable[..., Any]) -> Callable[..., Any]:
        """`act`, refused where one of the rows chosen is only to be seen."""

        @wraps(act)
        def guarded(page: Any, request: HttpRequest, rows: QuerySet[Row]) -> Any:
            chosen = rows.order_by()
            if chosen.exclude(pk__in=self.writable(request, chosen).values("pk")).exists():
                raise PermissionDenied(_("Có dòng đã chọn không thuộc cơ quan của bạn."))
            return act(page, request, rows)

        return guarded

    def save_model(self, request: HttpRequest, obj: Row, form: Any, change: bool) -> None:
        """Once more, for whichever way leads here: as it was, and as it is going to be."""
        stored = self.model._base_manager.filter(pk=obj.pk).first() if change else None
        if not self.may_write(request, obj) or (stored is not None and not self.may_write(request, stored)):
            raise PermissionDenied(_("Dòng này không thuộc cơ quan của bạn."))
        super().save_model(request, obj, form, change)

    def _is_optional(self) -> bool:
        try:
            return bool(self.belongs_to and self.model._meta.get_field(self.belongs_to).null)
        except FieldDoesNotExist:
            return False


class ScopedFilter(RelatedFieldListFilter):
    """Narrows a list by what the person sees on that model's own pages."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        page = model_admin.admin_site.get_model_admin(field.remote_field.model)
        seen = {"pk__in": page.get_queryset(request).order_by().values("pk")}
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=seen)


def _leads_to_agency(field: Any) -> bool:
    # Not what points here from elsewhere.
    return bool(field.concrete and field.is_relation and field.related_model._meta.label == "catalog.Agency")
