"""Since when each agency stands where it stands. Of before this day nothing is known but how the tree is today."""

from datetime import date

from django.db import migrations
from django.utils import timezone


def place_what_there_is(apps, schema_editor):
    Agency, Placement = apps.get_model("catalog", "Agency"), apps.get_model("catalog", "Placement")
    agencies = {agency.pk: agency for agency in Agency.objects.only("path", "level1", "parent", "is_active")}
    rows, below_ended, today = [], [], timezone.localdate()
    for agency in agencies.values():
        path = agency.path or f"/{agency.pk}/"
        line = [int(key) for key in path.strip("/").split("/")]
        places = [(date.min, None, agency.is_active)]
        if not agency.is_active:
            # When it ended, nobody wrote down: by today at the latest.
            places = [(date.min, today, True), (today, None, False)]
        rows += [
            Placement(agency_id=agency.pk, since=since, until=until, path=path, level1_id=line[0], is_active=active)
            for since, until, active in places
        ]
        if any(key in agencies and not agencies[key].is_active for key in line[:-1]):
            below_ended.append(agency.pk)
    Placement.objects.bulk_create(rows, batch_size=500)
    for first in range(0, len(below_ended), 500):
        Agency.objects.filter(pk__in=below_ended[first : first + 500]).update(superior_ended=True)


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0004_placements'),
    ]

    operations = [
        migrations.RunPython(place_what_there_is, migrations.RunPython.noop),
    ]
