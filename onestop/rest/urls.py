"""What no resource answers to, below `api/`."""

from django.urls import re_path

from .views import UnknownAddress

urlpatterns = [re_path("", UnknownAddress.as_view())]
