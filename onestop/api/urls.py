"""The partner contract's addresses."""

from __future__ import annotations

app_name = "api"
urlpatterns: list[object] = []
