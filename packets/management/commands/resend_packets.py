"""`python manage.py resend_packets`: puts stopped packets back on their way, after what was wrong is mended."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from onestop.dossiers.models import Dossier
from packets.interventions import resend_all
from packets.models import Packet, PacketQuerySet, PacketState, Portal
from packets.reasons import Reason


class Command(BaseCommand):
    help = "Gửi lại các gói đã dừng: lập lại từ hồ sơ như đang có, rồi đưa vào hàng chờ. Gói còn sai thì vẫn dừng."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--portal", metavar="MÃ", help="chỉ gói của cổng này")
        parser.add_argument("--reason", metavar="LÝ_DO", help=f"chỉ gói dừng vì lý do này: {', '.join(Reason.values)}")
        parser.add_argument("--dossier", metavar="MÃ", help="chỉ gói của hồ sơ này")
        parser.add_argument("--all", action="store_true", help="mọi gói dừng")
        parser.add_argument("--dry-run", action="store_true", help="chỉ cho biết có bao nhiêu gói")

    def handle(self, *args: Any, **options: Any) -> None:
        narrowed = [options["portal"], options["reason"], options["dossier"]]
        if options["all"] == any(value is not None for value in narrowed):
            raise CommandError("Chọn --portal, --reason, --dossier, hoặc chỉ --all để gửi lại mọi gói dừng.")
        packets = self.stopped(*narrowed)
        number = packets.count()
        if options["dry_run"]:
            self.stdout.write(f"Có {number} gói dừng sẽ được gửi lại.")
            return
        quiet = True if options["verbosity"] == 0 else None
        with tqdm(desc="gửi lại", total=number, unit="", disable=quiet, leave=False) as bar:
            resent = resend_all(packets, by="resend_packets", on_progress=bar.update)
        self.stdout.write(
            f"{resent.back} gói trở lại hàng chờ gửi, {resent.still_wrong} gói vẫn chưa đúng nên còn dừng."
        )

    def stopped(self, portal: str | None, reason: str | None, dossier: str | None) -> PacketQuerySet:
        found = Packet.objects.filter(state=PacketState.STOPPED)
        if portal is not None:
            if not Portal.objects.filter(code=portal).exists():
                raise CommandError(f"Không có cổng nào mang mã {portal}.")
            found = found.filter(portal__code=portal)
        if reason is not None:
            if reason not in Reason.values:
                raise CommandError(f"Không có lý do {reason}. Các lý do: {', '.join(Reason.values)}.")
            found = found.filter(reason=reason)
        if dossier is not None:
            if not Dossier.objects.filter(code=dossier).exists():
                raise CommandError(f"Không có hồ sơ nào mang mã {dossier}.")
            found = found.filter(dossier__code=dossier)
        return found
