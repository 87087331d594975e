"""Asking another agency about a dossier, and its answer. The dossier's own state and clock do not change."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency
from onestop.common.errors import InputRefused, Reasons
from onestop.staff.models import Role, User

from .access import sees
from .deadlines.moments import check_ahead
from .lifecycle.engine import MoveRefused
from .models import FINAL, Dossier, NewsItem, Opinion, State

# Who asks, and who answers, at either agency.
ROLES = (Role.OFFICER, Role.MANAGER)


def may_ask_or_answer(actor: User, dossier: Dossier) -> bool:
    """Whether the role and the agency of `actor` let them ask about `dossier`, and type in what was answered."""
    return actor.has_role(*ROLES) and sees(actor, dossier)


def takes_questions(dossier: Dossier) -> bool:
    """Whether the dossier is still open: a closed one needs no opinion."""
    return dossier.state not in (*FINAL, State.COMPLETED)


def ask(dossier: Dossier, actor: User, *, agency: Agency, question: str, due_at: datetime) -> Opinion:
    """Asks `agency` to answer by `due_at`. Raises MoveRefused once the dossier is closed, InputRefused by field."""
    errors: dict[str, Reasons] = {}
    if not question.strip():
        errors["question"] = _("Cần ghi rõ nội dung hỏi.")
    if due_at <= timezone.now():
        errors["due_at"] = _("Hạn trả lời phải ở tương lai.")
    if closed := agency.why_closed:
        errors["agency"] = closed
    if errors:
        raise InputRefused(errors)
    check_ahead(due_at, timezone.now(), "due_at")
    with transaction.atomic():
        dossier.refresh_from_db(from_queryset=Dossier.objects.select_for_update())
        if not may_ask_or_answer(actor, dossier):
            raise MoveRefused(_("Chỉ người đang xử lý hồ sơ được hỏi ý kiến."))
        if not takes_questions(dossier):
            raise MoveRefused(_("Hồ sơ đã kết thúc nên không hỏi ý kiến nữa."))
        return Opinion.objects.create(
            dossier=dossier,
            agency=agency,
            question=question.strip(),
            asked_at=timezone.now(),
            asked_by=actor.full_name,
            due_at=due_at,
        )


def answer(opinion: Opinion, actor: User, *, text: str) -> None:
    """Records the answer, once. The agency that was asked types it in, or the agency that asked.

    Raises MoveRefused for other actors and for an opinion that has its answer, InputRefused without a text.
    """
    if not text.strip():
        raise InputRefused({"answer": _("Cần ghi nội dung trả lời.")})
    with transaction.atomic():
        opinion.refresh_from_db(from_queryset=Opinion.objects.select_for_update())
        # The people of the agency that was asked need not see the dossier.
        is_addressee = actor.has_role(*ROLES) and actor.oversees(opinion.agency)
        if not is_addressee and not may_ask_or_answer(actor, opinion.dossier):
            raise MoveRefused(_("Ý kiến này không hỏi cơ quan của bạn."))
        if opinion.answered_at is not None:
            raise MoveRefused(_("Ý kiến này đã được trả lời."))
        opinion.answer, opinion.answered_at, opinion.answered_by = text.strip(), timezone.now(), actor.full_name
        opinion.save(update_fields=["answer", "answered_at", "answered_by"])
        NewsItem.report(opinion.dossier, actor, NewsItem.Kind.ANSWER)
