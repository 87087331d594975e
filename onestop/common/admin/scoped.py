"""Which rows a person sees and changes in Django's admin.

One rule holds on every page. A person sees the rows of the agencies that they oversee, and the rows that belong to no
agency. They add, change and delete only the former. Rows of no agency, such as public holidays, procedures, and
working hours or questions without an agency, apply to every office, so only a superuser changes them. A right that
comes with a role, or from a superuser by hand, says what may be done with a kind of rows, never with whose rows.

A field of a form offers the rows that the person sees on that model's own pages.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, Protocol, TypeVar, cast

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedFieldListFilter
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured, PermissionDenied
from django.db.models import Field as Column
from django.db.models import Model, Q, QuerySet
from django.db.models.fields.related import RelatedField
from django.http import HttpRequest
from django.utils.translation import gettext as _

Row = TypeVar("Row", bound=Model)
Action = Callable[..., object]


class Overseer(Protocol):
    """The user of the admin, as far as these pages need it. Any: an agency is a model of an app above this floor."""

    is_superuser: bool

    @property
    def agencies(self) -> QuerySet[Any]: ...

    def oversees(self, agency: Any) -> bool: ...


def person_of(request: HttpRequest) -> Overseer:
    """The user of the request. The admin admits members of staff only."""
    return cast(Overseer, request.user)


class ScopedChoices(BaseModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone, and of no use here
    """For pages and inlines: a field offers the rows that the person sees, and none of a model without pages."""

    def get_field_queryset(
        self, db: str | None, db_field: RelatedField[Any, Any], request: HttpRequest
    ) -> QuerySet[Any] | None:
        offered = super().get_field_queryset(db, db_field, request)
        if person_of(request).is_superuser:
            return offered
        related = db_field.remote_field.model
        page = self.admin_site._registry.get(related)
        return page.get_queryset(request) if page else related._default_manager.none()


class ScopedAdmin(ScopedChoices, admin.ModelAdmin[Row]):
    # The field that holds the agency of a row. None: all rows belong to no agency.
    belongs_to: ClassVar[str | None] = None

    def __init__(self, model: type[Row], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        is_defined = any("belongs_to" in vars(kind) for kind in type(self).__mro__ if kind is not ScopedAdmin)
        # A page whose model has an agency must decide; left out by mistake, it would show every agency's rows.
        if not is_defined and any(_leads_to_agency(field) for field in model._meta.get_fields()):
            raise ImproperlyConfigured(f"say what rows of {model._meta.label} belong to")

    # ---- the agency of a row

    def agency_of(self, row: Row) -> object:
        """The agency that the row belongs to, or None."""
        return getattr(row, self.belongs_to) if self.belongs_to else None

    def may_write(self, request: HttpRequest, row: Row) -> bool:
        person = person_of(request)
        agency = None if person.is_superuser else self.agency_of(row)
        return person.is_superuser or (agency is not None and person.oversees(agency))

    def writable(self, request: HttpRequest, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Those of `rows` that the person may write, as `may_write` decides."""
        person = person_of(request)
        if person.is_superuser:
            return rows
        if self.belongs_to is None:
            return rows.none()
        return rows.filter(**{f"{self.belongs_to}__in": person.agencies.order_by().values("pk")})

    def _may_write_some(self, request: HttpRequest) -> bool:
        return person_of(request).is_superuser or self.belongs_to is not None

    # ---- Django's own methods

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

    def get_form(
        self, request: HttpRequest, obj: Row | None = None, change: bool = False, **kwargs: object
    ) -> type[forms.ModelForm[Row]]:
        """Requires an agency of a person who may not write rows of no agency."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if self._is_optional() and self.belongs_to in form.base_fields and not person_of(request).is_superuser:
            form.base_fields[self.belongs_to].required = True
        return form

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:  # Any: the stubs differ by version of Python
        offered: dict[str, Any] = super().get_actions(request)
        return {name: (self._for_writable_rows(act), *details) for name, (act, *details) in offered.items()}

    def _for_writable_rows(self, act: Action) -> Action:
        """`act`, refused where the person may only see one of the chosen rows."""

        @wraps(act)
        def guarded(page: admin.ModelAdmin[Row], request: HttpRequest, rows: QuerySet[Row]) -> object:
            chosen = rows.order_by()
            if chosen.exclude(pk__in=self.writable(request, chosen).values("pk")).exists():
                raise PermissionDenied(_("Có dòng đã chọn không thuộc cơ quan của bạn."))
            return act(page, request, rows)

        return guarded

    # Any: each admin has a form of its own.
    def save_model(self, request: HttpRequest, obj: Row, form: Any, change: bool) -> None:
        """Checks once more, both the stored row and the new one: a form could move a row to another agency."""
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

    def field_choices(
        self, field: RelatedField[Any, Any], request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Any:  # Any: the stubs of Django's field and of its filter do not agree
        page = model_admin.admin_site.get_model_admin(field.remote_field.model)
        seen = {"pk__in": page.get_queryset(request).order_by().values("pk")}
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=seen)


def _leads_to_agency(field: object) -> bool:
    """Whether the model itself refers to an agency. A relation that another model has to this one does not count."""
    related = field.related_model if isinstance(field, Column) and field.concrete and field.is_relation else None
    return isinstance(related, type) and related._meta.label == "catalog.Agency"
