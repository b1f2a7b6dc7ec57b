from django.contrib import admin
from django.urls import include, path, re_path

from commune import setup, views

handler400 = "commune.views.bad_request"
handler404 = "commune.views.not_found"

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("setup/<str:key>/", setup.setup, name="setup"),
    path("help/", views.help_index, name="help"),
    path("help/<slug:slug>/", views.help_page, name="help-page"),
    re_path(r"^brand/(?P<version>accent-[0-9a-f]{12})\.css$", views.accent, name="accent"),
    path("brand/logo/<str:name>", views.logo, name="logo"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<int:envelope_id>/", views.outbox_html, name="outbox-html"),
    path("", include("members.urls")),
    path("", include("moderation.urls")),
    path("", include("engagement.urls")),
    path("", include("forums.urls")),
]
