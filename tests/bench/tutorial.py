"""The same list of dossiers as tutorials of the framework would have it, behind the same token."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import include, path
from rest_framework import generics, serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.renderers import JSONRenderer

from onestop.api.dossiers.dossiers import DossierRow
from onestop.dossiers.models import Dossier
from onestop.partners.models import PartnerActor
from onestop.partners.scopes import ApiScope


class DossierSerializer(serializers.ModelSerializer[Dossier]):
    procedure = serializers.CharField(source="procedure.code")
    agency = serializers.CharField(source="agency.code")
    unit = serializers.CharField(source="unit.code")

    class Meta:
        model = Dossier
        fields = DossierRow.Meta.fields


class HundredAPage(PageNumberPagination):
    page_size = 100


class PlainList(generics.ListAPIView[Dossier]):
    """As the tutorials begin."""

    serializer_class = DossierSerializer
    pagination_class = HundredAPage
    renderer_classes = [JSONRenderer]

    def required_scopes(self) -> set[str]:
        return {ApiScope.DOSSIERS_READ.value}

    def get_queryset(self) -> QuerySet[Dossier]:
        assert isinstance(self.request.user, PartnerActor)
        return Dossier.objects.visible_to(self.request.user)


class JoinedList(PlainList):
    """As they go on, once somebody has counted the queries."""

    def get_queryset(self) -> QuerySet[Dossier]:
        return super().get_queryset().select_related("procedure", "agency", "unit")


urlpatterns = [
    path("", include("onestop.urls")),
    path("tutorial/plain", PlainList.as_view()),
    path("tutorial/joined", JoinedList.as_view()),
]
