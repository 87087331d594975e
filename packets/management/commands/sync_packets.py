"""`python manage.py sync_packets`: the worker that collects what was recorded and delivers it."""

from __future__ import annotations

import signal
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from packets import dialects
from packets.collecting.collect import collect, unreported_publications, unreported_transitions
from packets.delivery.sender import deliver
from packets.models import Packet, PacketState, Portal
from packets.monitoring.remaining import Leftover, leftovers, may_go_on_at
from packets.queue import db_clock
from packets.worker import Worker

# While `--wait` runs: how often it looks for packets that have become due, and how often it prints what it waits for.
LOOK_SECONDS, REPORT_SECONDS = 1.0, 10.0


class Command(BaseCommand):
    help = "Tạo gói tin từ những gì đã ghi nhận và gửi tới các cổng. Không có tùy chọn: làm cả hai một lượt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--collect", action="store_true", help="chỉ tạo gói tin")
        parser.add_argument("--deliver", action="store_true", help="chỉ gửi gói tin đã tạo")
        parser.add_argument(
            "--drain",
            action="store_true",
            help="gửi đến hết, kể cả gói đang hẹn gửi lại; báo lỗi nếu còn gói chưa gửi được",
        )
        parser.add_argument(
            "--wait",
            type=int,
            default=0,
            metavar="GIÂY",
            help="với --drain: chờ nhiều nhất chừng ấy giây cho cổng đang được để yên, gói hẹn gửi lại, "
            "gói mà một tiến trình khác còn giữ",
        )
        parser.add_argument("--loop", action="store_true", help="chạy mãi; Ctrl-C hoặc SIGTERM để dừng")
        parser.add_argument("--dry-run", action="store_true", help="chỉ cho biết sẽ làm gì")
        parser.add_argument("--portal", metavar="MÃ", help="chỉ cổng này")

    def handle(self, *args: object, **options: Any) -> None:
        if options["loop"] and (options["drain"] or options["dry_run"]):
            raise CommandError("--loop không đi cùng --drain hoặc --dry-run.")
        if options["wait"] < 0 or (options["wait"] and not options["drain"]):
            raise CommandError("--wait đi cùng --drain, là số giây từ 0 trở lên.")
        self.portal: str | None = options["portal"]
        self.collects = options["collect"] or not options["deliver"]
        self.delivers = options["deliver"] or not options["collect"]
        self.drains = options["drain"]
        self.quiet = options["loop"] or options["verbosity"] == 0
        self.stopping = threading.Event()
        self.last_text, self.report_from = "", 0.0
        if options["dry_run"]:
            self.preview()
        elif options["loop"]:
            self.work_until_stopped()
        else:
            self.pass_over(self.portals())
            if self.drains:
                self.wait_for_the_rest(options["wait"])
                self.insist_on_empty()

    def portals(self) -> list[Portal]:
        working = Portal.objects.working()
        if self.portal is None:
            if not (self.quiet or working.exists()):
                self.stderr.write("Chưa có cổng nào đang gửi. Tạo bằng: python manage.py add_portal …")
            return list(working)
        if not Portal.objects.filter(code=self.portal).exists():
            raise CommandError(f"Không có cổng nào mang mã {self.portal}.")
        return list(working.filter(code=self.portal))

    def pass_over(self, portals: list[Portal]) -> None:
        """One round over `portals`."""
        for portal in portals:
            if self.collects and not self.stopping.is_set():
                with self.progress(f"{portal.code}: tạo gói tin") as on_progress:
                    collected = collect(portal, on_progress)
                self.say(
                    f"{portal.code}: {collected.ready} gói mới, {collected.stopped} gói dừng vì chưa hợp lệ, "
                    f"{collected.superseded} gói cũ được thay"
                )
            if self.delivers and not self.stopping.is_set():
                with self.progress(f"{portal.code}: gửi") as on_progress:
                    sent = deliver(portal, waiting_too=self.drains, stop=self.stopping.is_set, on_progress=on_progress)
                self.say(
                    f"{portal.code}: {sent.accepted} gói được nhận, {sent.retry} gói hẹn gửi lại, "
                    f"{sent.stopped} gói dừng"
                )

    def preview(self) -> None:
        for portal in self.portals():
            if self.collects:
                moves = unreported_transitions(portal).count()
                kinds = dialects.of(portal).kinds_of_figures
                publications = max((unreported_publications(portal, kind).count() for kind in kinds), default=0)
                self.stdout.write(f"{portal.code}: sẽ tạo gói tin cho {moves} bước xử lý và {publications} kỳ số liệu")
            if self.delivers:
                waiting = Packet.objects.filter(portal=portal, state=PacketState.READY).count()
                self.stdout.write(f"{portal.code}: {waiting} gói đang chờ gửi tới {portal.base_url}")

    def left(self) -> list[Leftover]:
        """What is not settled at any portal. Paused portals count: the command must not report success while they hold
        packets. A webhook that its partner has paused does not count.
        """
        paused = Portal.objects.not_ended().filter(partner=None, is_active=False)
        portals = Portal.objects.working() | paused.select_related("partner")
        if self.portal is not None:
            portals = portals.filter(code=self.portal)
        return [one for portal in portals for one in leftovers(portal)]

    def wait_for_the_rest(self, seconds: int) -> None:
        """Sends what becomes due within so many seconds. A resting portal is left alone."""
        if not self.delivers:
            return
        began = time.monotonic()
        with tqdm(desc="chờ", total=seconds, unit="s", disable=True if self.quiet else None, leave=False) as bar:
            while (over := time.monotonic() - began) < seconds and not self.stopping.is_set():
                left = self.left()
                free_at = may_go_on_at(left)
                if free_at is None:
                    return
                bar.update(round(over) - bar.n)
                self.report(left)
                self.stopping.wait(min(LOOK_SECONDS, seconds - over))
                if free_at <= db_clock.now():
                    for portal in self.portals():
                        deliver(portal, stop=self.stopping.is_set)

    def report(self, left: list[Leftover]) -> None:
        """Prints what the command waits for, if that has changed and not too often."""
        text = "\n".join(map(str, left))
        if text != self.last_text and time.monotonic() >= self.report_from:
            self.last_text, self.report_from = text, time.monotonic() + REPORT_SECONDS
            self.say(text)

    def insist_on_empty(self) -> None:
        if left := self.left():
            number = sum(one.number for one in left)
            raise CommandError("\n".join([f"Còn {number} gói chưa được nhận:", *map(str, left)]))
        self.say("Mọi gói đã được nhận.")

    def work_until_stopped(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_received: self.stopping.set())
        self.stdout.write("Đang đồng bộ. Ctrl-C để dừng.")
        worker = Worker(self.stopping, self.portals, collects=self.collects, delivers=self.delivers)
        worker.run()
        self.stdout.write("Đã dừng.")

    def say(self, text: str) -> None:
        if not self.quiet:
            self.stdout.write(text)

    def progress(self, title: str) -> ProgressPrinter:
        return ProgressPrinter(title, hidden=self.quiet)


class ProgressPrinter:
    """A counter on the terminal while a long step runs."""

    def __init__(self, title: str, *, hidden: bool) -> None:
        self.bar: tqdm[NoReturn] = tqdm(desc=title, unit="", disable=True if hidden else None, leave=False)

    def __enter__(self) -> Callable[[int], object]:
        return self.bar.update

    def __exit__(self, *raised: object) -> None:
        self.bar.close()
