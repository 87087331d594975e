"""Replaces the admin's own pages to sign in, to sign out and to change one's password with those of the office."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from onestop.staff.signing_in import SignOutView, admin_sign_in

urlpatterns = [
    path("login/", login_not_required(admin_sign_in), name="admin-sign-in"),
    path("logout/", SignOutView.as_view(), name="admin-sign-out"),
    path("password_change/", RedirectView.as_view(pattern_name="own-password"), name="admin-own-password"),
]
