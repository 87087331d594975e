from django.urls import path

from .signing_in import OwnPasswordView, SignInView, SignOutView

urlpatterns = [
    path("sign-in/", SignInView.as_view(), name="sign-in"),
    path("sign-out/", SignOutView.as_view(), name="sign-out"),
    path("password/", OwnPasswordView.as_view(), name="own-password"),
]
