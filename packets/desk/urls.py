from django.urls import path

from . import actions, views

app_name = "packets"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("health/", views.health, name="health"),
    path("list/", views.packet_list, name="list"),
    path("list/resend/", actions.resend_many, name="resend-found"),
    path("dossier/<uuid:uuid>/", views.of_dossier, name="dossier"),
    path("dossier/<uuid:uuid>/part/", views.part_of_dossier, name="part-of-dossier"),
    path("portals/<slug:code>/pause/", actions.pause_portal, name="pause"),
    path("portals/<slug:code>/changes/", views.changes, name="changes"),
    path("portals/<slug:code>/resume/", actions.resume_portal, name="resume"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/resend/", actions.resend_one, name="resend"),
    path("<int:pk>/give-up/", actions.give_one_up, name="give-up"),
]
