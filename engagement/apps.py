from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EngagementConfig(AppConfig):
    name = "engagement"
    verbose_name = _("What we say to members")

    def ready(self) -> None:
        from engagement import receivers, slots  # noqa: F401 - they register themselves
