"""What must hold of the columns that 0002 filled. Apart, since PostgreSQL changes no table with rows just written to it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("dossiers", "0004_count_what_there_is"),
        ("packets", "0002_delivery"),
        ("statistics", "0002_spells"),
    ]

    operations = [
        *(migrations.RemoveField("portal", name) for name in ("failures", "resting_until", "last_success_at", "last_failure")),
        migrations.RemoveField("packet", "accepted_at"),
        migrations.RemoveField("packet", "leased_until"),
        migrations.AlterField("attempt", "portal", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="packets.portal", verbose_name="cổng nhận")),
        migrations.AlterField("attempt", "key", models.UUIDField(verbose_name="khóa chống trùng")),
        migrations.AlterField("attempt", "recorded_at", models.DateTimeField(verbose_name="ghi lúc")),
        migrations.AlterField(
            model_name='attempt',
            name='reason',
            field=models.CharField(blank=True, choices=[('unknown_host', 'không tìm thấy máy chủ của Cổng'), ('unreachable', 'không kết nối được tới Cổng'), ('timeout', 'Cổng không trả lời kịp'), ('login', 'Cổng không chấp nhận client id hoặc client secret'), ('token', 'Cổng không nhận token đang dùng'), ('busy', 'Cổng đang quá tải'), ('server_error', 'Cổng đang lỗi'), ('garbage', 'trả lời không phải của Cổng'), ('overslept', 'tiến trình gửi bị đứng quá lâu nên chưa gửi'), ('internal', 'lỗi của phần mềm này'), ('invalid', 'dữ liệu hồ sơ chưa đúng chuẩn'), ('unbuilt', 'không lập được gói tin, lỗi của phần mềm này'), ('no_attachment', 'Cổng bắt buộc có tệp đính kèm nhưng hồ sơ không có tệp nào'), ('file_missing', 'không đọc được tệp đính kèm đã lưu'), ('file_changed', 'tệp đính kèm đã lưu không còn nguyên vẹn'), ('refused', 'Cổng từ chối gói tin'), ('gave_up', 'đã thử lại nhiều ngày mà không được')], max_length=20, verbose_name='lý do'),
        ),
        migrations.AlterField(
            model_name='packet',
            name='reason',
            field=models.CharField(blank=True, choices=[('unknown_host', 'không tìm thấy máy chủ của Cổng'), ('unreachable', 'không kết nối được tới Cổng'), ('timeout', 'Cổng không trả lời kịp'), ('login', 'Cổng không chấp nhận client id hoặc client secret'), ('token', 'Cổng không nhận token đang dùng'), ('busy', 'Cổng đang quá tải'), ('server_error', 'Cổng đang lỗi'), ('garbage', 'trả lời không phải của Cổng'), ('overslept', 'tiến trình gửi bị đứng quá lâu nên chưa gửi'), ('internal', 'lỗi của phần mềm này'), ('invalid', 'dữ liệu hồ sơ chưa đúng chuẩn'), ('unbuilt', 'không lập được gói tin, lỗi của phần mềm này'), ('no_attachment', 'Cổng bắt buộc có tệp đính kèm nhưng hồ sơ không có tệp nào'), ('file_missing', 'không đọc được tệp đính kèm đã lưu'), ('file_changed', 'tệp đính kèm đã lưu không còn nguyên vẹn'), ('refused', 'Cổng từ chối gói tin'), ('gave_up', 'đã thử lại nhiều ngày mà không được')], max_length=20, verbose_name='lý do'),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(fields=['portal', 'recorded_at'], name='attempt_recorded'),
        ),
        migrations.AddIndex(
            model_name='packet',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['portal', 'due_at', 'id'], name='packet_due'),
        ),
        migrations.AddIndex(
            model_name='packet',
            index=models.Index(condition=models.Q(('settled_at__isnull', True)), fields=['portal', 'state', 'collected_at'], name='packet_open'),
        ),
        migrations.AddIndex(
            model_name='packet',
            index=models.Index(condition=models.Q(('settled_at__isnull', True)), fields=['portal', 'stream', 'position'], name='packet_stream'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(condition=models.Q(('number__isnull', False)), fields=('portal', 'number'), name='one_attempt_per_number'),
        ),
        migrations.AddConstraint(
            model_name='packet',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', False), ('state__in', ('accepted', 'superseded', 'given_up'))), models.Q(('settled_at', None), ('state__in', ('ready', 'sending', 'stopped'))), _connector='OR'), name='packet_settled_with_time'),
        ),
        migrations.AddConstraint(
            model_name='packet',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'ready'), models.Q(('due_at__isnull', False), ('lease__isnull', False), ('state', 'sending')), models.Q(('due_at', None), ('state__in', ('stopped', 'accepted', 'superseded', 'given_up'))), _connector='OR'), name='packet_due_while_under_way'),
        ),
        migrations.AddConstraint(
            model_name='packet',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'given_up'), _negated=True), models.Q(('given_up_by__isnull', False), models.Q(('given_up_because', ''), _negated=True)), _connector='OR'), name='packet_given_up_by_somebody'),
        ),
    ]
