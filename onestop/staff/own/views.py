"""The page of one's own account: what others keep of it, what one decides oneself, and where one is signed in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from onestop.common.input.form_fields import EmailField
from onestop.common.web.methods import post_only
from onestop.staff.models import User
from onestop.staff.requests import StaffRequest
from onestop.staff.users.rules import administrators_of

from .sessions import end_sessions, open_sessions

# More names than these do not help to find one who answers.
ADMINISTRATORS_SHOWN = 3


class OwnAccountForm(forms.ModelForm[User]):
    """What a user decides alone. Name, position and agency stand on papers; the office's administrator keeps them."""

    email = EmailField(
        label=gettext_lazy("email"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("Địa chỉ nhận thông báo của hệ thống, nếu vai trò của bạn có thông báo."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    uses_keys = forms.BooleanField(
        label=gettext_lazy("sử dụng phím tắt"),
        required=False,
        help_text=gettext_lazy(
            "Tắt khi nhập liệu bằng giọng nói hoặc hay chạm nhầm bàn phím. Nhấn ? để xem các phím."
        ),
    )

    class Meta:
        model = User
        fields = ["email", "uses_keys"]


@require_http_methods(["GET", "POST"])
@never_cache
def own_page(request: StaffRequest) -> HttpResponse:
    # A copy: a form that is not valid leaves its values in the row, and the header shows the user's own.
    account = User.objects.get(pk=request.user.pk)
    form = OwnAccountForm(request.POST or None, instance=account)
    if form.is_valid():
        form.save(commit=False).save(update_fields=["email", "uses_keys"])
        messages.success(request, _("Đã lưu."))
        return redirect("own-page")
    context: dict[str, Any] = {  # Any: a context has whatever the template shows
        "form": form,
        "sessions": open_sessions(request.user, request.session.session_key),
        "administrators": administrators_of(request.user)[:ADMINISTRATORS_SHOWN],
        "languages": settings.LANGUAGES,
    }
    return render(request, "staff/own_page.html", context)


@post_only
def end_own_sessions(request: StaffRequest) -> HttpResponseRedirect:
    """Ends the session of `mark`, or without one all others. The session of this request is ended by signing out."""
    mark = request.POST.get("mark", "")[:16]
    number = end_sessions(request.user, mark=mark, except_key=request.session.session_key)
    if number:
        ended = ngettext("Đã đăng xuất %(number)d thiết bị.", "Đã đăng xuất %(number)d thiết bị.", number)
        messages.success(request, ended % {"number": number})
    else:
        messages.info(request, _("Thiết bị này đã đăng xuất trước đó."))
    return redirect("own-page")
