"""The row that counting workers queue at is named for what it is."""

from django.db import migrations

from onestop.common.renamed_models import rename_permissions


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("statistics", "0005_published_until"),
    ]

    operations = [
        migrations.RenameModel("Upkeep", "StatsLock"),
        rename_permissions("statistics", "upkeep", "statslock"),
    ]
