"""The one door to sign in at, leaving by it, and one's own password."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView, RedirectURLMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters

from onestop.common.web.hashing import TooManyAtOnce
from onestop.common.web.throttling import rate_of
from onestop.common.web.visitors import address_of

from . import brakes
from .attempts import SignInAttempt, record, remember
from .models import SignIn, User
from .sessions import begin


def waiting_words(seconds: int) -> str:
    """How long somebody has to wait, as one says it."""
    if seconds < 100:
        return ngettext("%(number)d giây", "%(number)d giây", seconds) % {"number": seconds}
    minutes = -(-seconds // 60)
    return ngettext("%(number)d phút", "%(number)d phút", minutes) % {"number": minutes}


class SignInView(LoginView):
    template_name = "staff/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whether a password is checked at all is decided first: to check one is dear."""
        if not (request.POST.get("username", "").strip() and request.POST.get("password")):
            return super().post(request, *args, **kwargs)
        self.attempt = SignInAttempt.of(request, request.POST["username"])
        if wait := self.attempt.seconds_to_wait():
            message = _("Đã thử đăng nhập quá nhiều lần. Xin thử lại sau %(wait)s.") % {"wait": waiting_words(wait)}
            return self._throttled(message, 429, wait)
        try:
            return super().post(request, *args, **kwargs)
        except TooManyAtOnce as error:
            self.attempt.not_made()
            message = _("Đang có nhiều người đăng nhập cùng lúc. Xin bấm đăng nhập lại.")
            return self._throttled(message, 503, error.retry_after)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        begin(self.request)
        self.attempt.succeeded()
        user = form.get_user()
        assert isinstance(user, User)  # noqa: S101 nobody else has an account
        remember(self.request, response, user)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        if hasattr(self, "attempt"):
            # What is wrong with a field, such as a name that is too long, was found without looking at the password.
            if form.has_error("__all__"):
                self.attempt.failed()
            else:
                self.attempt.not_made()
        return super().form_invalid(form)

    def _throttled(self, message: str, status: int, seconds: int) -> HttpResponse:
        # The name stays typed; nothing of the form is looked at, which would check the password.
        form = AuthenticationForm(self.request, initial={"username": self.request.POST["username"][:150]})
        context = self.get_context_data(form=form, held_up=message)
        return self.render_to_response(context, status=status, headers={"Retry-After": str(seconds)})


class SignOutView(LogoutView):
    def get_default_redirect_url(self) -> str:
        """Told apart from a session that ran out: what was kept in the browser goes with whoever leaves."""
        return reverse("sign-in", query={"signed-out": "1"})


def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Where Django's admin would have a door of its own: leads to ours, and from there back."""
    if request.user.is_authenticated and not admin.site.has_permission(request):
        raise PermissionDenied(_("Vai trò của bạn không dùng trang quản trị."))
    page = SignInView()
    page.setup(request)
    target = page.get_redirect_url() or resolve_url("admin:index")
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    return HttpResponseRedirect(f"{resolve_url('sign-in')}?{urlencode({'next': target})}")


class OwnPasswordForm(PasswordChangeForm):
    """Takes no password that is the old one: whoever must change it would else keep it."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": gettext_lazy("Mật khẩu hiện tại chưa đúng. Hãy gõ lại."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = _("mật khẩu hiện tại")
        self.fields["new_password1"].label = _("mật khẩu mới")
        self.fields["new_password2"].label = _("gõ lại mật khẩu mới")

    def clean_new_password1(self) -> str:
        new: str = self.cleaned_data.get("new_password1", "")
        if new and new == self.cleaned_data.get("old_password"):
            raise ValidationError(_("Mật khẩu mới phải khác mật khẩu hiện tại."), "password_unchanged")
        return new

    def save(self, commit: bool = True) -> User:
        assert isinstance(self.user, User)  # noqa: S101 nobody else has an account
        self.user.must_change_password = False
        return super().save(commit)


class OwnPasswordView(RedirectURLMixin, PasswordChangeView):
    """For everybody. All other sessions of the account end: Django's session knows the password's hash."""

    template_name = "staff/own_password.html"
    form_class = OwnPasswordForm
    next_page = "dossiers:home"
    success_url = ""

    @method_decorator(sensitive_post_parameters())
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The old password is guessed here by whoever finds a session open: held up as at the door."""
        user = self._user
        if wait := brakes.press(rate_of("sign_in_account"), "own_password", user.pk):
            message = _("Đã gõ sai mật khẩu quá nhiều lần. Xin thử lại sau %(wait)s.") % {"wait": waiting_words(wait)}
            context = self.get_context_data(form=self.form_class(user), held_up=message)
            return self.render_to_response(context, status=429, headers={"Retry-After": str(wait)})
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_valid(form)
        brakes.release("own_password", self._user.pk)
        self._record(SignIn.Outcome.CHANGED, "changed the password")
        messages.success(self.request, _("Đã đổi mật khẩu. Các máy khác đang đăng nhập tài khoản này đã bị thoát."))
        return response

    def form_invalid(self, form: PasswordChangeForm) -> HttpResponse:
        if "old_password" in form.errors and form.data.get("old_password"):
            self._record(SignIn.Outcome.WRONG_OLD, "typed a wrong old password")
        else:
            brakes.give_back(rate_of("sign_in_account"), "own_password", self._user.pk)
        return super().form_invalid(form)

    def get_success_url(self) -> str:
        return self.get_redirect_url() or resolve_url(self.next_page)

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(**more, next=self.get_redirect_url(), forced=self._user.must_change_password)

    def _record(self, outcome: SignIn.Outcome, message: str) -> None:
        record(self._user, outcome, address_of(self.request), message)

    @property
    def _user(self) -> User:
        assert isinstance(self.request.user, User)  # noqa: S101 LoginRequiredMiddleware has seen to that
        return self.request.user
