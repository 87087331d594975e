"""Up to which day the figures of each agency stand published: its tree of agencies of before that day is settled."""

from datetime import date

from django.db import migrations


def note_what_is_published(apps, schema_editor):
    until = {}
    published = apps.get_model("statistics", "Publication").objects.order_by()
    for agency, year, month in published.values_list("agency", "year", "month").distinct():
        day_after = date(year, month + 1, 1) if 1 <= month < 12 else date(year + 1, 1, 1)
        until[agency] = max(day_after, until.get(agency, day_after))
    for agency, day in until.items():
        apps.get_model("catalog", "Agency").objects.filter(pk=agency).update(published_until=day)


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_place_what_there_is'),
        ('statistics', '0004_postpone_and_correct'),
    ]

    operations = [
        migrations.RunPython(note_what_is_published, migrations.RunPython.noop),
    ]
