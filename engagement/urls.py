from django.urls import path

from engagement import views

app_name = "engagement"
urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read", views.read_all, name="read-all"),
    path("notifications/<int:notification_id>/", views.follow_notification, name="notification"),
    path("prompts/<int:showing_id>/dismiss", views.dismiss_prompt, name="dismiss-prompt"),
    path("prompts/<int:prompt_id>/preview/", views.preview_prompt, name="prompt-preview"),
    path("u/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
