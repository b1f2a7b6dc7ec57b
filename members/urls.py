from django.urls import path

from members.views import blocks, pages, profiles

app_name = "members"
urlpatterns = [
    path("m/<str:username>/", profiles.profile, name="profile"),
    path("m/<str:username>/block", blocks.block, name="block"),
    path("settings/", profiles.settings, name="settings"),
    path("settings/profile/", profiles.edit_profile, name="edit-profile"),
    path("language/", profiles.language, name="language"),
    path("about/", pages.page, {"slug": "about"}, name="about"),
    path("rules/", pages.page, {"slug": "rules"}, name="rules"),
    path("privacy/", pages.page, {"slug": "privacy"}, name="privacy"),
    path("legal/", pages.page, {"slug": "legal"}, name="legal"),
    path("contact/", pages.contact, name="contact"),
]
