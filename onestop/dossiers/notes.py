"""Internal notes on a dossier: for colleagues alone, without a move, in every state."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onestop.common.errors import InputRefused
from onestop.staff.models import Role, User

from .access import sees
from .lifecycle.engine import MoveRefused
from .models import Dossier, InternalNote, NewsItem

# Those who work on dossiers. Auditors and operators read notes and write none.
ROLES = (Role.RECEPTION, Role.OFFICER, Role.MANAGER)


def may_write(actor: User, dossier: Dossier) -> bool:
    return actor.has_role(*ROLES) and sees(actor, dossier)


def write(dossier: Dossier, actor: User, *, text: str, at: datetime | None = None) -> InternalNote:
    """Adds a note, and the news of it for the officer and for those who wrote earlier notes.

    `at`: when it was written; by default now. Raises MoveRefused for an actor who may not, InputRefused for no text.
    """
    if not text.strip():
        raise InputRefused({"text": _("Nhập nội dung ghi chú.")})
    if not may_write(actor, dossier):
        raise MoveRefused(_("Chỉ người làm việc với hồ sơ này được ghi chú nội bộ."))
    with transaction.atomic():
        note = InternalNote(
            dossier=dossier,
            author=actor,
            author_name=str(actor),
            author_position=actor.position,
            at=at or timezone.now(),
            text=text.strip(),
        )
        note.save(force_insert=True)
        writers = User.objects.filter(pk__in=dossier.internal_notes.order_by().values("author"), is_active=True)
        # Whoever wrote when the dossier was with their agency need not see it any more.
        concerned = {user.pk for user in writers if sees(user, dossier)} | {dossier.officer_id}
        NewsItem.objects.bulk_create(
            NewsItem(
                user_id=user,
                dossier=dossier,
                kind=NewsItem.Kind.NOTE,
                at=note.at,
                actor_name=note.author_name,
                note=note,
            )
            for user in sorted(key for key in concerned if key is not None and key != actor.pk)
        )
    return note
