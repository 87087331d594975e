"""What is searched in dossiers becomes words, each after a space; PostgreSQL gets an index of their beginnings."""

import re

from django.db import migrations, models

WORD = re.compile(r"[^\W_]+")


def part_words(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor == "postgresql":
        words = "' ' || trim(regexp_replace(search, '[^[:alnum:]]+', ' ', 'g'))"
    else:
        connection.ensure_connection()
        connection.connection.create_function("parted", 1, lambda text: "".join(f" {word}" for word in WORD.findall(text)))
        words = "parted(search)"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE dossiers_dossier SET search = {words}")
        if connection.vendor == "postgresql":
            # Foreign keys are checked at the end of the transaction, and no index is made while checks are due.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            # Whoever owns the database may: since version 13 the extension is trusted.
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute("CREATE INDEX dossier_search ON dossiers_dossier USING gin (search gin_trgm_ops)")


def join_words(apps, schema_editor):
    """Words that are parted once too often are found all the same."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX dossier_search")


class Migration(migrations.Migration):

    dependencies = [
        ("dossiers", "0007_desk"),
    ]

    operations = [
        migrations.RunPython(part_words, join_words),
        # What a whole province received, in the order of the register.
        migrations.AddIndex(
            model_name="dossier",
            index=models.Index(fields=["accepted_at", "id"], name="dossiers_do_accepte_a9ff3c_idx"),
        ),
    ]
