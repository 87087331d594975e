"""The catalogue in Django's admin: what the office offers, who belongs to it, when it works."""

from __future__ import annotations

from django.contrib import admin

from onestop.generics import TabularInline
from onestop.light_admin import ModelAdmin

from .models import (
    Agency,
    CalendarDay,
    Field,
    Procedure,
    ProcedureFee,
    ProcedurePaper,
    ProcedureResult,
    WorkingHours,
)


class WorkingHoursInline(TabularInline[WorkingHours, Agency]):
    model = WorkingHours
    extra = 0


@admin.register(Agency)
class AgencyAdmin(ModelAdmin[Agency]):
    list_display = ["code", "name", "level", "parent", "is_active"]
    list_filter = ["level", "is_active"]
    list_select_related = ["parent"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["parent"]
    show_full_result_count = False
    inlines = [WorkingHoursInline]


@admin.register(Field)
class FieldAdmin(ModelAdmin[Field]):
    list_display = ["code", "name"]
    search_fields = ["code", "name"]


class PaperInline(TabularInline[ProcedurePaper, Procedure]):
    model = ProcedurePaper
    extra = 0


class FeeInline(TabularInline[ProcedureFee, Procedure]):
    model = ProcedureFee
    extra = 0


class ResultInline(TabularInline[ProcedureResult, Procedure]):
    model = ProcedureResult
    extra = 0


@admin.register(Procedure)
class ProcedureAdmin(ModelAdmin[Procedure]):
    list_display = ["code", "name", "field", "level", "limit", "limit_unit", "is_active"]
    list_filter = ["level", "is_active", "limit_unit", "field"]
    list_select_related = ["field"]
    # `search` holds code and name without accents, but admin searches as typed: both ways find it.
    search_fields = ["code", "name", "search"]
    autocomplete_fields = ["field", "promulgator"]
    show_full_result_count = False
    inlines = [PaperInline, FeeInline, ResultInline]


@admin.register(WorkingHours)
class WorkingHoursAdmin(ModelAdmin[WorkingHours]):
    list_display = ["agency", "weekday", "opens", "closes"]
    list_filter = ["weekday"]
    list_select_related = ["agency"]
    autocomplete_fields = ["agency"]


@admin.register(CalendarDay)
class CalendarDayAdmin(ModelAdmin[CalendarDay]):
    list_display = ["date", "kind", "name", "source"]
    list_filter = ["kind"]
    date_hierarchy = "date"
