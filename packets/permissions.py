"""What each role may do with the sync app's models in Django admin."""

from onestop.staff.models import Role
from onestop.staff.permissions import Grants, RolePermissions


class PacketPermissions(RolePermissions):
    grants: Grants = {
        Role.OPERATOR: {"packets": ("view", "add_portal", "change_portal")},
        Role.MANAGER: {"packets": ("view_packet", "view_attempt")},
    }
