"""The partner contract's addresses, its description for machines, and the same to read and try."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import path, register_converter
from django.urls.converters import IntConverter
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from . import moves
from .attachments import AttachmentsView, AttachmentView
from .bulk import BulkView
from .dossiers import DossiersView, DossierView
from .history import HistoryView

app_name = "api"


class OrdinalConverter(IntConverter):
    """As many digits as the column holds."""

    regex = "[0-9]{1,4}"


register_converter(OrdinalConverter, "ordinal")

urlpatterns = [
    path("dossiers", DossiersView.as_view(), name="dossiers"),
    path("dossiers/bulk", BulkView.as_view(), name="bulk"),
    path("dossiers/<uuid:uuid>", DossierView.as_view(), name="dossier"),
    path("dossiers/<uuid:uuid>/history", HistoryView.as_view(), name="history"),
    path("dossiers/<uuid:uuid>/attachments", AttachmentsView.as_view(), name="attachments"),
    path("dossiers/<uuid:uuid>/attachments/<ordinal:ordinal>", AttachmentView.as_view(), name="attachment"),
    *moves.paths(),
    path("openapi.json", login_not_required(SpectacularJSONAPIView.as_view()), name="openapi"),
    path("docs", login_not_required(SpectacularSwaggerSplitView.as_view(url_name="api:openapi")), name="docs"),
]
