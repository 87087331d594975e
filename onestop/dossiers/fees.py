"""Fees of a dossier settled at the desk: paid, or waived with a reason. Asking for money is a move, in `lifecycle`."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onestop.common.errors import InputRefused
from onestop.staff.models import Role, User

from .access import sees
from .lifecycle.engine import MoveRefused
from .models import Dossier, Fee, NewsItem

# The most that the database's integer column holds.
MOST_DONG = 2_147_483_647


PAY = (Role.RECEPTION, Role.OFFICER, Role.MANAGER)
WAIVE = (Role.MANAGER,)


def may_pay(actor: User, dossier: Dossier) -> bool:
    return _refusal(actor, dossier, PAY) is None


def may_waive(actor: User, dossier: Dossier) -> bool:
    return _refusal(actor, dossier, WAIVE) is None


def pay(fee: Fee, actor: User, *, method: str = Fee.Method.CASH, receipt_no: str = "") -> None:
    """Records that a fee was paid now. Raises MoveRefused if it is settled or the actor may not."""
    with transaction.atomic():
        _take(fee, actor, PAY)
        fee.paid_at, fee.method, fee.receipt_no = timezone.now(), method, receipt_no
        fee.save(update_fields=["paid_at", "method", "receipt_no"])
        NewsItem.report(fee.dossier, actor, NewsItem.Kind.PAID)


def waive(fee: Fee, actor: User, *, reason: str) -> None:
    """Records that a fee need not be paid, and why: a manager's decision. Raises like `pay`, and InputRefused."""
    if not reason.strip():
        raise InputRefused({"reason": _("Cần ghi rõ lý do miễn.")})
    with transaction.atomic():
        _take(fee, actor, WAIVE)
        fee.waived_at, fee.waived_by, fee.waived_reason = timezone.now(), actor.full_name, reason.strip()
        fee.save(update_fields=["waived_at", "waived_by", "waived_reason"])


def _refusal(actor: User, dossier: Dossier, roles: Sequence[Role]) -> MoveRefused | None:
    """Why `actor` may not settle fees of `dossier`, which needs one of `roles`; None if they may."""
    if not actor.has_role(*roles):
        role = Role(actor.role).label
        return MoveRefused(_("Vai trò “%(role)s” không được thực hiện thao tác này."), params={"role": role})
    if not sees(actor, dossier):
        return MoveRefused(_("Hồ sơ này không thuộc cơ quan của bạn."))
    return None


def _take(fee: Fee, actor: User, roles: Sequence[Role]) -> None:
    """Locks the fee. Raises MoveRefused unless it is open and `actor` may settle it."""
    fee.refresh_from_db(from_queryset=Fee.objects.select_for_update())
    if refusal := _refusal(actor, fee.dossier, roles):
        raise refusal
    if fee.paid_at is not None:
        raise MoveRefused(_("Khoản này đã được nộp."))
    if fee.waived_at is not None:
        raise MoveRefused(_("Khoản này đã được miễn."))
