from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

from .checks import data_is_private


class StaffConfig(AppConfig):
    name = "onestop.staff"
    verbose_name = _("cán bộ")

    def ready(self) -> None:
        register(data_is_private, Tags.security)
