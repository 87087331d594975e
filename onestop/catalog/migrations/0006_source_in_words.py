"""The source of public holidays that `load_calendar` recorded, in the office's words instead of a library's name."""

from django.db import migrations
from django.db.models import Value
from django.db.models.functions import Replace

BEFORE, NOW = "Thư viện holidays ", "Lịch có sẵn của phần mềm, phiên bản "


def reword(apps, _schema_editor):
    days = apps.get_model("catalog", "CalendarDay").objects.filter(source__startswith=BEFORE)
    days.update(source=Replace("source", Value(BEFORE), Value(NOW)))


def reword_back(apps, _schema_editor):
    days = apps.get_model("catalog", "CalendarDay").objects.filter(source__startswith=NOW)
    days.update(source=Replace("source", Value(NOW), Value(BEFORE)))


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_place_what_there_is")]
    operations = [migrations.RunPython(reword, reword_back)]
