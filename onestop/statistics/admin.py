"""Figures in Django's admin. Published ones are only looked at; points that assessors give are typed in here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest

from onestop.generics import ModelChoiceField
from onestop.light_admin import ModelAdmin
from onestop.read_only import ReadOnlyAdmin
from onestop.staff.models import User

from .models import Assessment, Publication


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin[Publication]):
    list_display = ["agency", "year", "month", "revision", "published_at", "new_reception", "ballots"]
    list_filter = ["year", "month"]
    list_select_related = ["agency"]
    search_fields = ["agency__code", "agency__name"]
    ordering = ["-year", "-month", "agency_id", "-revision"]


@admin.register(Assessment)
class AssessmentAdmin(ModelAdmin[Assessment]):
    list_display = ["agency", "year", "quarter", "indicator", "points", "basis"]
    list_filter = ["year", "quarter", "indicator"]
    list_select_related = ["agency"]
    search_fields = ["agency__code", "agency__name"]
    autocomplete_fields = ["agency"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assessment]:
        if not isinstance(request.user, User):
            return Assessment.objects.none()
        return Assessment.objects.filter(agency__in=request.user.agencies)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """One gives points to the agencies whose work one may see."""
        if isinstance(request.user, User):
            kwargs["queryset"] = request.user.agencies
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
