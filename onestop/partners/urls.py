"""The address of the token endpoint (RFC 6749 §4.4). The OAuth2 library's other pages have no address."""

from django.urls import path

from .views import token

app_name = "partners"

urlpatterns = [path("token", token, name="token")]
