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
    site_header = _("Commune · administration")
    site_title = _("Commune · administration")
    index_title = _("What would you like to set?")
    index_template = "admin/commune_index.html"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The site's own sign-in page, with its rate limits, instead of the admin's."""
        answer: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return answer

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {**(extra_context or {}), "missing": missing()})
