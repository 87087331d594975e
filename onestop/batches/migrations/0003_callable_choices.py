"""The moves are no choices of a migration any more, so that a new one makes none. No statement is made of this."""

from django.db import migrations, models

from onestop.dossiers.models.states import move_choices


class Migration(migrations.Migration):
    dependencies = [("batches", "0002_postpone_and_correct")]

    operations = [
        migrations.AlterField(
            "batch",
            "move",
            models.CharField("việc", choices=move_choices, max_length=20),
        ),
    ]
