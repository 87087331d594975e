"""What the roles of an office may do with dossiers in general. For one dossier, `lifecycle` decides."""

from __future__ import annotations

from onestop.staff.access import permission
from onestop.staff.models import Role, User

from .lifecycle import MOVES
from .models import Move


@permission("receive_dossiers")
def may_receive(user: User) -> bool:
    """Whether the user's role receives dossiers, and their agency, if they have one, still does."""
    return user.has_role(*MOVES[Move.REGISTER].roles) and (user.agency is None or user.agency.takes_in)


@permission("print_forms")
def may_print(user: User) -> bool:
    """Auditors and operators may read printed forms, but print none."""
    return user.has_role(Role.RECEPTION, Role.OFFICER, Role.MANAGER)


@permission("read_log")
def may_read_log(user: User) -> bool:
    return user.has_role(Role.AUDITOR)


@permission("work_on_opinions")
def may_work_on_opinions(user: User) -> bool:
    """Whether answering opinions is the user's own work, so that the navigation shows it; not a superuser's."""
    return user.role in (Role.OFFICER, Role.MANAGER)
