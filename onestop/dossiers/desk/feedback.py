"""What the counter and the desk tell about a move: why it was refused, or that it was made."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from onestop.dossiers.lifecycle.engine import MoveRefused
from onestop.dossiers.models import Dossier, Move


def show_refusal(form: BaseForm, error: ValidationError | MoveRefused) -> None:
    """Puts what `lifecycle` said on the form: by field where the form has it, else at the top."""
    if isinstance(error, MoveRefused):
        form.add_error(None, str(error))
    elif not hasattr(error, "error_dict"):
        form.add_error(None, error)
    else:
        for name, faults in error.error_dict.items():
            form.add_error(name if name in form.fields else None, faults)


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
