"""The addresses of the delivery part of the partner contract."""

from __future__ import annotations

from django.urls import path

from .packets import PacketsView, PacketView
from .webhooks import SecretView, WebhooksView, WebhookView

app_name = "packets-api"

urlpatterns = [
    path("packets", PacketsView.as_view(), name="packets"),
    path("packets/<uuid:key>", PacketView.as_view(), name="packet"),
    path("webhooks", WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<slug:code>", WebhookView.as_view(), name="webhook"),
    path("webhooks/<slug:code>/secret", SecretView.as_view(), name="secret"),
]
