"""Acts on a dossier besides its moves: settling a fee, asking another agency, typing in its answer, writing a note."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from onestop.catalog.models import Agency
from onestop.common.errors import Refused
from onestop.common.input.dates import MomentField
from onestop.common.input.form_fields import LineField, LinesField
from onestop.common.pagination import requested_page
from onestop.common.web.form_errors import show_on_form
from onestop.dossiers import fees, notes, opinions
from onestop.dossiers.models import Dossier, Fee, Opinion, State
from onestop.staff.models import User
from onestop.staff.requests import StaffRequest


class PayForm(forms.Form):
    method = forms.ChoiceField(
        label=_("cách nộp"), choices=Fee.Method, widget=forms.RadioSelect, initial=Fee.Method.CASH
    )
    receipt_no = LineField(label=_("số biên lai"), required=False, max_length=50)


class WaiveForm(forms.Form):
    reason = LinesField(label=_("lý do miễn"), max_length=1000, widget=forms.Textarea({"rows": 3}))


class AskForm(forms.Form):
    agency = forms.ModelChoiceField(
        Agency.objects.taking_in(), label=_("cơ quan được hỏi"), empty_label=_("chọn cơ quan")
    )
    question = LinesField(label=_("nội dung hỏi"), max_length=4000, widget=forms.Textarea({"rows": 4}))
    due_at = MomentField(label=_("thời hạn trả lời"))


class AnswerForm(forms.Form):
    text = LinesField(label=_("nội dung trả lời"), max_length=4000, widget=forms.Textarea({"rows": 4}))


class NoteForm(forms.Form):
    text = LinesField(label=_("nội dung ghi chú"), max_length=4000, widget=forms.Textarea({"rows": 3}))


def acts_of(dossier: Dossier, user: User) -> dict[str, bool]:
    """Which of these acts the page of a dossier offers; `fees` and `opinions` decide who may.

    The page offers no fee of a dossier that was turned away, and no question about one that was not accepted yet.
    """
    owes, is_accepted = dossier.state != State.REFUSED, dossier.accepted_at is not None
    may_ask_or_answer = opinions.may_ask_or_answer(user, dossier)
    return {
        "may_pay": owes and fees.may_pay(user, dossier),
        "may_waive": owes and fees.may_waive(user, dossier),
        "may_ask": is_accepted and opinions.takes_questions(dossier) and may_ask_or_answer,
        "may_answer": may_ask_or_answer,
        "may_write_note": notes.may_write(user, dossier),
    }


@require_http_methods(["GET", "POST"])
def settle_fee(request: StaffRequest, uuid: UUID, pk: int, act: str) -> HttpResponse:
    dossier = _visible(request, uuid)
    fee = get_object_or_404(dossier.fees, pk=pk)
    if act == "pay":
        return _act(request, dossier, fee, _("thu tiền"), PayForm, partial(fees.pay, fee, request.user))
    if act == "waive":
        return _act(request, dossier, fee, _("miễn phí, lệ phí"), WaiveForm, partial(fees.waive, fee, request.user))
    raise Http404


@require_http_methods(["GET", "POST"])
def ask_opinion(request: StaffRequest, uuid: UUID) -> HttpResponse:
    dossier = _visible(request, uuid)
    ask = partial(opinions.ask, dossier, request.user)
    return _act(request, dossier, None, _("hỏi ý kiến cơ quan khác"), AskForm, ask)


@require_http_methods(["GET", "POST"])
def write_note(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Adds an internal note; the dossier's page has the same form, and comes here with what was wrong."""
    dossier = _visible(request, uuid)
    if not notes.may_write(request.user, dossier):
        raise PermissionDenied(_("Vai trò của bạn không ghi chú nội bộ."))
    write = partial(notes.write, dossier, request.user)
    return _act(request, dossier, None, _("ghi chú nội bộ"), NoteForm, write)


@require_GET
def open_opinions(request: StaffRequest) -> HttpResponse:
    """The questions to the user's agency that have no answer yet, the most urgent first."""
    unanswered = Opinion.objects.filter(agency__in=request.user.agencies.values("pk"), answered_at=None)
    page = requested_page(request, unanswered.select_related("agency", "dossier").order_by("due_at", "pk"))
    return render(request, "dossiers/opinions.html", {"page": page})


@require_http_methods(["GET", "POST"])
def answer_opinion(request: StaffRequest, pk: int) -> HttpResponse:
    """For users who see the dossier, and for those of the agency that was asked, who may not see the dossier."""
    opinion = get_object_or_404(Opinion.objects.select_related("dossier", "agency"), pk=pk)
    seen = Dossier.objects.visible_to(request.user).filter(pk=opinion.dossier_id).exists()
    if not seen and not request.user.agencies.filter(pk=opinion.agency_id).exists():
        raise Http404
    return _act(
        request,
        opinion.dossier,
        opinion,
        _("trả lời ý kiến"),
        AnswerForm,
        partial(opinions.answer, opinion, request.user),
        back="dossiers:detail" if seen else "dossiers:list",
    )


def _visible(request: StaffRequest, uuid: UUID) -> Dossier:
    seen = Dossier.objects.visible_to(request.user).select_related("procedure", "agency", "unit")
    return get_object_or_404(seen, uuid=uuid)


def _act(
    request: StaffRequest,
    dossier: Dossier,
    about: Model | None,
    title: Promise,
    form_class: type[forms.Form],
    do: Callable[..., object],
    back: str = "dossiers:detail",
) -> HttpResponse:
    """The page of one act: its form, and why the act was refused. `do` takes the fields of the form by name."""
    form = form_class(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            do(**form.cleaned_data)
        except Refused as error:
            show_on_form(form, error)
        else:
            messages.success(request, _("Đã ghi nhận: %(act)s.") % {"act": title})
            return redirect(back, dossier.uuid) if back == "dossiers:detail" else redirect(back)
    context = {
        "dossier": dossier,
        "about": about,
        "title": capfirst(str(title)),
        "form": form,
        "sees_dossier": back == "dossiers:detail",
    }
    return render(request, "dossiers/act.html", context)
