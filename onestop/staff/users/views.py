"""The pages on which an administrator keeps the accounts of an office: the list, one account, a new one."""

from __future__ import annotations

from contextlib import nullcontext

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from onestop.common.pagination import requested_page
from onestop.staff.administration.history import history_of, note_added, note_form
from onestop.staff.administration.views import require
from onestop.staff.models import SignIn, User
from onestop.staff.own.sessions import open_sessions
from onestop.staff.requests import StaffRequest

from .first_password import set_first_password
from .forms import AccountFilter, AccountForm, NewAccountForm
from .rules import accounts_changed_by, accounts_seen_by, lock_administrators

SIGN_INS_SHOWN = 5


@require_GET
def users(request: StaffRequest) -> HttpResponse:
    require(request.user, "manage_users")
    form = AccountFilter(request.user, request.GET)
    page = requested_page(request, form.accounts())
    context = {"form": form, "accounts": page.rows, "previous": page.previous, "next": page.next}
    return render(request, "staff/users.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def add_user(request: StaffRequest) -> HttpResponse:
    require(request.user, "manage_users")
    form = NewAccountForm(request.user, request.POST or None, initial={"agency": request.user.agency})
    if not form.is_valid():
        return render(request, "staff/user_add.html", {"form": form})
    with transaction.atomic():
        account = form.save(commit=False)
        password = set_first_password(account)
        note_added(request.user, account)
    # Shown once, in the answer itself: neither an address nor a session ever holds it.
    return render(request, "staff/first_password.html", {"account": account, "password": password, "is_new": True})


@require_http_methods(["GET", "POST"])
@never_cache
def user(request: StaffRequest, pk: int) -> HttpResponse:
    """One account: its form, where its owner is signed in, and what was changed."""
    require(request.user, "manage_users")
    is_sent = request.method == "POST"
    with transaction.atomic() if is_sent else nullcontext():
        if is_sent:
            lock_administrators()
            account = changeable(request, pk)
        else:
            account = get_object_or_404(accounts_seen_by(request.user), pk=pk)
        form = AccountForm(request.user, request.POST or None, instance=account)
        if form.is_valid():
            form.save()
            note_form(request.user, account, form)
            messages.success(request, _("Đã lưu tài khoản."))
            return redirect("user", pk)
    context = {
        # A copy: a form that is not valid leaves its values in the row.
        "account": User.objects.get(pk=pk) if form.errors else account,
        "form": form,
        "may_change": accounts_changed_by(request.user).filter(pk=pk).exists(),
        "is_own": pk == request.user.pk,
        "sessions": open_sessions(account),
        "sign_ins": SignIn.objects.filter(user=pk).order_by("-pk")[:SIGN_INS_SHOWN],
        "history": history_of(account),
    }
    return render(request, "staff/user.html", context)


def changeable(request: StaffRequest, pk: int) -> User:
    """The account in the address, locked. Raises Http404 where it is not seen, PermissionDenied where it is fixed.

    Must be called in a transaction.
    """
    account = get_object_or_404(accounts_seen_by(request.user).select_for_update(of=("self",), no_key=True), pk=pk)
    if not accounts_changed_by(request.user).filter(pk=pk).exists():
        raise PermissionDenied(
            _("Tài khoản này có vai trò hoặc quyền cao hơn vai trò của bạn; đề nghị quản trị hệ thống thay đổi.")
        )
    return account
