from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class CommuneConfig(AppConfig):
    name = "commune"

    def ready(self) -> None:
        from commune import checks  # noqa: F401 - registers the start-up checks


class CommuneAdminConfig(AdminConfig):
    default_site = "commune.admin.CommuneAdminSite"
