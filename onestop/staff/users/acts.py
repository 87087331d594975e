"""What an administrator does with an account besides changing it: a new password, locking it, ending its sessions."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from onestop.common.web.methods import post_only
from onestop.staff.administration.history import note_changed
from onestop.staff.administration.views import require
from onestop.staff.models import User
from onestop.staff.own.sessions import end_sessions
from onestop.staff.requests import StaffRequest

from .first_password import set_first_password
from .rules import accounts_changed_by, accounts_seen_by, lock_administrators, require_possible
from .views import changeable


class Confirmation(NamedTuple):
    """What the page asks before an act: its title, what follows, and the words of the button."""

    title: Promise
    follows: tuple[Promise, ...]
    button: Promise
    is_danger: bool = False


RETIRE: Final = Confirmation(
    gettext_lazy("Khóa tài khoản"),
    (
        gettext_lazy("Người này bị đăng xuất ngay ở mọi thiết bị và không đăng nhập được nữa."),
        gettext_lazy("Hồ sơ, nhật ký và giấy tờ vẫn ghi tên người này; tài khoản có thể được mở lại."),
        gettext_lazy("Hồ sơ người này đang phụ trách không tự chuyển cho người khác; vui lòng chuyển xử lý."),
    ),
    gettext_lazy("Khóa tài khoản"),
    is_danger=True,
)
RESTORE: Final = Confirmation(
    gettext_lazy("Mở lại tài khoản"),
    (gettext_lazy("Người này đăng nhập lại được bằng mật khẩu cũ, với vai trò đang ghi."),),
    gettext_lazy("Mở lại tài khoản"),
)
NEW_PASSWORD: Final = Confirmation(
    gettext_lazy("Cấp lại mật khẩu"),
    (
        gettext_lazy("Hệ thống cấp một mật khẩu dùng một lần, chỉ hiển thị một lần, để bạn giao cho người này."),
        gettext_lazy("Người này bị đăng xuất ở mọi thiết bị và phải đổi mật khẩu khi đăng nhập lại."),
    ),
    gettext_lazy("Cấp lại mật khẩu"),
)


@require_http_methods(["GET", "POST"])
@never_cache
def retire(request: StaffRequest, pk: int) -> HttpResponse:
    return _set_activity(request, pk, RETIRE, is_active=False)


@require_http_methods(["GET", "POST"])
@never_cache
def restore(request: StaffRequest, pk: int) -> HttpResponse:
    return _set_activity(request, pk, RESTORE, is_active=True)


@require_http_methods(["GET", "POST"])
@never_cache
def new_password(request: StaffRequest, pk: int) -> HttpResponse:
    require(request.user, "manage_users")
    if pk == request.user.pk:
        return redirect("own-password")
    if request.method == "GET":
        return _ask(request, pk, NEW_PASSWORD)
    with transaction.atomic():
        account = changeable(request, pk)
        password = set_first_password(account)
        note_changed(request.user, account, gettext_lazy("mật khẩu"))
    return render(request, "staff/first_password.html", {"account": account, "password": password})


@post_only
def end_sessions_of(request: StaffRequest, pk: int) -> HttpResponse:
    require(request.user, "manage_users")
    with transaction.atomic():
        account = changeable(request, pk)
        ended = end_sessions(account, except_key=request.session.session_key)
        if ended:
            note_changed(request.user, account, gettext_lazy("phiên làm việc"))
    messages.success(request, _("Đã đăng xuất người này khỏi mọi thiết bị."))
    return redirect("user", pk)


def _set_activity(request: StaffRequest, pk: int, confirmation: Confirmation, *, is_active: bool) -> HttpResponse:
    require(request.user, "manage_users")
    if request.method == "GET":
        return _ask(request, pk, confirmation)
    with transaction.atomic():
        lock_administrators()
        account = changeable(request, pk)
        before = User.objects.get(pk=pk)
        account.is_active = is_active
        try:
            require_possible(request.user, before, account)
        except ValidationError as error:
            return _ask(request, pk, confirmation, refusals=error.messages)
        if before.is_active != is_active:
            account.save()
            end_sessions(account)
            note_changed(request.user, account, gettext_lazy("trạng thái hoạt động"))
    messages.success(request, _("Đã mở lại tài khoản.") if is_active else _("Đã khóa tài khoản."))
    return redirect("user", pk)


def _ask(
    request: StaffRequest, pk: int, confirmation: Confirmation, refusals: list[str] | None = None
) -> HttpResponse:
    account = get_object_or_404(accounts_seen_by(request.user), pk=pk)
    if not accounts_changed_by(request.user).filter(pk=pk).exists():
        raise PermissionDenied(_("Tài khoản này do quản trị hệ thống quản lý."))
    context = {"account": account, "confirmation": confirmation, "refusals": refusals or []}
    return render(request, "staff/user_act.html", context)
