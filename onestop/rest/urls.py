"""All addresses below `api/` that no resource has."""

from django.urls import re_path

from .views import UnknownAddress

urlpatterns = [re_path("", UnknownAddress.as_view())]
