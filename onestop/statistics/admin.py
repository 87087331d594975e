"""Published figures in Django's admin: to be looked at. `close_period` makes them, nobody changes them."""

from __future__ import annotations

from django.contrib import admin

from onestop.read_only import ReadOnlyAdmin

from .models import Publication


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin[Publication]):
    list_display = ["agency", "year", "month", "revision", "published_at", "new_reception", "ballots"]
    list_filter = ["year", "month"]
    list_select_related = ["agency"]
    search_fields = ["agency__code", "agency__name"]
