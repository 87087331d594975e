"""PostgreSQL learns how many dossiers each agency, unit and procedure has, of more than a hundred of them.

It keeps that for the hundred most frequent values of a column unless told otherwise, and took the rest for average: the
list of a small ward was read from among all dossiers, when its own were few. Test dossiers get an index of their own.
"""

from django.db import migrations, models

COLUMNS = ("agency_id", "unit_id", "procedure_id")


def know(apps, schema_editor):
    set_target(schema_editor, 1000)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ANALYZE dossiers_dossier ({', '.join(COLUMNS)})")


def know_the_usual(apps, schema_editor):
    set_target(schema_editor, -1)


def set_target(schema_editor, target):
    if schema_editor.connection.vendor == "postgresql":
        for column in COLUMNS:
            schema_editor.execute(f"ALTER TABLE dossiers_dossier ALTER COLUMN {column} SET STATISTICS {target}")


class Migration(migrations.Migration):

    dependencies = [
        ("dossiers", "0008_words"),
    ]

    operations = [
        migrations.RunPython(know, know_the_usual),
        migrations.AddIndex(
            model_name="dossier",
            index=models.Index(fields=["id"], condition=models.Q(is_test=True), name="dossier_of_test"),
        ),
    ]
