from django.urls import path

from . import views

app_name = "packets"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("list/", views.packet_list, name="list"),
    path("list/resend/", views.resend_found, name="resend-found"),
    path("dossier/<uuid:uuid>/", views.of_dossier, name="dossier"),
    path("portals/<slug:code>/pause/", views.pause_portal, name="pause"),
    path("portals/<slug:code>/resume/", views.resume_portal, name="resume"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/resend/", views.resend_one, name="resend"),
]
