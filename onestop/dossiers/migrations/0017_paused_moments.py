"""Every paused dossier says since when it is paused: whether it is late is decided by that moment."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

PAUSED = (5, 6)


def set_moments(apps, schema_editor):
    """From the move that began the pause, as corrected; without such a move, from the last one."""
    Dossier, Transition = apps.get_model("dossiers", "Dossier"), apps.get_model("dossiers", "Transition")
    corrections = Transition.objects.filter(corrects=OuterRef("pk")).order_by("-pk").values("corrected_at")
    begun = Transition.objects.filter(dossier=OuterRef("pk"), to_state__in=PAUSED)
    begun = begun.exclude(from_state__in=PAUSED).order_by("-pk")
    moments = begun.annotate(moment=Coalesce(Subquery(corrections[:1]), F("at"))).values("moment")
    paused = Dossier.objects.filter(state__in=PAUSED)
    paused.update(paused_at=Coalesce(Subquery(moments[:1]), F("moved_at")))




class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_place_what_there_is'),
        ('dossiers', '0016_callable_choices'),
        ('partners', '0002_idempotent_reply'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='dossier',
            name='dossiers_do_agency__346647_idx',
        ),
        migrations.RemoveIndex(
            model_name='dossier',
            name='dossiers_do_unit_id_d48de8_idx',
        ),
        migrations.RemoveIndex(
            model_name='dossier',
            name='dossier_worked_on',
        ),
        migrations.AddField(
            model_name='dossier',
            name='paused_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='tạm dừng từ'),
        ),
        migrations.RunPython(set_moments, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='dossier',
            index=models.Index(fields=['agency', 'state', 'due_at', 'paused_at'], name='dossiers_do_agency__f38e35_idx'),
        ),
        migrations.AddIndex(
            model_name='dossier',
            index=models.Index(fields=['unit', 'state', 'due_at', 'paused_at'], name='dossiers_do_unit_id_d54469_idx'),
        ),
        migrations.AddIndex(
            model_name='dossier',
            index=models.Index(condition=models.Q(('state__in', (1, 2, 4, 5, 6))), fields=['due_at'], name='dossier_running'),
        ),
        migrations.AddConstraint(
            model_name='dossier',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', (5, 6)), _negated=True), ('paused_at__isnull', False), _connector='OR'), name='dossier_paused_has_moment'),
        ),
    ]
