from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnersConfig(AppConfig):
    name = "onestop.partners"
    verbose_name = _("đối tác")
