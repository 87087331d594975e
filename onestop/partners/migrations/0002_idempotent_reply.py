"""A kept reply is named for why it is kept."""

from django.db import migrations

from onestop.common.renamed_models import rename_permissions


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("partners", "0001_initial"),
    ]

    operations = [
        migrations.RenameModel("Reply", "IdempotentReply"),
        migrations.RenameIndex(
            "idempotentreply", old_name="partners_re_partner_cea5ad_idx", new_name="partners_id_partner_97961e_idx"
        ),
        rename_permissions("partners", "reply", "idempotentreply"),
    ]
