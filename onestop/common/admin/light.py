"""Django's admin without the scripts that fill in slugs, which weigh a quarter of a page: nothing of ours has any."""

from __future__ import annotations

from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import ManyToManyField, Model
from django.http import HttpRequest

from .scoped import ScopedAdmin

Row = TypeVar("Row", bound=Model)
Person = TypeVar("Person", bound=AbstractUser)


def scripts(_admin: object) -> forms.Media:
    """What Django asks for on every page of a model, but for `urlify`, `prepopulate` and `xregexp`."""
    smallest = "" if settings.DEBUG else ".min"
    names = [f"vendor/jquery/jquery{smallest}", "jquery.init", "core", "admin/RelatedObjectLookups", "actions"]
    return forms.Media(js=[f"admin/js/{name}.js" for name in names])


def possible(model: type[Model], initial: dict[str, Any]) -> dict[str, Any]:
    """Without what an address asks to be chosen and no row can be: `?agency=x`."""
    return {name: value for name, value in initial.items() if _is_possible(model, name, value)}


def _is_possible(model: type[Model], name: str, value: Any) -> bool:
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
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.ModelMultipleChoiceField[Any] | None:
        """Each that is chosen has a cross of its own; the one for all would be no item in a list of items."""
        field: forms.ModelMultipleChoiceField[Any] | None = super().formfield_for_manytomany(
            db_field, request, **kwargs
        )
        if field is not None:
            field.widget.is_required = True
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return possible(self.model, super().get_changeform_initial_data(request))


class UserAdmin(ScopedAdmin[Person], auth_admin.UserAdmin[Person]):
    media = property(scripts)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return possible(self.model, super().get_changeform_initial_data(request))
