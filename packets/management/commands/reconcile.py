"""`python manage.py reconcile`: proves that everything due was reported and that the portal has it."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.db.models import TextChoices
from django.utils import timezone
from tqdm import tqdm

from onestop.common.spreadsheets import Value, write_csv
from packets import dialects
from packets.collecting.collect import due_publications, due_transitions
from packets.http.client import PortalError
from packets.models import Portal
from packets.models.kinds import KINDS, PacketKind
from packets.models.reasons import Reason
from packets.reconcile.coverage import FORGOTTEN, CoverageGap, CoverageStatus, forgotten, status_counts
from packets.reconcile.ledger import LedgerComparison, Mismatch
from packets.reconcile.repair import repair

Row = Sequence[Value]

LISTED = 100
HEADING = ("khác biệt", "loại", "về", "lúc", "gói", "mã chống gửi trùng")
REMEDIES: dict[TextChoices, str] = {
    CoverageStatus.MISSING: "tạo gói",
    CoverageStatus.STUCK: "cho đến lượt gửi",
    CoverageStatus.ORPHANED: "lập lại từ hồ sơ rồi gửi",
    Mismatch.LOST: "đưa lại vào hàng chờ, với mã chống gửi trùng cũ",
    Mismatch.STOPPED_HERE: "gửi lại",
}


class Command(BaseCommand):
    help = (
        "Đối chiếu: mọi bước xử lý và kỳ số liệu phải báo cáo cho cổng đều đã được nhận, đang chờ có giờ hẹn, "
        "hoặc dừng có lý do. Cổng nào cho hỏi đã nhận những gì (ledger_url) thì hỏi và so từng gói theo khóa chống "
        "trùng và mã băm."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--portal", required=True, metavar="MÃ")
        parser.add_argument("--resend", action="store_true", help="sửa những khác biệt tự sửa được và gửi lại")
        parser.add_argument("--dry-run", action="store_true", help="với --resend: chỉ cho biết sẽ làm gì")
        parser.add_argument("--csv", metavar="TỆP", type=Path, help="ghi mọi khác biệt ra tệp CSV")

    def handle(self, *args: object, **options: Any) -> None:
        if options["dry_run"] and not options["resend"]:
            raise CommandError("--dry-run đi cùng --resend.")
        portal = Portal.objects.filter(code=options["portal"]).first()
        if portal is None:
            raise CommandError(f"Không có cổng nào mang mã {options['portal']}.")
        if options["resend"] and not portal.is_working:
            raise CommandError("Cổng đang tạm dừng; cho gửi tiếp rồi mới dùng --resend.")
        self.quiet = options["verbosity"] == 0
        with LedgerComparison(portal) as comparison:
            differences = self.compare(portal, comparison, options["csv"])
            if options["dry_run"]:
                self.preview(differences)
            elif options["resend"] and differences:
                differences = self.repair_differences(portal, comparison, differences)
        if differences:
            raise CommandError(f"Còn {differences.total()} khác biệt.")
        self.stdout.write("Không có khác biệt nào.")

    def compare(self, portal: Portal, comparison: LedgerComparison, path: Path | None) -> Counter[TextChoices]:
        """Prints the comparison, and returns the number of differences by what is wrong."""
        dialect, moves = dialects.of(portal), due_transitions(portal).count()
        figures = max((due_publications(portal, kind).count() for kind in dialect.kinds_of_figures), default=0)
        self.stdout.write(f"{portal.code}: {moves} bước xử lý và {figures} kỳ số liệu phải báo cáo.")
        self.print_table(dialect.kinds, status_counts(portal))
        self.ask(portal, comparison)
        differences: Counter[TextChoices] = Counter()
        rows = self.table_rows(chain(forgotten(portal), comparison.differences()), differences)
        if path is None:
            deque(rows, maxlen=0)
        else:
            write_file(path, rows)
        if differences.total() > LISTED:
            self.stdout.write(f"… và {differences.total() - LISTED} khác biệt nữa; --csv ghi ra tất cả.")
        for what, number in differences.items():
            self.stdout.write(f"{number} × {what.label}")
        return differences

    def print_table(self, kinds: Sequence[PacketKind], counts: Counter[tuple[str, str]]) -> None:
        width = max(len(status.label) for status in CoverageStatus)
        self.stdout.write(" " * width + "".join(f"{kind.label:>12}" for kind in kinds))
        for status in CoverageStatus:
            numbers = "".join(f"{counts[kind.code, status]:>12}" for kind in kinds)
            self.stdout.write(f"{status.label:<{width}}{numbers}")

    def ask(self, portal: Portal, comparison: LedgerComparison) -> None:
        if not portal.ledger_url:
            self.stdout.write("Chưa có địa chỉ hỏi Cổng đã nhận những gì (ledger_url): chỉ đối chiếu ở đây.")
            return
        try:
            with self.progress("hỏi Cổng") as bar:
                held = comparison.fetch(bar.update)
        except PortalError as error:
            raise CommandError(
                f"Không hỏi được {portal.ledger_url}: {Reason(error.reason).label}. {error.detail}"
            ) from error
        self.stdout.write(f"Cổng cho biết đã nhận {held} gói.")

    def table_rows(self, gaps: Iterable[CoverageGap], differences: Counter[TextChoices]) -> Iterator[Row]:
        """Yields the differences as rows of a table; counts them and prints the first ones."""
        for one in gaps:
            differences[one.what] += 1
            if differences.total() <= LISTED:
                at = f" lúc {timezone.localtime(one.at):%d/%m/%Y %H:%M:%S}" if one.at else ""
                self.stdout.write(f"{KINDS[one.kind].label} {one.subject}{at}: {one.what.label}")
            yield (one.what.label, str(KINDS[one.kind].label), one.subject, one.at, one.packet, one.key)

    def preview(self, differences: Counter[TextChoices]) -> None:
        for what, number in differences.items():
            remedy = REMEDIES.get(what, "không tự sửa được, cần người xem")
            self.stdout.write(f"Sẽ làm với {number} × {what.label}: {remedy}.")

    def repair_differences(
        self, portal: Portal, comparison: LedgerComparison, differences: Counter[TextChoices]
    ) -> Counter[TextChoices]:
        """Repairs what can be repaired, and returns what is left."""
        with self.progress("sửa") as bar:
            repaired = repair(portal, comparison, bar.update)
        for what, number in repaired.items():
            self.stdout.write(f"Đã {REMEDIES[what]}: {number} gói.")
        counts = status_counts(portal)
        left: Counter[TextChoices] = differences - repaired
        for status in FORGOTTEN:
            left[status] = sum(counts[kind, status] for kind in KINDS)
        return +left

    def progress(self, title: str) -> tqdm[NoReturn]:
        return tqdm(desc=title, unit="", disable=True if self.quiet else None, leave=False)


def write_file(path: Path, rows: Iterable[Row]) -> None:
    try:
        with path.open("wb") as file:
            write_csv(chain([HEADING], rows), file)
    except OSError as error:
        raise CommandError(f"--csv: không ghi được {path}: {error.strerror}") from error
