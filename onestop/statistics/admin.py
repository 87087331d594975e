"""Figures in Django's admin. Published ones are read-only; points that assessors give are typed in here."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from onestop.common.admin.pages import ModelAdmin, ReadOnlyAdmin
from onestop.staff.models import User

from .models import Assessment, Publication


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin[Publication]):
    belongs_to = "agency"
    list_display = ["agency", "year", "month", "revision", "published_at", "new_reception", "ballots"]
    list_filter = ["year", "month"]
    list_select_related = ["agency"]
    search_fields = ["agency__code", "agency__name"]
    ordering = ["-year", "-month", "agency_id", "-revision"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Publication]:
        """Publications of the user's own ministry or province, which everybody in it may read."""
        person = request.user
        if not isinstance(person, User):
            return Publication.objects.none()
        if person.is_superuser:
            return Publication.objects.all()
        level1 = person.agency.level1_id if person.agency else None
        return Publication.objects.filter(agency=level1)


@admin.register(Assessment)
class AssessmentAdmin(ModelAdmin[Assessment]):
    belongs_to = "agency"
    list_display = ["agency", "year", "quarter", "indicator", "points", "basis"]
    list_filter = ["year", "quarter", "indicator"]
    list_select_related = ["agency"]
    search_fields = ["agency__code", "agency__name"]
    autocomplete_fields = ["agency"]
