"""`python manage.py run_demo` (`make run`): the demo office with web, worker and practice portal, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from onestop.demo.people import INTRODUCED, PASSWORD, PROVINCE
from onestop.dossiers.models import Dossier
from onestop.staff.models import Role
from packets.models import Portal

WEB, PRACTICE_PORTAL = 8000, 8100
PORTAL = f"http://127.0.0.1:{PRACTICE_PORTAL}"
# The network of the practice portal. A real portal is never on the office's own machine.
LOOPBACK = "127.0.0.0/8"
STOP_SECONDS = 10


class Command(BaseCommand):
    help = "Chạy văn phòng mẫu: web, tiến trình đồng bộ và cổng thực hành. Ctrl-C để dừng tất cả."

    def handle(self, *args: object, **options: Any) -> None:
        for port in (WEB, PRACTICE_PORTAL):
            self.insist_on_free(port)
        self.prepare()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_received: sys.exit(0))
        parts: dict[str, subprocess.Popen[bytes]] = {}
        try:
            parts |= {
                "cổng thực hành": self.manage("portal_sandbox", "--port", str(PRACTICE_PORTAL)),
                "đồng bộ": self.manage("sync_packets", "--loop"),
                "web": self.start(
                    *("-m", "gunicorn", "onestop.wsgi", "--bind", f"127.0.0.1:{WEB}", "--threads", "4"),
                    *("--no-control-socket", "--log-level", "warning"),
                ),
            }
            self.wait_for_web(parts["web"])
            self.introduce()
            self.watch(parts)
        finally:
            self.end(parts)

    def prepare(self) -> None:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if not Dossier.objects.exists():
            call_command("load_demo")
        if not Portal.objects.exists():
            # In a process of its own, whose environment allows sending to this machine (`start`).
            added = self.manage(
                *("add_portal", "thuc-hanh", "--name", "Cổng thực hành", "--since", "all", "--agency", PROVINCE),
                *("--base-url", PORTAL, "--token-url", f"{PORTAL}/token", "--ledger-url", f"{PORTAL}/ledger"),
                # The practice portal's usual credentials, printed in its help.
                *("--client-id", "demo", "--client-secret", "demo-secret"),
            )
            if added.wait():
                raise CommandError("Không thêm được cổng thực hành; xem thông báo ở trên.")

    def introduce(self) -> None:
        self.stdout.write(f"\n  Bàn làm việc     http://127.0.0.1:{WEB}/")
        self.stdout.write(f"  Quản trị         http://127.0.0.1:{WEB}/admin/")
        self.stdout.write(f"  Cổng thực hành   {PORTAL}/   (những gì cổng đã nhận)\n")
        self.stdout.write(f"  Đăng nhập, mật khẩu chung {PASSWORD}:")
        for username, full_name, _position, role, _agency in INTRODUCED:
            self.stdout.write(f"    {username:<6} {full_name}, {Role(role).label}")
        self.stdout.write("    admin  Quản trị viên, mọi quyền\n\n  Ctrl-C để dừng.\n")
        self.stdout.flush()

    def insist_on_free(self, port: int) -> None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                raise CommandError(
                    f"Cổng mạng {port} đang có chương trình khác dùng. Dừng chương trình đó rồi chạy lại."
                )

    def manage(self, *words: str) -> subprocess.Popen[bytes]:
        return self.start(str(settings.BASE_DIR / "manage.py"), *words)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        # In a session of its own: Ctrl-C then reaches this process alone, which ends the others in order.
        return subprocess.Popen(  # noqa: S603 our own programs only
            [sys.executable, *words],
            cwd=settings.BASE_DIR,
            start_new_session=True,
            env={"LOG_LEVEL": "WARNING", "PORTAL_NETWORKS": LOOPBACK} | os.environ,
        )

    def wait_for_web(self, web: subprocess.Popen[bytes]) -> None:
        while web.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", WEB)) == 0:
                    return
            time.sleep(0.1)
        raise CommandError("Web không khởi động được; xem thông báo ở trên.")

    def watch(self, parts: dict[str, subprocess.Popen[bytes]]) -> None:
        """Never returns: Ctrl-C ends it, or a CommandError when one of the parts has ended."""
        while True:
            for name, process in parts.items():
                if process.poll() is not None:
                    raise CommandError(f"Phần “{name}” đã dừng (mã {process.returncode}); xem thông báo ở trên.")
            time.sleep(0.5)

    def end(self, parts: dict[str, subprocess.Popen[bytes]]) -> None:
        for process in parts.values():
            process.terminate()
        for process in parts.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
