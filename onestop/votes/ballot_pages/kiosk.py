"""The tablet at the counter (máy đánh giá tại quầy): a citizen types the dossier's code and rates the service.

The tablet needs no account. A member of staff opens its address, which is signed and contains the agency.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from onestop.catalog.models import Agency
from onestop.dossiers.codes.reading import code_meant
from onestop.dossiers.models import Dossier, DossierQuerySet
from onestop.staff.models import Role
from onestop.staff.requests import StaffRequest

from .flow import NOTICE_SECONDS, Place, fill_in, notice, too_many, unlisted
from .forms import CodeForm
from .qr import QrPath
from .throttles import wait_for_code

FRAME = "votes/kiosk_frame.html"
SALT, PASS_SALT = "onestop.votes.kiosk", "onestop.votes.kiosk.pass"
VALID, PASS_VALID = timedelta(days=400), timedelta(hours=1)

P = ParamSpec("P")


@dataclass(frozen=True)
class Kiosk:
    """The tablet of one agency, from its signed address."""

    signed: str
    agency: Agency

    @property
    def place(self) -> Place:
        return Place(FRAME, reverse("votes:kiosk-start", args=[self.signed]))

    @property
    def dossiers(self) -> DossierQuerySet:
        dossiers = Dossier.objects.received_within(self.agency).filter(is_test=False)
        return dossiers.select_related("procedure", "agency")

    def find(self, typed: str) -> Dossier | None:
        """By code, in any spelling, or by a scanned receipt: an address that ends in the token, or the token."""
        token = "".join(typed.split()).rstrip("/").rpartition("/")[2]
        return self.dossiers.filter(Q(code=code_meant(typed)) | Q(token=token)).first()


@require_GET
@never_cache
def open_kiosk(request: StaffRequest) -> HttpResponse:
    """For staff: the address of the tablet, to type or to scan there."""
    agency = request.user.agency
    if not request.user.has_role(Role.RECEPTION, Role.MANAGER):
        raise PermissionDenied(_("Thiết bị đánh giá do cán bộ một cửa hoặc lãnh đạo mở."))
    if agency is None:
        raise PermissionDenied(_("Tài khoản này không thuộc cơ quan nào nên không có thiết bị đánh giá."))
    signed = signing.dumps(agency.pk, salt=SALT)
    address = settings.PUBLIC_URL + reverse("votes:kiosk-start", args=[signed])
    context = {"agency": agency, "address": address, "qr": QrPath.of(address), "days": VALID.days}
    return render(request, "votes/kiosk.html", context)


def on_the_tablet(
    view: Callable[Concatenate[HttpRequest, Kiosk, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Decorates a page of the tablet: passes it the kiosk of its signed address."""

    @login_not_required
    @never_cache
    @wraps(view)
    def opened(request: HttpRequest, signed: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            pk = signing.loads(signed, salt=SALT, max_age=VALID)
        except signing.SignatureExpired:
            return unlisted(_expired(request))
        except signing.BadSignature as error:
            raise Http404 from error
        agency = get_object_or_404(Agency.objects.taking_in(), pk=pk)
        return unlisted(view(request, Kiosk(signed, agency), *args, **kwargs))

    return opened


@on_the_tablet
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, kiosk: Kiosk) -> HttpResponse:
    """The first page, with one field for the code."""
    if request.method != "POST":
        return _start(request, kiosk, CodeForm())
    wait = wait_for_code(request, kiosk.agency)
    if wait is not None:
        return too_many(request, kiosk.place, wait)
    form = CodeForm(request.POST)
    dossier = kiosk.find(form.cleaned_data["code"]) if form.is_valid() else None
    if dossier is not None:
        # Not the receipt's token: a code is easily guessed, and the token opens the look-up page, too.
        one_time = signing.dumps(dossier.pk, salt=PASS_SALT)
        return redirect("votes:kiosk-ballot", kiosk.signed, one_time)
    if form.is_valid():
        form.add_error(
            "code", _("Không tìm thấy hồ sơ này tại đây. Vui lòng kiểm tra mã trên giấy tiếp nhận và nhập lại.")
        )
    return _start(request, kiosk, form)


def _start(request: HttpRequest, kiosk: Kiosk, form: CodeForm) -> HttpResponse:
    return render(request, "votes/kiosk_start.html", {"form": form, "agency": kiosk.agency, "place": Place(FRAME)})


@on_the_tablet
@require_http_methods(["GET", "HEAD", "POST"])
def ballot(request: HttpRequest, kiosk: Kiosk, one_time: str) -> HttpResponse:
    """The questions; a pass that is too old leads back to the first page."""
    try:
        pk = signing.loads(one_time, salt=PASS_SALT, max_age=PASS_VALID)
    except signing.BadSignature:
        return redirect(kiosk.place.start)
    dossier = get_object_or_404(kiosk.dossiers, pk=pk)
    return fill_in(request, dossier, kiosk.place, reverse("votes:kiosk-thanks", args=[kiosk.signed]))


@on_the_tablet
@require_GET
def thanks(request: HttpRequest, kiosk: Kiosk) -> HttpResponse:
    return render(request, "votes/thanks.html", {"place": kiosk.place, "seconds": NOTICE_SECONDS})


def _expired(request: HttpRequest) -> HttpResponse:
    return notice(
        request,
        Place(FRAME),
        _("Thiết bị đánh giá cần được mở lại"),
        _(
            "Địa chỉ của thiết bị này đã hết hạn. Vui lòng đề nghị cán bộ một cửa mở lại ở trang "
            "“Thiết bị đánh giá tại quầy”."
        ),
        status=410,
    )
