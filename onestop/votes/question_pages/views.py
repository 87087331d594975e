"""The pages of question sets: all that a user sees, one of them, a new one."""

from __future__ import annotations

from contextlib import nullcontext

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from onestop.common.pagination import requested_page
from onestop.staff.administration.history import history_of, note_added, note_changed, note_form
from onestop.staff.administration.views import require
from onestop.staff.requests import StaffRequest
from onestop.votes.models import Question, QuestionSet
from onestop.votes.starter_questions import NAME, QUESTIONS

from .forms import QuestionSetForm, Wording
from .rules import may_change_set, sets_seen_by


@require_GET
def question_sets(request: StaffRequest) -> HttpResponse:
    require(request.user, "set_questions")
    sets = sets_seen_by(request.user).select_related("agency").annotate(number=Count("questions"))
    page = requested_page(request, sets.order_by("-is_active", F("agency__path").asc(nulls_first=True), "-pk"))
    context = {"sets": page.rows, "previous": page.previous, "next": page.next}
    return render(request, "votes/question_sets.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def add_question_set(request: StaffRequest) -> HttpResponse:
    require(request.user, "set_questions")
    starts = "starter" in request.GET
    initial = {"agency": request.user.agency, "is_active": True, "name": NAME if starts else ""}
    form = QuestionSetForm(request.user, QUESTIONS if starts else [], request.POST or None, initial=initial)
    if form.is_valid():
        with transaction.atomic():
            question_set = form.save()
            _ask(question_set, form.wordings)
            note_added(request.user, question_set)
        messages.success(request, _("Đã thêm bộ câu hỏi."))
        return redirect("votes:question-sets")
    context = {"form": form, "may_change": True, "starts": starts}
    return render(request, "votes/question_set.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def question_set(request: StaffRequest, pk: int) -> HttpResponse:
    require(request.user, "set_questions")
    is_sent, seen = request.method == "POST", sets_seen_by(request.user)
    with transaction.atomic() if is_sent else nullcontext():
        # Locked, so that no ballot is cast with questions that are being replaced.
        row = get_object_or_404(seen.select_for_update(of=("self",)) if is_sent else seen, pk=pk)
        may_change = may_change_set(request.user, row)
        if is_sent and not may_change:
            raise PermissionDenied(_("Bộ câu hỏi chung áp dụng cho mọi cơ quan; chỉ quản trị hệ thống được sửa."))
        questions: list[Wording] = list(row.questions.order_by("ordinal").values_list("content", "indicator"))
        form = QuestionSetForm(
            request.user, questions, request.POST or None, instance=row, is_answered=row.is_answered
        )
        if form.is_valid():
            form.save()
            if form.numbers and form.wordings != questions:
                _ask(row, form.wordings)
                note_changed(request.user, row, gettext_lazy("câu hỏi"))
            note_form(request.user, row, form, QuestionSetForm.Meta.fields)
            messages.success(request, _("Đã lưu bộ câu hỏi."))
            return redirect("votes:question-sets")
    context = {
        "question_set": row,
        "form": form,
        "may_change": may_change,
        "questions": questions,
        "history": history_of(row),
    }
    return render(request, "votes/question_set.html", context)


def _ask(question_set: QuestionSet, wordings: list[Wording]) -> None:
    """Replaces the questions of a set that has not been answered."""
    question_set.questions.all().delete()
    Question.objects.bulk_create(
        Question(question_set=question_set, ordinal=ordinal, content=content, indicator=indicator)
        for ordinal, (content, indicator) in enumerate(wordings, 1)
    )
