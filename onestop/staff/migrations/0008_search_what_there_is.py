"""Fills the column by which users are searched for."""

from django.db import migrations

from onestop.common.input.text import without_accents


def fill(apps, schema_editor):
    users = apps.get_model("staff", "User").objects
    batch = []
    for user in users.only("username", "full_name", "position").iterator():
        user.search = without_accents(f"{user.username} {user.full_name} {user.position}")
        batch.append(user)
        if len(batch) == 500:
            users.bulk_update(batch, ["search"])
            batch = []
    users.bulk_update(batch, ["search"])


class Migration(migrations.Migration):
    dependencies = [("staff", "0007_administrators")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
