#!/usr/bin/env python
"""The office's command line: `python manage.py help` lists every command."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onestop.settings")
    from django.core.management import execute_from_command_line
    from django.db.utils import OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
    except (OperationalError, ProgrammingError) as error:
        if os.environ.get("DEBUG"):
            raise
        reason = str(error).strip().splitlines()[0]
        sys.exit(
            f"Cơ sở dữ liệu chưa dùng được: {reason}\n"
            "Kiểm tra DATABASE_URL; nếu chưa tạo bảng, chạy: python manage.py migrate. (DEBUG=1 để xem chi tiết.)"
        )


if __name__ == "__main__":
    main()
