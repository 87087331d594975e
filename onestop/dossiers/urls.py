from django.urls import path, re_path

from . import views

app_name = "dossiers"

urlpatterns = [
    path("", views.dossier_list, name="list"),
    path("dossiers/receive/", views.procedure_search, name="procedure-search"),
    # Published codes hold dots and, some of them, letters.
    re_path(r"^dossiers/receive/(?P<code>[\w.-]+)/$", views.receive, name="receive"),
    path("dossiers/<uuid:uuid>/", views.detail, name="detail"),
    path("dossiers/<uuid:uuid>/files/<int:ordinal>/", views.attachment, name="attachment"),
    path("dossiers/<uuid:uuid>/<slug:move>/", views.move, name="move"),
]
