from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path, reverse_lazy

urlpatterns = [
    path(
        "sign-in/",
        LoginView.as_view(template_name="staff/sign_in.html", redirect_authenticated_user=True),
        name="sign-in",
    ),
    path(
        "sign-out/",
        # Told apart from a session that ran out: what was kept in the browser goes with whoever leaves.
        LogoutView.as_view(next_page=reverse_lazy("sign-in", query={"signed-out": "1"})),
        name="sign-out",
    ),
]
