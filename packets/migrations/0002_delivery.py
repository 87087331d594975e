"""Leases, order and evidence: what several workers share, and what they leave behind as proof."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce

import packets.evidence.chain
import packets.models.encryption

SETTLED = ["accepted", "superseded"]


def carry_over(apps, schema_editor):
    """What the older columns said: how each portal fares, what is settled, whose turn it is."""
    Portal, Channel = apps.get_model("packets", "Portal"), apps.get_model("packets", "Channel")
    Packet, Attempt = apps.get_model("packets", "Packet"), apps.get_model("packets", "Attempt")
    for portal in Portal.objects.all():
        Channel.objects.create(
            portal=portal,
            failures=portal.failures,
            resting_until=portal.resting_until,
            last_success_at=portal.last_success_at,
            last_failure=portal.last_failure,
        )
    Packet.objects.filter(state__in=SETTLED).update(settled_at=Coalesce("accepted_at", "collected_at"), due_at=None)
    Packet.objects.filter(state="stopped").update(due_at=None)
    # No worker runs during an upgrade: whatever was on its way is sent again, with its key.
    Packet.objects.filter(state="sending").update(state="ready", lease=None)
    earlier = Packet.objects.filter(
        settled_at=None, portal=OuterRef("portal"), stream=OuterRef("stream"), position__lt=OuterRef("position")
    )
    Packet.objects.filter(Exists(earlier), state="ready").update(due_at=None)
    of_packet = Packet.objects.filter(pk=OuterRef("packet"))
    Attempt.objects.update(
        portal=models.Subquery(of_packet.values("portal")),
        key=models.Subquery(of_packet.values("key")),
        recorded_at=F("at"),
    )


class Migration(migrations.Migration):

    dependencies = [
        ("packets", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Channel",
            fields=[
                ("portal", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to="packets.portal", verbose_name="cổng nhận")),
                ("failures", models.PositiveIntegerField(default=0, verbose_name="số lần lỗi liên tiếp")),
                ("rests", models.PositiveIntegerField(default=0, verbose_name="số lần nghỉ liên tiếp")),
                ("resting_until", models.DateTimeField(blank=True, null=True, verbose_name="tạm nghỉ đến")),
                ("last_success_at", models.DateTimeField(blank=True, null=True, verbose_name="lần gửi thành công gần nhất")),
                ("last_failure", models.CharField(blank=True, max_length=500, verbose_name="lỗi gần nhất")),
                ("token", packets.models.encryption.SealedTextField(blank=True, default="", editable=False)),
                ("token_until", models.DateTimeField(blank=True, editable=False, null=True)),
                ("signing_in_until", models.DateTimeField(blank=True, editable=False, null=True)),
                ("number", models.PositiveBigIntegerField(default=0, editable=False, verbose_name="số gói đã nhận có bằng chứng")),
                ("seal", models.CharField(default=packets.evidence.chain.BEGINNING, editable=False, max_length=64, verbose_name="dấu cuối chuỗi")),
                ("tally", models.JSONField(default=dict, editable=False)),
                ("digested_on", models.DateField(blank=True, editable=False, null=True, verbose_name="ngày gửi bản tin gần nhất")),
            ],
            options={"verbose_name": "đường gửi", "verbose_name_plural": "đường gửi"},
        ),
        migrations.AddField("portal", "most_in_flight", models.PositiveSmallIntegerField(blank=True, help_text="Của mọi tiến trình đồng bộ cộng lại. Để trống: không hạn chế.", null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name="số gói gửi cùng lúc nhiều nhất")),
        migrations.AddField("portal", "rate_limit", models.PositiveIntegerField(blank=True, help_text="Trong mỗi khoảng thời gian dưới đây. Để trống: không hạn chế.", null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name="số gói nhiều nhất")),
        migrations.AddField("portal", "rate_seconds", models.PositiveIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1)], verbose_name="khoảng thời gian (giây)")),
        migrations.RemoveIndex("packet", "packet_waiting"),
        migrations.RemoveIndex("packet", "packet_leased"),
        migrations.RemoveIndex("packet", "packet_stream"),
        migrations.RenameField("packet", "next_attempt_at", "due_at"),
        migrations.AlterField("packet", "due_at", models.DateTimeField(blank=True, null=True, verbose_name="gửi tiếp lúc")),
        migrations.AddField("packet", "settled_at", models.DateTimeField(blank=True, null=True, verbose_name="xong lúc")),
        migrations.AddField("packet", "given_up_by", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="người bỏ")),
        migrations.AddField("packet", "given_up_because", models.CharField(blank=True, max_length=500, verbose_name="vì sao bỏ")),
        migrations.AlterField("packet", "portal", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="packets", to="packets.portal", verbose_name="cổng nhận")),
        migrations.AlterField("packet", "transition", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="dossiers.transition", verbose_name="bước xử lý")),
        migrations.AlterField("packet", "publication", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="statistics.publication", verbose_name="số liệu công bố")),
        migrations.AlterField("packet", "superseded_by", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="packets.packet", verbose_name="được thay bởi")),
        migrations.AlterField("packet", "state", models.CharField(choices=[("ready", "chờ gửi"), ("sending", "đang gửi"), ("accepted", "đã nhận"), ("stopped", "dừng, cần người xử lý"), ("superseded", "đã có gói mới hơn thay"), ("given_up", "đã bỏ, có lý do")], default="ready", max_length=10, verbose_name="trạng thái")),
        migrations.AddField("attempt", "portal", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="packets.portal", verbose_name="cổng nhận")),
        migrations.AddField("attempt", "key", models.UUIDField(null=True, verbose_name="khóa chống trùng")),
        migrations.AddField("attempt", "digest", models.CharField(blank=True, default="", max_length=64, verbose_name="mã băm nội dung"), preserve_default=False),
        migrations.AddField("attempt", "recorded_at", models.DateTimeField(null=True, verbose_name="ghi lúc")),
        migrations.AddField("attempt", "number", models.PositiveBigIntegerField(blank=True, null=True, verbose_name="số thứ tự bằng chứng")),
        migrations.AddField("attempt", "seal", models.CharField(blank=True, default="", max_length=64, verbose_name="dấu"), preserve_default=False),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
