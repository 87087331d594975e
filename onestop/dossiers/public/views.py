"""The public pages: the status of a dossier, without any data of a person.

The QR code of a receipt contains the dossier's token. A citizen without the receipt types the dossier's code and the
last digits of the phone number that was left with it.
"""

from __future__ import annotations

from math import ceil

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from onestop.dossiers.deadlines.promises import promise_to
from onestop.dossiers.models import Dossier, State
from onestop.dossiers.steps import steps_of

from .forms import LookUpForm, public_dossiers
from .outcome import outcome_of
from .throttles import end_is_enough, seconds_to_wait, was_right


@login_not_required
@require_GET
@never_cache
def look_up(request: HttpRequest, token: str) -> HttpResponse:
    """By the receipt's token, which cannot be guessed: state, dates, what to bring."""
    return _status_page(request, get_object_or_404(public_dossiers(), token=token), token)


def _status_page(request: HttpRequest, dossier: Dossier, token: str = "") -> HttpResponse:
    """`token`: the receipt's token, with which the citizen may rate the office."""
    awaited, supplement = [], None
    if dossier.state == State.AWAITING_SUPPLEMENT:
        awaited = list(dossier.papers.filter(supplement__isnull=False, received_at=None))
        # The round that is open.
        supplement = dossier.supplements.filter(received_at=None).last()
    owed = list(dossier.fees.open()) if dossier.finished_at is None or dossier.state == State.COMPLETED else []
    context = {
        "dossier": dossier,
        "steps": list(steps_of(dossier)),
        "token": token,
        "awaited": awaited,
        "owed": owed,
        "request_text": supplement.request if supplement else "",
        "respond_by": supplement.respond_by if supplement else None,
        "outcome": outcome_of(dossier),
        "promise": promise_to(dossier, dossier.due_dates.all()),
    }
    answer = render(request, "dossiers/look_up.html", context)
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """By code and the last digits of the phone. Without both, the answer does not show whether the code exists."""
    form = LookUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if waits := seconds_to_wait(request):
            answer = render(request, "dossiers/ask.html", {"form": form, "minutes": ceil(waits / 60)}, status=429)
            answer["Retry-After"] = str(waits)
            return answer
        code, has_whole_number = form.cleaned_data["code"], form.is_whole_number
        if not has_whole_number and not end_is_enough(code):
            message = _("Mã hồ sơ này vừa bị tra cứu sai nhiều lần. Vui lòng nhập đầy đủ số điện thoại đã đăng ký.")
            form.add_error("phone_end", message)
        elif (dossier := form.dossier()) is not None:
            if not has_whole_number:
                was_right(code)
            return _status_page(request, dossier)
        else:
            form.add_error(None, _("Không có hồ sơ nào với mã này và số điện thoại như vậy."))
    return render(request, "dossiers/ask.html", {"form": form})
