from django.urls import path

from . import days_off, views

app_name = "batches"

urlpatterns = [
    path("", views.mine, name="mine"),
    path("days-off/", days_off.due_on_days_off, name="days-off"),
    path("propose/", views.propose_chosen, name="propose"),
    path("<uuid:uuid>/", views.batch, name="batch"),
    path("<uuid:uuid>/go-on/", views.go_on, name="go-on"),
    path("<uuid:uuid>/end/", views.end, name="end"),
    path("<uuid:uuid>/undo/", views.undo_done, name="undo"),
    path("<uuid:uuid>/results.xlsx", views.results, name="results"),
]
