"""Published figures in Django's admin: to be looked at. `close_period` makes them, nobody changes them."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from onestop.generics import ModelAdmin

from .models import Publication


@admin.register(Publication)
class PublicationAdmin(ModelAdmin[Publication]):
    list_display = ["agency", "year", "month", "revision", "published_at", "new_reception", "ballots"]
    list_filter = ["year", "month"]
    list_select_related = ["agency"]
    search_fields = ["agency__code", "agency__name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Publication | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Publication | None = None) -> bool:
        return False
