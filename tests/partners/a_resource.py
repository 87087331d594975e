"""A site with one resource of the partner contract, which tells who it takes the caller for."""

from typing import ClassVar

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.partners.scopes import ApiScope
from onestop.rest.views import ApiView


class Me(ApiView):
    scopes: ClassVar = {"get": ApiScope.DOSSIERS_READ, "post": ApiScope.DOSSIERS_MOVE}

    def get(self, request: Request) -> Response:
        return Response({"name": str(self.colleague), "scopes": sorted(self.colleague.scopes)})

    def post(self, request: Request) -> Response:
        return self.get(request)


urlpatterns = [path("me", Me.as_view()), path("oauth2/", include("onestop.partners.urls"))]
