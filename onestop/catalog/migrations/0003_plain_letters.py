"""Procedures are searched by the plain letters that all text is searched by now: ƀ by b, Ð by d, full-width by plain."""

from django.db import migrations

from onestop.common.input.text import without_accents


def search_anew(apps, schema_editor):
    model = apps.get_model("catalog", "Procedure")
    changed = []
    for procedure in model.objects.only("code", "name", "search").iterator(chunk_size=2000):
        search = without_accents(f"{procedure.code} {procedure.name}")
        if search != procedure.search:
            procedure.search = search
            changed.append(procedure)
    model.objects.bulk_update(changed, ["search"], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0002_procedure_takes_drawings"),
    ]

    operations = [migrations.RunPython(search_anew, migrations.RunPython.noop)]
