"""The catalogue in Django's admin: what the office offers, who belongs to it, when it works."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from onestop.common.admin.pages import ModelAdmin
from onestop.common.admin.scoped import person_of

from .models import Agency, CalendarDay, Field, Procedure, ProcedureFee, ProcedurePaper, ProcedureResult, WorkingHours


class WorkingHoursInline(admin.TabularInline[WorkingHours, Agency]):
    model = WorkingHours
    extra = 0


@admin.register(Agency)
class AgencyAdmin(ModelAdmin[Agency]):
    # Where an agency hangs, and so its own row, is for whoever oversees the one above it.
    belongs_to = "parent"
    list_display = ["code", "name", "level", "parent", "is_active"]
    list_filter = ["level", "is_active"]
    list_select_related = ["parent"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["parent"]
    show_full_result_count = False
    inlines = [WorkingHoursInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agency]:
        """One's own with all below it, which is also what fields of forms offer."""
        return person_of(request).agencies


@admin.register(Field)
class FieldAdmin(ModelAdmin[Field]):
    belongs_to = None
    list_display = ["code", "name"]
    search_fields = ["code", "name"]


class ProcedurePaperInline(admin.TabularInline[ProcedurePaper, Procedure]):
    model = ProcedurePaper
    extra = 0


class ProcedureFeeInline(admin.TabularInline[ProcedureFee, Procedure]):
    model = ProcedureFee
    extra = 0


class ResultInline(admin.TabularInline[ProcedureResult, Procedure]):
    model = ProcedureResult
    extra = 0


@admin.register(Procedure)
class ProcedureAdmin(ModelAdmin[Procedure]):
    belongs_to = None
    list_display = ["code", "name", "field", "level", "limit", "limit_unit", "is_active"]
    list_filter = ["level", "is_active", "limit_unit", "field"]
    list_select_related = ["field"]
    # `search` holds code and name without accents, but admin searches as typed: both ways find it.
    search_fields = ["code", "name", "search"]
    autocomplete_fields = ["field", "promulgator"]
    show_full_result_count = False
    inlines = [ProcedurePaperInline, ProcedureFeeInline, ResultInline]


@admin.register(WorkingHours)
class WorkingHoursAdmin(ModelAdmin[WorkingHours]):
    belongs_to = "agency"
    list_display = ["agency", "weekday", "opens", "closes"]
    list_filter = ["weekday"]
    list_select_related = ["agency"]
    autocomplete_fields = ["agency"]


@admin.register(CalendarDay)
class CalendarDayAdmin(ModelAdmin[CalendarDay]):
    belongs_to = None
    list_display = ["date", "kind", "name", "source"]
    list_filter = ["kind"]
    date_hierarchy = "date"
