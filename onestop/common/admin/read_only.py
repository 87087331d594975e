"""Django admin of what the system alone writes: to be looked at, never added, changed or deleted."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model
from django.http import HttpRequest

from .large import LargeTableAdmin

Row = TypeVar("Row", bound=Model)


class ReadOnlyAdmin(LargeTableAdmin[Row]):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False
