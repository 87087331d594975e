"""The catalogue in Django's admin: procedures, agencies, and the working calendar."""

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
    # The row of an agency says where it stands in the tree, so only a user who oversees its parent changes it.
    belongs_to = "parent"
    list_display = ["code", "name", "level", "parent", "is_active"]
    list_filter = ["level", "is_active"]
    list_select_related = ["parent"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["parent"]
    show_full_result_count = False
    inlines = [WorkingHoursInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agency]:
        """The user's own agency and all below it. Fields of forms offer the same."""
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
    # The admin searches the text as typed. `search` holds code and name without accents, so both forms are found.
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
