"""Where a partner gets its token (RFC 6749 §4.4) and gives it back (RFC 7009)."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from oauth2_provider.views import RevokeTokenView

from .views import token

app_name = "partners"

urlpatterns = [
    path("token", token, name="token"),
    path("revoke", login_not_required(RevokeTokenView.as_view()), name="revoke"),
]
