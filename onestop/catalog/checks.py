"""A check of the calendar, which `manage.py check --database default` and `migrate` run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.apps import AppConfig
from django.core import checks
from django.db import DEFAULT_DB_ALIAS, Error, transaction
from django.utils import timezone

from .calendar import years_only_expected, years_with_gaps


def calendar_is_loaded(
    app_configs: Sequence[AppConfig] | None, databases: Iterable[str] | None = None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Warns where the recorded or expected days off of this year or the next may be wrong."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    try:
        # A savepoint in an open transaction: on a database without tables the failing query must not break it.
        with transaction.atomic():
            expected, gaps = years_only_expected(timezone.now()), years_with_gaps(timezone.now())
    except Error:
        return []
    messages: list[checks.CheckMessage] = []
    if expected:
        messages.append(
            checks.Warning(
                f"Lịch nghỉ của năm {_names(expected)} mới là dự kiến: hạn trả kết quả được tính theo các ngày lễ "
                "có sẵn trong phần mềm, chưa đối chiếu với thông báo của Chính phủ.",
                hint=f"Chạy {_command(expected)}, rồi đối chiếu và sửa trong trang quản trị.",
                id="catalog.W001",
            )
        )
    if gaps:
        messages.append(
            checks.Warning(
                f"Lịch của năm {_names(gaps)} có ngày nghỉ nhưng thiếu ngày lễ luật định: hạn trả kết quả được tính "
                "như không có các ngày lễ này.",
                hint=f"Chạy {_command(gaps)}",
                id="catalog.W002",
            )
        )
    return messages


def _names(years: list[int]) -> str:
    return " và ".join(map(str, years))


def _command(years: list[int]) -> str:
    return f"python manage.py load_calendar --from {years[0]} --to {years[-1]}"
