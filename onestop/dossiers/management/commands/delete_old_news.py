"""`python manage.py delete_old_news`: deletes news that is older than it is kept. Run it every night."""

from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils import timezone

from onestop.dossiers.models import NewsItem


class Command(BaseCommand):
    help = "Xóa tin mới đã quá thời hạn lưu, kể cả tin chưa đọc. Chạy lại không đổi gì thêm."

    def handle(self, *args: object, **options: object) -> None:
        deleted, _by_model = NewsItem.objects.expired(timezone.now()).delete()
        self.stdout.write(f"{deleted} tin đã xóa.")
