from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BatchesConfig(AppConfig):
    name = "onestop.batches"
    verbose_name = _("thao tác hàng loạt")
