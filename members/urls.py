from django.urls import path, re_path

from members.views import blocks, claims, pages, profiles, settings

app_name = "members"
urlpatterns = [
    path("m/<str:username>/", profiles.profile, name="profile"),
    path("m/<str:username>/block", blocks.block, name="block"),
    path("m/<str:username>/claim/", claims.claim, name="claim"),
    path("claims/<str:token>/", claims.confirm, name="confirm-claim"),
    re_path(r"^avatars/(?P<key>[0-9a-f]{32})/(?P<size>small|large)\.webp$", profiles.picture, name="picture"),
    path("settings/", settings.settings, name="settings"),
    path("settings/profile/", settings.edit_profile, name="edit-profile"),
    path("settings/picture/", settings.edit_picture, name="edit-picture"),
    path("settings/picture/whole", settings.whole_picture, name="whole-picture"),
    path("settings/picture/crop", settings.crop, name="crop-picture"),
    path("settings/picture/remove", settings.drop_picture, name="remove-picture"),
    path("settings/privacy/", settings.privacy_choice, name="privacy-choice"),
    path("settings/time/", settings.rhythm, name="rhythm"),
    path("settings/close/", settings.close, name="close"),
    path("settings/close/keep", settings.keep, name="keep"),
    path("language/", profiles.language, name="language"),
    path("about/", pages.page, {"slug": "about"}, name="about"),
    path("rules/", pages.page, {"slug": "rules"}, name="rules"),
    path("privacy/", pages.page, {"slug": "privacy"}, name="privacy"),
    path("legal/", pages.page, {"slug": "legal"}, name="legal"),
    path("contact/", pages.contact, name="contact"),
]
