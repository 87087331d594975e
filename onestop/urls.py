"""The addresses of the site, by app."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from onestop.partners.views import metadata
from onestop.staff.own.language import choose_language

urlpatterns = [
    path("", include("onestop.dossiers.urls")),
    path("batches/", include("onestop.batches.urls")),
    path("", include("onestop.staff.urls")),
    path("", include("onestop.votes.urls")),
    path("", include("onestop.statistics.urls")),
    path("packets/", include("packets.desk.urls")),
    path("metrics", include("packets.monitoring.metrics")),
    path("oauth2/", include("onestop.partners.urls")),
    path(".well-known/oauth-authorization-server", metadata, name="oauth_metadata"),
    path("api/v1/", include("onestop.api.urls")),
    path("api/v1/", include("packets.api.urls")),
    path("api/", include("onestop.rest.urls")),
    path("i18n/", login_not_required(choose_language), name="set_language"),
    path("admin/", include("onestop.staff.administration.django_admin_urls")),
    path("admin/", admin.site.urls),
]
