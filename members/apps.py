from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members and community")

    def ready(self) -> None:
        from members import receivers, slots  # noqa: F401 - they register themselves
        from members.gatekeepers import hand_over_first
        from members.queries import only_admin

        hand_over_first(only_admin)
