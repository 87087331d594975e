"""A portal may be asked what it took; a packet may go out again after it was accepted."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('packets', '0003_delivery_rules'),
    ]

    operations = [
        migrations.AddField(
            model_name='packet',
            name='put_back_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='đưa lại vào hàng chờ lúc'),
        ),
        migrations.AddField(
            model_name='portal',
            name='ledger_url',
            field=models.CharField(blank=True, help_text='Để trống nếu Cổng không cho hỏi.', max_length=500, validators=[django.core.validators.URLValidator(schemes=['http', 'https'])], verbose_name='địa chỉ hỏi Cổng đã nhận những gì'),
        ),
    ]
