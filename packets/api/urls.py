"""The addresses of the delivery part of the partner contract."""

from __future__ import annotations

from django.urls import path

from .deliveries import DeliveriesView, DeliveryView, PingView, RedeliverView
from .packets import PacketsView, PacketView
from .webhooks import OldSecretsView, ResumeView, SecretView, WebhooksView, WebhookView

app_name = "packets-api"

urlpatterns = [
    path("packets", PacketsView.as_view(), name="packets"),
    path("packets/<uuid:key>", PacketView.as_view(), name="packet"),
    path("webhooks", WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<slug:code>", WebhookView.as_view(), name="webhook"),
    path("webhooks/<slug:code>/secret", SecretView.as_view(), name="secret"),
    path("webhooks/<slug:code>/old_secrets", OldSecretsView.as_view(), name="old-secrets"),
    path("webhooks/<slug:code>/resume", ResumeView.as_view(), name="resume"),
    path("webhooks/<slug:code>/ping", PingView.as_view(), name="test-event"),
    path("webhooks/<slug:code>/deliveries", DeliveriesView.as_view(), name="deliveries"),
    path("webhooks/<slug:code>/deliveries/<uuid:id>", DeliveryView.as_view(), name="delivery"),
    path("webhooks/<slug:code>/deliveries/<uuid:id>/redeliver", RedeliverView.as_view(), name="redeliver"),
]
