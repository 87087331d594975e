from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "onestop.catalog"
    verbose_name = _("danh mục")

    def ready(self) -> None:
        from .checks import calendar_is_loaded

        # A check with this tag runs only with `--database`, so a plain `check` needs no database.
        register(calendar_is_loaded, Tags.database)
