"""How sending to a portal goes is named for what it is."""

import django.db.models.deletion
from django.db import migrations, models

from onestop.common.renamed_models import rename_permissions


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("packets", "0010_portal_changes"),
    ]

    operations = [
        migrations.RenameModel("Channel", "DeliveryState"),
        migrations.AlterField(
            "deliverystate",
            "portal",
            models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="delivery",
                serialize=False,
                to="packets.portal",
                verbose_name="cổng nhận",
            ),
        ),
        rename_permissions("packets", "channel", "deliverystate"),
    ]
