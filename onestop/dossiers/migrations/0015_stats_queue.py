"""The queue of dossiers to be counted is named for what it is."""

from django.db import migrations

from onestop.common.renamed_models import rename_permissions


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("dossiers", "0014_one_writing"),
    ]

    operations = [
        migrations.RenameModel("Uncounted", "StatsQueue"),
        rename_permissions("dossiers", "uncounted", "statsqueue"),
    ]
