"""`python manage.py lapse_supplements`: stops dossiers whose supplement did not come in time. Run it every morning."""

from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils import timezone

from onestop.dossiers import lifecycle
from onestop.dossiers.lifecycle.engine import MoveRefused
from onestop.dossiers.models import Dossier


class Command(BaseCommand):
    help = "Dừng các hồ sơ đã quá hạn bổ sung, theo quy định của từng thủ tục. Chạy lại không đổi gì thêm."

    def handle(self, *args: object, **options: object) -> None:
        stopped = 0
        for dossier in Dossier.objects.awaiting_lapse(timezone.now()).select_related("procedure").iterator():
            try:
                lifecycle.lapse(dossier)
            except MoveRefused:
                # Since the list was read, the supplement came or the dossier ended.
                continue
            stopped += 1
            self.stdout.write(f"{dossier}: dừng vì quá hạn bổ sung")
        self.stdout.write(f"{stopped} hồ sơ dừng vì quá hạn bổ sung.")
