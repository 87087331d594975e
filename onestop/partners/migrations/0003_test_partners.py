from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partners", "0002_idempotent_reply")]

    operations = [
        migrations.AddField(
            model_name="partner",
            name="is_test",
            field=models.BooleanField(
                default=False,
                help_text="Chỉ nộp và chỉ thấy hồ sơ thử; không có gì được đồng bộ lên Cổng. Không đổi được sau khi thêm.",
                verbose_name="đối tác thử",
            ),
        ),
    ]
