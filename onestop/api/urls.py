"""The partner contract's addresses, and its description for machines."""

from __future__ import annotations

app_name = "api"
urlpatterns: list[object] = []
