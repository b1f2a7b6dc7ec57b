from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ForumsConfig(AppConfig):
    name = "forums"
    verbose_name = _("Forums")

    def ready(self) -> None:
        from forums import receivers, slots  # noqa: F401 - they register themselves
        from forums.queries.standing import roles_to_hand_over, team_members
        from members.gatekeepers import hand_over_first, speak_for_community

        hand_over_first(roles_to_hand_over)
        speak_for_community(team_members)
