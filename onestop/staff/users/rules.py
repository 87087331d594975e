"""Who may keep whose account. One rule for the office's pages and for Django's admin.

- An account belongs to its agency: a person keeps those of the agencies that they oversee (`common.admin.scoped`).
- A person gives no role above their own, and does not change the account of one who has such a role, or who has rights
  beyond their role: a new password for that account would be a way to these rights.
- Only superusers see superusers.
- People do not lock themselves out, and an office never loses its last administrator.
"""

from __future__ import annotations

from typing import Final

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from onestop.staff.access import permission
from onestop.staff.models import Role, User

# A role gives roles of its own rank and below. An operator decides where the office's data is sent.
RANKS: Final = {
    Role.RECEPTION: 0,
    Role.OFFICER: 0,
    Role.AUDITOR: 0,
    Role.MANAGER: 1,
    Role.ADMINISTRATOR: 2,
    Role.OPERATOR: 3,
}
# What nobody changes of their own account: each would let them out of it, or into more.
NOT_ONE_S_OWN: Final = ("role", "agency", "is_active", "is_superuser")


@permission("manage_users")
def may_manage_users(user: User) -> bool:
    return user.has_perm("staff.change_user")


def roles_to_give(user: User) -> list[Role]:
    rank = max(RANKS.values()) if user.is_superuser else RANKS[Role(user.role)]
    return [role for role in Role if RANKS[role] <= rank]


def accounts_seen_by(user: User) -> QuerySet[User]:
    if user.is_superuser:
        return User.objects.all()
    return User.objects.filter(is_superuser=False, agency__in=user.agencies.order_by().values("pk"))


def accounts_changed_by(user: User) -> QuerySet[User]:
    """Those of `accounts_seen_by` that `user` may change, except for what `require_possible` refuses."""
    seen = accounts_seen_by(user)
    if user.is_superuser:
        return seen
    return seen.filter(role__in=roles_to_give(user), groups=None, user_permissions=None)


def may_write(user: User, account: User) -> bool:
    """Whether `user` may save `account` as it is now in memory. The stored row: `accounts_changed_by`."""
    if user.is_superuser:
        return True
    is_within = account.agency is not None and user.oversees(account.agency)
    return is_within and not account.is_superuser and account.role in roles_to_give(user)


def require_possible(user: User, before: User, after: User) -> None:
    """Raises ValidationError, by field, where `user` may not turn `before` into `after` although they may write both.

    Reads the other administrators; `lock_administrators` before it keeps them as they are.
    """
    if user.pk == before.pk:
        message = _("Không tự đổi mục này của tài khoản đang sử dụng; vui lòng nhờ một quản trị khác.")
        own = {name: message for name in NOT_ONE_S_OWN if getattr(before, name) != getattr(after, name)}
        if own:
            raise ValidationError(own)
    others = User.objects.filter(is_active=True).exclude(pk=before.pk)
    leaves = before.is_superuser and before.is_active and not (after.is_superuser and after.is_active)
    if leaves and not others.filter(is_superuser=True).exists():
        raise ValidationError(_("Đây là quản trị hệ thống cuối cùng còn hoạt động, nên không khóa hoặc đổi được."))
    leaves = _administers(before) and not (_administers(after) and after.agency_id == before.agency_id)
    if leaves and not administrators_of(before).exclude(pk=before.pk).exists():
        message = _(
            "%(name)s là quản trị cuối cùng của %(agency)s. Vui lòng giao vai trò quản trị đơn vị cho người khác "
            "trước khi khóa hoặc đổi tài khoản này."
        )
        raise ValidationError(message % {"name": before, "agency": before.agency.name if before.agency else ""})


def may_lock(user: User, account: User) -> bool:
    """Whether `require_possible` lets `user` lock `account`."""
    locked = User(pk=account.pk, role=account.role, agency=account.agency, is_superuser=account.is_superuser)
    locked.is_active = False
    try:
        require_possible(user, account, locked)
    except ValidationError:
        return False
    return True


def lock_administrators() -> None:
    """Waits for the change of another administrator: otherwise two of them could retire one another.

    Must be called in a transaction.
    """
    kept = User.objects.filter(Q(role=Role.ADMINISTRATOR) | Q(is_superuser=True), is_active=True)
    list(kept.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def administrators_of(user: User) -> QuerySet[User]:
    """The active administrators of the agency of `user` and of those above it, the nearest first; no superusers."""
    if user.agency is None:
        return User.objects.none()
    above = [int(key) for key in user.agency.path.strip("/").split("/")]
    kept = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True, is_superuser=False, agency__in=above)
    return kept.order_by("-agency__path", "full_name")


def _administers(account: User) -> bool:
    return account.is_active and not account.is_superuser and account.role == Role.ADMINISTRATOR
