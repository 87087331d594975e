"""Puts every dossier there is into the queue of those that are to be counted."""

from django.db import migrations


def queue_all(apps, schema_editor):
    dossier, uncounted = apps.get_model("dossiers", "Dossier"), apps.get_model("dossiers", "Uncounted")
    batch = []
    for pk in dossier.objects.order_by("pk").values_list("pk", flat=True).iterator(10_000):
        batch.append(uncounted(dossier_id=pk))
        if len(batch) == 10_000:
            uncounted.objects.bulk_create(batch)
            batch = []
    uncounted.objects.bulk_create(batch)


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0003_uncounted")]
    operations = [migrations.RunPython(queue_all, migrations.RunPython.noop)]
