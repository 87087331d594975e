"""The moves are no choices of a migration any more, so that a new one makes none. No statement is made of this."""

from django.db import migrations, models

from onestop.dossiers.models.states import move_choices


class Migration(migrations.Migration):
    dependencies = [("statistics", "0006_stats_lock")]

    operations = [
        migrations.AlterField(
            "spell",
            "outcome",
            models.CharField("kết thúc bằng", choices=move_choices, max_length=20, blank=True),
        ),
    ]
