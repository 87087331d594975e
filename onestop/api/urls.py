"""The partner contract's addresses, and its description for machines."""

from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.routers import SimpleRouter

from .agencies import AgencyViewSet
from .dossiers import DossierViewSet
from .fields import FieldViewSet
from .procedures import ProcedureViewSet

app_name = "api"

# Django's path converters, because codes hold dots and a router's own pattern stops at one.
router = SimpleRouter(use_regex_path=False)
router.register("agencies", AgencyViewSet, "agency")
router.register("fields", FieldViewSet, "field")
router.register("procedures", ProcedureViewSet, "procedure")
router.register("dossiers", DossierViewSet, "dossier")

urlpatterns = [
    path("", include(router.urls)),
    path("openapi.json", SpectacularJSONAPIView.as_view(permission_classes=[IsAuthenticated]), name="openapi"),
]
