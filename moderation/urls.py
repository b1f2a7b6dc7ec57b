from django.urls import path

from moderation.views import decisions, notices, queue, reports

app_name = "moderation"
urlpatterns = [
    path("moderation/", queue.queue, name="queue"),
    path("moderation/log/", decisions.log, name="log"),
    path("moderation/case/<int:case_id>/", queue.case, name="case"),
    path("moderation/case/<int:case_id>/a/<int:attachment_id>/<str:name>", queue.case_file, name="case-file"),
    path("moderation/case/<int:case_id>/claim", queue.claim, name="claim"),
    path("moderation/case/<int:case_id>/release", queue.release, name="release"),
    path("moderation/case/<int:case_id>/take-in", queue.take_in, name="take-in"),
    path("moderation/case/<int:case_id>/snooze", queue.snooze, name="snooze"),
    path("moderation/decision/<int:decision_id>/", decisions.decision, name="decision"),
    path("moderation/decision/<int:decision_id>/undo", decisions.undo, name="undo"),
    path("moderation/decision/<int:decision_id>/contest/", decisions.contest, name="contest"),
    path("moderation/decision/<int:decision_id>/take-back", decisions.take_back, name="take-back"),
    path("moderation/revert/", decisions.revert, name="revert"),
    path("appeal/<str:token>/", decisions.contest_by_link, name="contest-by-link"),
    path("t/<int:topic_id>/moderate", queue.take_up_topic, name="take-up-topic"),
    path("m/<str:username>/moderate", queue.take_up_member, name="take-up-member"),
    path("notices/<str:secret>/contest/<int:decision_id>/", notices.contest, name="contest-notice"),
    path("notices/new/", notices.notice_new, name="notice-new"),
    path("notices/<str:secret>/", notices.notice, name="notice"),
    path("settings/standing/", decisions.standing, name="standing"),
    path("settings/reports/", reports.reports, name="reports"),
    path("p/<int:post_id>/report/", reports.report_post, name="report-post"),
    path("t/<int:topic_id>/report/", reports.report_topic, name="report-topic"),
    path("p/<int:post_id>/moderate", queue.take_up, name="take-up"),
    path("m/<str:username>/report/", reports.report_member, name="report-member"),
]
