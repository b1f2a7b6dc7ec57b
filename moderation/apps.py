from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ModerationConfig(AppConfig):
    name = "moderation"
    verbose_name = _("Moderation")

    def ready(self) -> None:
        from forums import gatekeepers
        from members.gatekeepers import look_at_signups, settle_first
        from moderation import receivers, slots  # noqa: F401 - they register themselves
        from moderation.automatic.judge import judge
        from moderation.automatic.signups import suspect_signup
        from moderation.queries import open_case_about

        gatekeepers.register(judge)
        settle_first(open_case_about)
        look_at_signups(suspect_signup)
