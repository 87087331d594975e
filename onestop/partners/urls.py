"""Where a partner gets its token (RFC 6749 §4.4). Nothing else of the OAuth2 library is to be reached."""

from django.urls import path

from .views import token

app_name = "partners"

urlpatterns = [path("token", token, name="token")]
