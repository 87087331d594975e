"""The rights of each role on the pages of administration and in Django's admin.

A superuser may grant further rights by hand.
"""

from __future__ import annotations

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model

from .models import Role, User

Grants = dict[str, dict[str, tuple[str, ...]]]

# The rights by role and app. Only superusers change the catalogue itself, and rows that belong to no agency, whatever
# is granted here: see `onestop.common.admin.scoped`. Whose accounts a person changes: see `staff.users.rules`.
GRANTS: Grants = {
    Role.MANAGER: {
        "catalog": ("view", "add_workinghours", "change_workinghours", "delete_workinghours"),
        "dossiers": ("view", "change_dossier", "add_readytext", "change_readytext"),
        "statistics": ("view", "add_assessment", "change_assessment", "delete_assessment"),
        "votes": ("view", "add_questionset", "change_questionset", "add_question", "change_question"),
    },
    Role.OPERATOR: {
        "catalog": ("view",),
        "statistics": ("view",),
    },
    # These have no key to Django's admin (`User.is_staff`); the office's own pages ask for the same rights.
    Role.ADMINISTRATOR: {
        "catalog": ("view", "add_workinghours", "change_workinghours", "delete_workinghours"),
        "dossiers": ("view_readytext", "add_readytext", "change_readytext"),
        "staff": ("view_user", "add_user", "change_user"),
        "statistics": ("change_hallscreen",),
        "votes": ("view", "add_questionset", "change_questionset", "add_question", "change_question"),
    },
}


class RolePermissions(BaseBackend):
    """Grants rights by role; does not authenticate. An app above the office has a subclass with its own `grants`."""

    grants = GRANTS

    def has_perm(self, user_obj: User | AnonymousUser, perm: str, obj: Model | None = None) -> bool:
        app, _dot, name = perm.partition(".")
        granted = self._granted(user_obj, app)
        return name in granted or name.partition("_")[0] in granted

    def has_module_perms(self, user_obj: User | AnonymousUser, app_label: str) -> bool:
        return bool(self._granted(user_obj, app_label))

    def _granted(self, user: User | AnonymousUser, app: str) -> tuple[str, ...]:
        if not isinstance(user, User) or not user.is_active:
            return ()
        return self.grants.get(user.role, {}).get(app, ())
