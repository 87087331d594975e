"""Django's admin without the scripts that fill in slugs, which weigh a quarter of a page: nothing of ours has any."""

from __future__ import annotations

from typing import TypeVar

from django import forms
from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db.models import Model

from . import generics
from .scoped_admin import ScopedAdmin

Row = TypeVar("Row", bound=Model)
Person = TypeVar("Person", bound=AbstractUser)


def scripts(_admin: object) -> forms.Media:
    """What Django asks for on every page of a model, but for `urlify`, `prepopulate` and `xregexp`."""
    smallest = "" if settings.DEBUG else ".min"
    names = [f"vendor/jquery/jquery{smallest}", "jquery.init", "core", "admin/RelatedObjectLookups", "actions"]
    return forms.Media(js=[f"admin/js/{name}.js" for name in names])


class ModelAdmin(ScopedAdmin[Row]):
    media = property(scripts)


class UserAdmin(ScopedAdmin[Person], generics.UserAdmin[Person]):
    media = property(scripts)
