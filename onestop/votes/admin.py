"""Ratings in Django's admin: questions are edited here; the answers of citizens are read-only.

Slips and ballots are not ordered by time: otherwise the n-th slip would belong to the n-th ballot.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from onestop.common.admin.pages import ModelAdmin, ReadOnlyAdmin
from onestop.common.admin.scoped import ScopedFilter
from onestop.dossiers.models import Dossier
from onestop.staff.models import User

from .models import Answer, Ballot, BallotSlip, Question, QuestionSet


class QuestionInline(admin.TabularInline[Question, QuestionSet]):
    """The questions of a set. They are read-only after the first answer."""

    model = Question
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: QuestionSet | None = None) -> bool:
        return super().has_add_permission(request, obj) and not _is_answered(obj)

    def has_change_permission(self, request: HttpRequest, obj: QuestionSet | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_answered(obj)

    def has_delete_permission(self, request: HttpRequest, obj: QuestionSet | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_answered(obj)


def _is_answered(question_set: QuestionSet | None) -> bool:
    return question_set is not None and question_set.is_answered


@admin.register(QuestionSet)
class QuestionSetAdmin(ModelAdmin[QuestionSet]):
    belongs_to = "agency"
    list_display = ["name", "agency", "is_active", "starts_on", "ends_on"]
    list_filter = ["is_active"]
    list_select_related = ["agency"]
    search_fields = ["name"]
    autocomplete_fields = ["agency"]
    fields = ["name", "agency", "is_active", "starts_on", "ends_on"]
    inlines = [QuestionInline]

    def get_readonly_fields(self, request: HttpRequest, obj: QuestionSet | None = None) -> list[str]:
        return ["name"] if _is_answered(obj) else []

    def get_fieldsets(self, request: HttpRequest, obj: QuestionSet | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if not _is_answered(obj):
            return fieldsets
        why = _(
            "Đã có người dân trả lời bộ câu hỏi này. Việc sửa câu hỏi làm thay đổi ý nghĩa của số liệu đã có, nên tên "
            "và các câu hỏi không sửa được nữa; vui lòng đặt ngày kết thúc và lập bộ câu hỏi mới."
        )
        return [(title, {**options, "description": why}) for title, options in fieldsets]


class AnswerInline(admin.TabularInline[Answer, Ballot]):
    model = Answer
    fields = ["question", "rating", "reason"]
    extra = 0
    can_delete = False
    ordering = ["question__ordinal"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Answer]:
        return super().get_queryset(request).select_related("question")

    def has_add_permission(self, request: HttpRequest, obj: Ballot | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Ballot | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Ballot | None = None) -> bool:
        """A user who may see ballots may see their answers."""
        return request.user.has_perm("votes.view_ballot")


@admin.register(Ballot)
class BallotAdmin(ReadOnlyAdmin[Ballot]):
    belongs_to = "agency"
    list_display = ["cast_on", "agency", "procedure", "question_set"]
    list_filter = [("question_set", ScopedFilter)]
    list_select_related = ["agency", "procedure", "question_set"]
    search_fields = ["agency__code__exact", "procedure__code__exact"]
    ordering = ["-cast_on", "-pk"]
    date_hierarchy = "cast_on"
    inlines = [AnswerInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ballot]:
        if not isinstance(request.user, User):
            return Ballot.objects.none()
        return Ballot.objects.filter(agency__in=request.user.agencies)


@admin.register(BallotSlip)
class BallotSlipAdmin(ReadOnlyAdmin[BallotSlip]):
    belongs_to = None
    list_display = ["dossier", "question_set"]
    list_select_related = ["dossier", "question_set"]
    search_fields = ["dossier__code__exact"]
    ordering = ["-dossier_id", "question_set_id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[BallotSlip]:
        if not isinstance(request.user, User):
            return BallotSlip.objects.none()
        if request.user.is_superuser:
            return super().get_queryset(request)
        return super().get_queryset(request).filter(dossier__in=Dossier.objects.visible_to(request.user))
