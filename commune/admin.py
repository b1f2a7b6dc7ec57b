"""The Django admin, arranged: what is still missing first, then what one sets weekly."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from commune.missing import missing


class CommuneAdminSite(AdminSite):
    """Django's admin with what is missing on its first page. Its own groups are not shown: ours are members.Group."""

    site_header = _("Commune · administration")
    site_title = _("Commune · administration")
    index_title = _("What would you like to set?")
    index_template = "admin/commune_index.html"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """What one sets weekly first: the community, its forums, what is said, what is moderated."""
        order = ["members", "forums", "engagement", "moderation"]
        apps = [app for app in super().get_app_list(request, app_label) if app["app_label"] not in {"auth", "account"}]
        return sorted(apps, key=lambda app: order.index(app["app_label"]) if app["app_label"] in order else len(order))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The site's own sign-in page, with its rate limits, instead of the admin's."""
        answer: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return answer

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {**(extra_context or {}), "missing": missing()})
