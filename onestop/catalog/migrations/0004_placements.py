"""Dated places of agencies in the tree; which of them lie below one that has ended."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0003_plain_letters'),
    ]

    operations = [
        migrations.AddField(
            model_name='agency',
            name='published_until',
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='agency',
            name='superior_ended',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.CreateModel(
            name='Placement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateField(verbose_name='từ ngày')),
                ('until', models.DateField(null=True, verbose_name='đến trước ngày')),
                ('path', models.CharField(max_length=200)),
                ('is_active', models.BooleanField(verbose_name='đang hoạt động')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='placements', to='catalog.agency', verbose_name='cơ quan')),
                ('level1', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='catalog.agency', verbose_name='cơ quan cấp 1')),
            ],
            options={
                'verbose_name': 'vị trí trong cây cơ quan',
                'verbose_name_plural': 'vị trí trong cây cơ quan',
                'ordering': ['agency', 'since'],
                'constraints': [models.UniqueConstraint(fields=('agency', 'since'), name='one_placement_from_a_day_on'), models.UniqueConstraint(condition=models.Q(('until', None)), fields=('agency',), name='one_placement_without_end'), models.CheckConstraint(condition=models.Q(('until', None), ('until__gt', models.F('since')), _connector='OR'), name='placement_in_order')],
            },
        ),
    ]
