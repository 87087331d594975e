"""The message that confirms a move at the counter and at the desk."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from onestop.dossiers.models import Dossier, Move


def done(dossier: Dossier, made: Move) -> str:
    """What happened, in one or two sentences."""
    sentence = _("Hồ sơ %(dossier)s: đã ghi nhận “%(move)s”.") % {
        "dossier": dossier.code or dossier.applicant_name,
        "move": made.label,
    }
    if dossier.due_at is None or dossier.finished_at is not None or dossier.is_paused:
        return sentence
    due = date_format(timezone.localtime(dossier.due_at), "d/m/Y H:i")
    return f"{sentence} " + _("Hẹn trả %(due)s.") % {"due": due}
