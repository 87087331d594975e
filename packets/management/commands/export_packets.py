"""`python manage.py export_packets KIND`: prints the packets of the records as they are now, one a line."""

from __future__ import annotations

import os
import sys
import uuid
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from onestop.catalog.models import Agency
from onestop.dossiers.models import Dossier, DossierQuerySet, Transition
from onestop.statistics.models import Publication
from onestop.statistics.periods import Period
from onestop.statistics.publishing import drawn_up, reporting_agencies, reports
from packets import dialects
from packets.collecting.build import build
from packets.dialects.base import Record
from packets.models import Packet, Portal
from packets.models.kinds import KINDS, MadeOf, PacketKind, usual_dialect
from packets.queue.payload import Body, FileMissing

PAGE = 500


class Command(BaseCommand):
    help = (
        "In các gói tin của chuẩn QĐ 1705 từ dữ liệu hiện có, mỗi dòng một gói JSON, đúng từng byte như khi gửi. "
        "Kỳ chưa công bố được tính tạm và báo ở luồng lỗi."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = [kind.code for dialect in dialects.for_operators() for kind in dialect.kinds]
        parser.add_argument("kind", choices=kinds)
        parser.add_argument("--agency", metavar="MÃ", help="cơ quan này và các đơn vị trực thuộc")
        parser.add_argument(
            "--period",
            metavar="YYYY-MM|YYYY",
            help="hồ sơ tiếp nhận, bước xử lý diễn ra, hoặc số liệu của kỳ này",
        )
        parser.add_argument("--dossier", metavar="MÃ", help="chỉ hồ sơ này (document, trace)")
        parser.add_argument("--portal", metavar="MÃ", help="viết như cổng này muốn: tên trường, mã số, cách ghi ngày")
        parser.add_argument("--no-files", action="store_true", help="để trống nội dung tệp đính kèm")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            self.export(**options)
        except BrokenPipeError:
            # The reader of our output has closed it, as `head` does. Python would fail once more when it flushes at
            # the exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def export(self, **options: Any) -> None:
        kind = KINDS[options["kind"]]
        agency = self.agency(options["agency"])
        period = self.period(options["period"])
        self.portal = portal_with(options["portal"])
        self.dialect = dialects.of(self.portal) if self.portal else dialects.get(usual_dialect())
        if kind.made_of is MadeOf.PUBLICATION:
            if options["dossier"]:
                raise CommandError(f"--dossier không dùng cho {kind.code}.")
            for publication in self.publications(kind, agency, period):
                self.stdout.write(self.text(kind, publication))
            return
        dossiers = self.dossiers(agency, options["dossier"])
        if kind.made_of is MadeOf.MOVE:
            for move in self.moves(dossiers, period):
                self.stdout.write(self.text(kind, move))
        else:
            for dossier in self.documents(dossiers, period):
                self.print_document(kind, dossier, with_files=not options["no_files"])

    def text(self, kind: PacketKind, record: Record, packet: Packet | None = None) -> str:
        return self.dialect.encode(self.portal, kind.code, build(self.dialect, kind.code, record, packet))

    def agency(self, code: str | None) -> Agency | None:
        if code is None:
            return None
        try:
            return Agency.objects.get(code=code)
        except Agency.DoesNotExist as error:
            raise CommandError(f"--agency: không có cơ quan nào mang mã {code}.") from error

    def period(self, text: str | None) -> Period | None:
        try:
            return Period.parse(text) if text is not None else None
        except ValueError as error:
            raise CommandError(f"--period: {error}") from error

    def dossiers(self, agency: Agency | None, code: str | None) -> DossierQuerySet:
        reported = Dossier.objects.filter(Q(accepted_at__isnull=False) | Q(from_portal=True), is_test=False)
        if agency is not None:
            reported = reported.received_within(agency)
        if code is not None:
            reported = reported.filter(code=code)
            if not reported.exists():
                raise CommandError(f"--dossier: không có hồ sơ nào mang mã {code} thuộc diện báo cáo.")
        return reported

    def moves(self, dossiers: DossierQuerySet, period: Period | None) -> Iterator[Transition]:
        due = Transition.objects.filter(Q(accepted=True) | Q(dossier__from_portal=True), dossier__in=dossiers)
        if period is not None:
            due = due.filter(at__gte=period.start, at__lt=period.end)
        return self.dialect.load_moves(due).order_by("pk").iterator(PAGE)

    def documents(self, dossiers: DossierQuerySet, period: Period | None) -> Iterator[Dossier]:
        if period is not None:
            dossiers = dossiers.filter(accepted_at__gte=period.start, accepted_at__lt=period.end)
        return self.dialect.load_dossiers(dossiers).order_by("pk").iterator(PAGE)

    def publications(self, kind: PacketKind, agency: Agency | None, period: Period | None) -> Iterator[Publication]:
        if agency is not None and agency.parent_id is not None:
            raise CommandError(f"--agency: {kind.code} chỉ có cho cơ quan cấp 1; {agency.code} không phải.")
        if kind.months_only and period is not None and not period.is_month:
            raise CommandError(f"--period: gói {kind.label} chỉ có theo tháng, viết như 2026-10.")
        if period is None:
            yield from self.last_revisions(kind, agency)
            return
        for level1 in [agency] if agency else reporting_agencies():
            published = Publication.objects.filter(agency=level1, year=period.year, month=period.month)
            last = published.order_by("revision").last()
            if last is None and agency is None and not reports(level1, period):
                continue
            if last is None:
                self.stderr.write(f"{level1.code} {period}: chưa công bố, số liệu dưới đây là tạm tính.")
            yield last or drawn_up(level1, period)

    def last_revisions(self, kind: PacketKind, agency: Agency | None) -> Iterator[Publication]:
        published = Publication.objects.select_related("agency").order_by("year", "month", "agency", "revision")
        if agency is not None:
            published = published.filter(agency=agency)
        if kind.months_only:
            published = published.exclude(month=0)
        last = {(one.agency_id, one.year, one.month): one for one in published}
        yield from last.values()

    def print_document(self, kind: PacketKind, dossier: Dossier, *, with_files: bool) -> None:
        if not with_files:
            self.stdout.write(self.text(kind, dossier))
            return
        packet = Packet(kind=kind.code, dossier=dossier, key=uuid.uuid4())
        text = self.text(kind, dossier, packet)
        try:
            for piece in Body(text, packet.key, {file.ordinal: file for file in packet.attachments()}):
                self.stdout.write(piece.decode(), ending="")
        except FileMissing as error:
            raise CommandError(f"{dossier.code}: không đọc được tệp “{error}”.") from error
        self.stdout.write("")


def portal_with(code: str | None) -> Portal | None:
    """The portal with this code; None without a code. Raises CommandError."""
    if code is None:
        return None
    # Not a partner's webhook: it gets events, which are no packets of the standard.
    portal = Portal.objects.filter(code=code, partner=None).first()
    if portal is None:
        raise CommandError(f"--portal: không có cổng nào mang mã {code}.")
    return portal
