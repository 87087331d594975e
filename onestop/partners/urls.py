"""The addresses of the token (RFC 6749 §4.4) and of its revocation. The OAuth2 library's other pages have none."""

from django.urls import path

from .views import revoke, token

app_name = "partners"

urlpatterns = [path("token", token, name="token"), path("revoke", revoke, name="revoke")]
