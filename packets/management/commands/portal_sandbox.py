"""`python manage.py portal_sandbox`: runs the practice portal until SIGTERM or SIGINT."""

import errno
import signal
import sqlite3
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from packets.sandbox.mischief import Mischief
from packets.sandbox.plans import WrongPlan, read_plan
from packets.sandbox.portal import PracticePortal
from packets.sandbox.server import Server
from packets.sandbox.store import Ledger


class Command(BaseCommand):
    help = "Chạy Cổng thực hành: kiểm tra, trả lời và ghi lại mọi gói tin được gửi đến."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8100, help="0: tự chọn một cổng còn trống")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--store", type=Path, help="tệp SQLite giữ sổ ghi; mặc định trong thư mục dữ liệu")
        parser.add_argument("--mischief", type=Path, metavar="FILE", help="tệp JSON nói Cổng cố ý làm sai những gì")
        parser.add_argument("--client-id", default="demo")
        parser.add_argument("--client-secret", default="demo-secret")

    def handle(self, *args: object, **options: Any) -> None:
        mischief = read_mischief(options["mischief"]) if options["mischief"] else Mischief()
        ledger = open_ledger(options["store"] or settings.DATA_DIR / "sandbox.sqlite3")
        try:
            portal = PracticePortal(ledger, options["client_id"], options["client_secret"])
            self.serve(open_server(options["host"], options["port"], portal, mischief))
        finally:
            ledger.close()

    def serve(self, server: Server) -> None:
        """Serves until SIGTERM or SIGINT; requests under way are answered first."""
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_received: stop.set())
        listener = threading.Thread(target=server.serve_forever, args=(0.1,))
        listener.start()
        host, port = server.server_address[:2]
        self.stdout.write(_("Cổng thực hành: %(address)s") % {"address": f"http://{host!s}:{port}"})
        self.stdout.flush()
        stop.wait()
        server.stop()
        listener.join()


def read_mischief(path: Path) -> Mischief:
    try:
        return Mischief(*read_plan(path.read_bytes()))
    except OSError as error:
        message = _("Không đọc được %(path)s: %(reason)s") % {"path": path, "reason": error.strerror}
        raise CommandError(message) from error
    except WrongPlan as error:
        raise CommandError(f"{path}: {error}") from error


def open_ledger(path: Path) -> Ledger:
    try:
        return Ledger(path)
    except sqlite3.Error as error:
        message = _("Không mở được sổ ghi %(path)s: %(reason)s") % {"path": path, "reason": error}
        raise CommandError(message) from error


def open_server(host: str, port: int, portal: PracticePortal, mischief: Mischief) -> Server:
    try:
        return Server((host, port), portal, mischief)
    except (OSError, OverflowError) as error:
        place = {"host": host, "port": port, "reason": error}
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            message = _("%(host)s:%(port)d đang được chương trình khác dùng; chọn số khác bằng --port.") % place
        else:
            message = _("Không mở được %(host)s:%(port)d: %(reason)s") % place
        raise CommandError(message) from error
