"""A check that other accounts of the server cannot read the office's data, for `manage.py check`."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.core import checks


def data_is_private(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[checks.CheckMessage]:
    """Warns of files that others may read. The settings close files at every start, but cannot close those of another
    account."""
    database = settings.DATABASES["default"]
    data = Path(settings.DATA_DIR)
    paths = [data, Path(settings.MEDIA_ROOT), data / "secret_key"]
    if database["ENGINE"].endswith("sqlite3"):
        paths.append(Path(database["NAME"]))
    open_to_others = [path for path in paths if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077]
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
