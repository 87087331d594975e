from django.db import migrations, models
from django.db.models import Q

import packets.models.encryption


class Migration(migrations.Migration):
    dependencies = [("packets", "0013_office_words"), ("partners", "0003_test_partners")]

    operations = [
        migrations.AddField(
            model_name="portal",
            name="old_secrets",
            field=packets.models.encryption.SealedTextField(blank=True, editable=False, null=True),
        ),
        migrations.RemoveConstraint(model_name="packet", name="packet_has_one_source"),
        migrations.AddConstraint(
            model_name="packet",
            constraint=models.CheckConstraint(
                name="packet_has_one_source",
                condition=Q(transition__isnull=False, dossier__isnull=False, publication=None)
                | Q(transition=None, dossier=None, publication__isnull=False)
                | Q(transition=None, dossier=None, publication=None, kind="ping"),
            ),
        ),
        migrations.AddIndex(
            model_name="packet",
            index=models.Index(
                condition=Q(kind__in=("event", "ping")), fields=["portal", "id"], name="packet_of_webhook"
            ),
        ),
    ]
