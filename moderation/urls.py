from django.urls import path

from moderation import views

app_name = "moderation"
urlpatterns = [
    path("moderation/", views.queue, name="queue"),
    path("moderation/log/", views.log, name="log"),
    path("moderation/case/<int:case_id>/", views.case, name="case"),
    path("moderation/case/<int:case_id>/a/<int:attachment_id>/<str:name>", views.case_file, name="case-file"),
    path("moderation/case/<int:case_id>/claim", views.claim, name="claim"),
    path("moderation/case/<int:case_id>/release", views.release, name="release"),
    path("moderation/case/<int:case_id>/snooze", views.snooze, name="snooze"),
    path("moderation/decision/<int:decision_id>/", views.decision, name="decision"),
    path("moderation/decision/<int:decision_id>/undo", views.undo, name="undo"),
    path("moderation/decision/<int:decision_id>/contest/", views.contest, name="contest"),
    path("settings/standing/", views.standing, name="standing"),
    path("p/<int:post_id>/report/", views.report_post, name="report-post"),
    path("t/<int:topic_id>/report/", views.report_conversation, name="report-conversation"),
    path("p/<int:post_id>/moderate", views.take_up, name="take-up"),
    path("m/<str:username>/report/", views.report_member, name="report-member"),
]
