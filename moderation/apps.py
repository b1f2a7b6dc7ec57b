from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ModerationConfig(AppConfig):
    name = "moderation"
    verbose_name = _("Moderation")

    def ready(self) -> None:
        from forums import gatekeepers
        from moderation import receivers, slots  # noqa: F401 - they register themselves
        from moderation.automatic import judge_draft

        gatekeepers.register(judge_draft)
