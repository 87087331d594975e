"""The log of what was looked at, and the lists people save, are named in the words of the field."""

from django.db import migrations

from onestop.common.renamed_models import rename_permissions


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("staff", "0004_sign_ins_and_brakes"),
    ]

    operations = [
        migrations.RenameModel("Reading", "AccessLog"),
        migrations.RenameIndex(
            "accesslog", old_name="staff_readi_user_id_c93082_idx", new_name="staff_acces_user_id_c8324c_idx"
        ),
        migrations.RenameIndex(
            "accesslog", old_name="staff_readi_at_cacb50_idx", new_name="staff_acces_at_2bca0f_idx"
        ),
        migrations.RenameModel("KeptList", "SavedList"),
        rename_permissions("staff", "reading", "accesslog"),
        rename_permissions("staff", "keptlist", "savedlist"),
    ]
