"""The pages to sign in, to sign out, and to change one's own password."""

from __future__ import annotations

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
from .own.language import show_in_language_of
from .own.sessions import end_sessions
from .sessions import begin


def waiting_words(seconds: int) -> str:
    """The time to wait in words."""
    if seconds < 100:
        return ngettext("%(number)d giây", "%(number)d giây", seconds) % {"number": seconds}
    minutes = -(-seconds // 60)
    return ngettext("%(number)d phút", "%(number)d phút", minutes) % {"number": minutes}


class SignInView(LoginView):
    template_name = "staff/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Counts the try before the password is checked, because checking a password is expensive."""
        if not (request.POST.get("username", "").strip() and request.POST.get("password")):
            return super().post(request, *args, **kwargs)
        self.attempt = SignInAttempt.of(request, request.POST["username"])
        if wait := self.attempt.seconds_to_wait():
            message = _("Đã thử đăng nhập quá nhiều lần. Vui lòng thử lại sau %(wait)s.") % {
                "wait": waiting_words(wait)
            }
            return self._throttled(message, 429, wait)
        try:
            return super().post(request, *args, **kwargs)
        except TooManyAtOnce as error:
            self.attempt.not_made()
            message = _("Đang có nhiều người đăng nhập cùng lúc. Vui lòng bấm đăng nhập lại.")
            return self._throttled(message, 503, error.retry_after)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        begin(self.request)
        self.attempt.succeeded()
        user = form.get_user()
        assert isinstance(user, User)  # noqa: S101 no other user model is in use
        remember(self.request, response, user)
        show_in_language_of(user, response)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        if hasattr(self, "attempt"):
            # An error of a field, such as a name that is too long, is found without checking the password.
            if form.has_error("__all__"):
                self.attempt.failed()
            else:
                self.attempt.not_made()
        return super().form_invalid(form)

    def _throttled(self, message: str, status: int, seconds: int) -> HttpResponse:
        # The typed name stays. The form is not validated, because that would check the password.
        form = AuthenticationForm(self.request, initial={"username": self.request.POST["username"][:150]})
        context = self.get_context_data(form=form, held_up=message)
        return self.render_to_response(context, status=status, headers={"Retry-After": str(seconds)})


class SignOutView(LogoutView):
    def get_default_redirect_url(self) -> str:
        """Marks a deliberate sign-out: the browser then deletes what it kept, but not after an expired session."""
        return reverse("sign-in", query={"signed-out": "1"})


def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Replaces the admin's own sign-in page: redirects to the office's page, and from there back."""
    if request.user.is_authenticated and not admin.site.has_permission(request):
        raise PermissionDenied(_("Vai trò của bạn không được sử dụng trang quản trị."))
    page = SignInView()
    page.setup(request)
    target = page.get_redirect_url() or resolve_url("admin:index")
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    return HttpResponseRedirect(f"{resolve_url('sign-in')}?{urlencode({'next': target})}")


class OwnPasswordForm(PasswordChangeForm):
    """Refuses the old password as the new one: otherwise a user who must change it could keep it."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": gettext_lazy("Mật khẩu hiện tại chưa đúng. Vui lòng nhập lại."),
    }

    def __init__(self, user: User, *args: object, **kwargs: object) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["old_password"].label = _("mật khẩu hiện tại")
        self.fields["new_password1"].label = _("mật khẩu mới")
        self.fields["new_password2"].label = _("nhập lại mật khẩu mới")
        self.fields["new_password2"].error_messages["required"] = _("Nhập lại mật khẩu mới.")

    def clean_new_password1(self) -> str:
        new: str = self.cleaned_data.get("new_password1", "")
        if new and new == self.cleaned_data.get("old_password"):
            raise ValidationError(_("Mật khẩu mới phải khác mật khẩu hiện tại."), "password_unchanged")
        return new

    def save(self, commit: bool = True) -> User:
        assert isinstance(self.user, User)  # noqa: S101 no other user model is in use
        self.user.must_change_password = False
        return super().save(commit)


class OwnPasswordView(RedirectURLMixin, PasswordChangeView):
    """The page for all users. A new password ends all other sessions of the account, because a session holds a hash of
    the password's hash."""

    template_name = "staff/own_password.html"
    form_class = OwnPasswordForm
    next_page = "dossiers:home"
    success_url = ""

    @method_decorator(sensitive_post_parameters())
    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Limits tries as the sign-in page does: a stranger at an open session could guess the old password here."""
        user = self._user
        if wait := brakes.press(rate_of("sign_in_account"), "own_password", user.pk):
            message = _("Đã nhập sai mật khẩu quá nhiều lần. Vui lòng thử lại sau %(wait)s.") % {
                "wait": waiting_words(wait)
            }
            context = self.get_context_data(form=self.form_class(user), held_up=message)
            return self.render_to_response(context, status=429, headers={"Retry-After": str(wait)})
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_valid(form)
        # They admit nobody any more; ended, so that no list shows them as open.
        end_sessions(self._user, except_key=self.request.session.session_key)
        brakes.release("own_password", self._user.pk)
        self._record(SignIn.Outcome.CHANGED, "changed the password")
        messages.success(
            self.request, _("Đã đổi mật khẩu. Các thiết bị khác đang đăng nhập tài khoản này đã được đăng xuất.")
        )
        return response

    def form_invalid(self, form: PasswordChangeForm) -> HttpResponse:
        if "old_password" in form.errors and form.data.get("old_password"):
            self._record(SignIn.Outcome.WRONG_OLD, "typed a wrong old password")
        else:
            brakes.give_back(rate_of("sign_in_account"), "own_password", self._user.pk)
        return super().form_invalid(form)

    def get_success_url(self) -> str:
        return self.get_redirect_url() or resolve_url(self.next_page)

    def get_context_data(self, **more: object) -> dict[str, object]:
        return super().get_context_data(**more, next=self.get_redirect_url(), forced=self._user.must_change_password)

    def _record(self, outcome: SignIn.Outcome, message: str) -> None:
        record(self._user, outcome, address_of(self.request), message)

    @property
    def _user(self) -> User:
        assert isinstance(self.request.user, User)  # noqa: S101 SignedInOnly admits no other visitor
        return self.request.user
