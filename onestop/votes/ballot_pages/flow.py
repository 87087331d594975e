"""How a ballot is filled in: the same on a citizen's phone and on the tablet at a counter."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from onestop.dossiers.models import Dossier
from onestop.votes.ballots import AlreadyRated
from onestop.votes.models import BallotSlip, QuestionSet

from .forms import BallotForm
from .throttles import wait_for_ballot

# After so long a tablet returns to its first page: from a message, and from a ballot that the citizen has abandoned.
NOTICE_SECONDS, ABANDONED_SECONDS = 8, 180


@dataclass(frozen=True)
class Place:
    """Where a ballot is filled in: the template around the page, and the address of a tablet's first page."""

    frame: str
    start: str = ""


def fill_in(request: HttpRequest, dossier: Dossier, place: Place, thanks: str) -> HttpResponse:
    """The ballot of `dossier`, blank or with errors; when it is cast, `thanks`; or a page with the reason for none."""
    wait = wait_for_ballot(request) if request.method == "POST" else None
    if wait is not None:
        return too_many(request, place, wait)
    question_set = QuestionSet.objects.for_dossier(dossier, timezone.localdate())
    if dossier.accepted_at is None:
        return notice(request, place, _("Chưa đánh giá được"), _("Hồ sơ này chưa được tiếp nhận."))
    if question_set is None:
        return notice(request, place, _("Chưa đánh giá được"), _("Hiện không có đợt lấy ý kiến nào cho hồ sơ này."))
    if BallotSlip.objects.filter(dossier=dossier, question_set=question_set).exists():
        return already_rated(request, place)
    if request.method == "POST":
        return _take(request, dossier, question_set, place, thanks)
    return _ask(request, dossier, BallotForm(question_set), place)


def _take(
    request: HttpRequest, dossier: Dossier, question_set: QuestionSet, place: Place, thanks: str
) -> HttpResponse:
    # The numbers of questions belong to their set: answers to another set must not count for this one.
    if request.POST.get("question_set") != str(question_set.pk):
        return _ask(request, dossier, BallotForm(question_set), place, changed=True)
    form = BallotForm(question_set, request.POST)
    try:
        kept = form.cast(dossier)
    except AlreadyRated:
        return already_rated(request, place)
    return redirect(thanks) if kept else _ask(request, dossier, form, place)


def _ask(
    request: HttpRequest, dossier: Dossier, form: BallotForm, place: Place, *, changed: bool = False
) -> HttpResponse:
    context = {"dossier": dossier, "form": form, "changed": changed, "place": place, "seconds": ABANDONED_SECONDS}
    return render(request, "votes/ballot.html", context)


def already_rated(request: HttpRequest, place: Place) -> HttpResponse:
    return notice(
        request,
        place,
        _("Hồ sơ này đã được đánh giá"),
        _("Mỗi hồ sơ được đánh giá một lần, và ý kiến đã gửi được giữ nguyên. Xin cảm ơn ông/bà."),
    )


def too_many(request: HttpRequest, place: Place, seconds: int) -> HttpResponse:
    answer = notice(
        request,
        place,
        _("Vui lòng chờ trong giây lát"),
        _("Đang có quá nhiều lượt gửi cùng lúc. Ý kiến này chưa được ghi; vui lòng đợi một phút rồi gửi lại."),
        status=429,
    )
    answer["Retry-After"] = str(seconds)
    return answer


def notice(request: HttpRequest, place: Place, title: str, text: str, status: int = 200) -> HttpResponse:
    context = {"title": title, "text": text, "place": place, "seconds": NOTICE_SECONDS}
    return render(request, "votes/notice.html", context, status=status)


def unlisted(answer: HttpResponse) -> HttpResponse:
    """Keeps the page out of search engines, and its address from other sites.

    Not `no-referrer`: with it a browser sends forms without an origin, and the CSRF check refuses those.
    """
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "same-origin"
    return answer
