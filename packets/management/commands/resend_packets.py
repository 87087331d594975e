"""`python manage.py resend_packets`: makes stopped packets due again, once the cause is repaired."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from onestop.dossiers.models import Dossier
from packets.models import Packet, PacketQuerySet, PacketState, Portal
from packets.models.kinds import KINDS
from packets.models.reasons import Reason
from packets.operations import ResendPreview, preview_resend, resend_all


class Command(BaseCommand):
    help = "Gửi lại các gói đã dừng: lập lại từ hồ sơ như đang có, rồi đưa vào hàng chờ. Gói còn sai thì vẫn dừng."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--portal", metavar="MÃ", help="chỉ gói của cổng này")
        parser.add_argument("--kind", metavar="LOẠI", help=f"chỉ gói loại này: {', '.join(KINDS)}")
        parser.add_argument("--reason", metavar="LÝ_DO", help=f"chỉ gói dừng vì lý do này: {', '.join(Reason.values)}")
        parser.add_argument("--dossier", metavar="MÃ", help="chỉ gói của hồ sơ này")
        parser.add_argument("--all", action="store_true", help="mọi gói dừng")
        parser.add_argument(
            "--dry-run", action="store_true", help="lập thử, cho biết gói nào sẽ đi và gói nào còn sai, không đổi gì"
        )

    def handle(self, *args: object, **options: Any) -> None:
        narrowed = {name: options[name] for name in ("portal", "kind", "reason", "dossier")}
        if options["all"] == any(value is not None for value in narrowed.values()):
            raise CommandError("Chọn --portal, --kind, --reason, --dossier, hoặc chỉ --all để gửi lại mọi gói dừng.")
        packets = self.stopped(**narrowed)
        quiet = True if options["verbosity"] == 0 else None
        title = "lập thử" if options["dry_run"] else "gửi lại"
        with tqdm(desc=title, total=packets.count(), unit="", disable=quiet, leave=False) as bar:
            if options["dry_run"]:
                outcome = in_words(preview_resend(packets, on_progress=bar.update))
            else:
                resent = resend_all(packets, by="resend_packets", on_progress=bar.update)
                outcome = f"{resent.back} gói trở lại hàng chờ gửi, {resent.still_wrong} gói chưa hợp lệ nên còn dừng."
        self.stdout.write(outcome)

    def stopped(self, portal: str | None, kind: str | None, reason: str | None, dossier: str | None) -> PacketQuerySet:
        packets = Packet.objects.filter(state=PacketState.STOPPED)
        if portal is not None:
            if not Portal.objects.filter(code=portal).exists():
                raise CommandError(f"Không có cổng nào mang mã {portal}.")
            packets = packets.filter(portal__code=portal)
        if kind is not None:
            if kind not in KINDS:
                raise CommandError(f"Không có loại {kind}. Các loại: {', '.join(KINDS)}.")
            packets = packets.filter(kind=kind)
        if reason is not None:
            if reason not in Reason.values:
                raise CommandError(f"Không có lý do {reason}. Các lý do: {', '.join(Reason.values)}.")
            packets = packets.filter(reason=reason)
        if dossier is not None:
            if not Dossier.objects.filter(code=dossier).exists():
                raise CommandError(f"Không có hồ sơ nào mang mã {dossier}.")
            packets = packets.filter(dossier__code=dossier)
        return packets


def in_words(previews: dict[Reason, ResendPreview]) -> str:
    """The preview of a resending: a line for all, then one for each reason for which packets are stopped."""
    back = sum(fate.back for fate in previews.values())
    still_wrong = sum(fate.still_wrong for fate in previews.values())
    lines = [f"Có {back + still_wrong} gói dừng: {back} gói sẽ đi, {still_wrong} gói chưa hợp lệ."]
    for reason, fate in previews.items():
        line = f"  {reason} ({reason.label}): {fate.back} gói sẽ đi, {fate.still_wrong} gói chưa hợp lệ"
        if fate.unchanged:
            line += f"; {fate.unchanged} gói không đổi gì từ khi Cổng từ chối"
        lines.append(line)
    return "\n".join(lines)
