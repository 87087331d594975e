"""What `manage.py check` says about who else may read what is kept."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks


def kept_to_ourselves(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """The settings take from others what they can at every start; left is what belongs to another account."""
    open_to_others = [path for path in _kept() if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077]
    if not open_to_others:
        return []
    named = " ".join(f"'{path}'" for path in open_to_others)
    return [
        checks.Warning(
            f"Tài khoản khác trên máy chủ này đọc được dữ liệu của văn phòng: {named}.",
            hint=f"Chạy bằng tài khoản sở hữu tệp: chmod -R go= {named}",
            id="staff.W001",
        )
    ]


def _kept() -> list[Path]:
    database = settings.DATABASES["default"]
    embedded = [Path(database["NAME"])] if database["ENGINE"].endswith("sqlite3") else []
    data = Path(settings.DATA_DIR)
    return [data, Path(settings.MEDIA_ROOT), data / "secret_key", *embedded]
