"""Who may see and change the working calendar and the procedures. The rights are those of Django's admin.

Hours belong to an agency. Days off and procedures belong to none and apply to every office, so only a superuser
changes them: see `common.admin.scoped`.
"""

from __future__ import annotations

from onestop.catalog.models import Agency
from onestop.staff.access import permission
from onestop.staff.models import User


@permission("set_hours")
def may_set_hours(user: User) -> bool:
    return user.has_perm("catalog.change_workinghours")


def may_set_hours_of(user: User, agency: Agency | None) -> bool:
    """Whether `user` may change the hours of `agency`; None: those of every agency without its own."""
    return may_set_hours(user) and (user.is_superuser or (agency is not None and user.oversees(agency)))


@permission("see_catalogue")
def may_see_catalogue(user: User) -> bool:
    return user.has_perm("catalog.view_calendarday")


@permission("change_catalogue")
def may_change_catalogue(user: User) -> bool:
    return user.is_superuser
