"""What `manage.py check --database default` and `migrate` say about the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db import DEFAULT_DB_ALIAS, Error, transaction
from django.utils import timezone

from .calendar import years_without_calendar


def calendar_is_loaded(
    app_configs: Sequence[AppConfig] | None, databases: Iterable[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Due dates are computed without the holidays of a year that has none on record: somebody must be told."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    try:
        # A savepoint where a transaction is open: the failed query of a database without tables must not spoil it.
        with transaction.atomic():
            years = years_without_calendar(timezone.now())
    except Error:
        return []
    if not years:
        return []
    return [
        checks.Warning(
            f"Chưa có ngày nghỉ lễ nào của năm {' và '.join(map(str, years))}: hạn trả kết quả được tính như không có "
            "ngày lễ.",
            hint=f"Chạy: python manage.py load_calendar --from {years[0]} --to {years[-1]}",
            id="catalog.W001",
        )
    ]
