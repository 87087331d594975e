"""The addresses of the partner API, its description for machines, and a page to read and try it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import path, register_converter
from django.urls.converters import IntConverter
from drf_spectacular.views import SpectacularSwaggerSplitView

from .agencies import AgenciesView, AgencyView
from .communes import CommunesView, CommuneView
from .contract.serving import OpenApiJsonView, OpenApiView
from .dossiers import moves
from .dossiers.attachments import AttachmentsView, AttachmentView
from .dossiers.bulk import BulkView
from .dossiers.dossiers import DossiersView, DossierView
from .dossiers.history import HistoryView
from .fields import FieldsView, FieldView
from .me import MeView
from .procedures import ProceduresView, ProcedureView
from .statistics import StatisticsView
from .votes import DossierQuestionsView, DossierVoteView, VotesView

app_name = "api"


class OrdinalConverter(IntConverter):
    """A number of at most four digits, which the column can hold."""

    regex = "[0-9]{1,4}"


# The methods of the page that shows the description. The library's view fails on others.
READ = ["get", "head"]

register_converter(OrdinalConverter, "ordinal")

urlpatterns = [
    path("dossiers", DossiersView.as_view(), name="dossiers"),
    path("dossiers/bulk", BulkView.as_view(), name="bulk"),
    path("dossiers/<uuid:uuid>", DossierView.as_view(), name="dossier"),
    path("dossiers/<uuid:uuid>/history", HistoryView.as_view(), name="history"),
    path("dossiers/<uuid:uuid>/attachments", AttachmentsView.as_view(), name="attachments"),
    path("dossiers/<uuid:uuid>/attachments/<ordinal:ordinal>", AttachmentView.as_view(), name="attachment"),
    path("dossiers/<uuid:uuid>/questions", DossierQuestionsView.as_view(), name="questions"),
    path("dossiers/<uuid:uuid>/vote", DossierVoteView.as_view(), name="vote"),
    *moves.paths(),
    path("agencies", AgenciesView.as_view(), name="agencies"),
    path("agencies/<str:code>", AgencyView.as_view(), name="agency"),
    path("communes", CommunesView.as_view(), name="communes"),
    path("communes/<str:code>", CommuneView.as_view(), name="commune"),
    path("fields", FieldsView.as_view(), name="fields"),
    path("fields/<str:code>", FieldView.as_view(), name="field"),
    path("procedures", ProceduresView.as_view(), name="procedures"),
    path("procedures/<str:code>", ProcedureView.as_view(), name="procedure"),
    path("votes", VotesView.as_view(), name="votes"),
    path("me", MeView.as_view(), name="me"),
    path("statistics", StatisticsView.as_view(), name="statistics"),
    path("openapi.yaml", login_not_required(OpenApiView.as_view()), name="openapi"),
    path("openapi.json", login_not_required(OpenApiJsonView.as_view()), name="openapi_json"),
    path(
        "docs",
        login_not_required(SpectacularSwaggerSplitView.as_view(url_name="api:openapi", http_method_names=READ)),
        name="docs",
    ),
]
