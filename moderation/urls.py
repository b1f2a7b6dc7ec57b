from django.urls import path

from moderation.views import decisions, figures, notices, queue, reports, shelf, team

app_name = "moderation"
urlpatterns = [
    path("moderation/", queue.queue, name="queue"),
    path("moderation/log/", figures.log, name="log"),
    path("moderation/log/<int:year>-<int:month>/", figures.log_month, name="log-month"),
    path("moderation/transparency/<int:year>.csv", figures.transparency, name="transparency"),
    path("moderation/team/", team.team, name="team"),
    path("moderation/team/hand-over", team.hand_over, name="hand-over"),
    path("moderation/team/hand-over/<int:note_id>/read", team.acknowledge, name="acknowledge"),
    path("moderation/team/habits", team.habits, name="habits"),
    path("moderation/team/pause", team.pause, name="pause"),
    path("moderation/team/back", team.come_back, name="come-back"),
    path("moderation/shelf/", shelf.shelf, name="shelf"),
    path("moderation/shelf/<slug:slug>/", shelf.handbook, name="handbook"),
    path("moderation/case/<int:case_id>/exemplary", shelf.exemplary, name="exemplary"),
    path("moderation/case/<int:case_id>/", queue.case, name="case"),
    path("moderation/case/<int:case_id>/a/<int:attachment_id>/<str:name>", queue.case_file, name="case-file"),
    path("moderation/case/<int:case_id>/claim", queue.claim, name="claim"),
    path("moderation/case/<int:case_id>/release", queue.release, name="release"),
    path("moderation/case/<int:case_id>/take-in", queue.take_in, name="take-in"),
    path("moderation/case/<int:case_id>/snooze", queue.snooze, name="snooze"),
    path("moderation/decision/<int:decision_id>/", decisions.decision, name="decision"),
    path("moderation/decision/<int:decision_id>/undo", decisions.undo, name="undo"),
    path("moderation/decision/<int:decision_id>/contest/", decisions.contest, name="contest"),
    path("notices/new/", notices.notice_new, name="notice-new"),
    path("notices/<str:secret>/", notices.notice, name="notice"),
    path("settings/standing/", decisions.standing, name="standing"),
    path("settings/reports/", reports.reports, name="reports"),
    path("p/<int:post_id>/report/", reports.report_post, name="report-post"),
    path("t/<int:topic_id>/report/", reports.report_topic, name="report-topic"),
    path("p/<int:post_id>/moderate", queue.take_up, name="take-up"),
    path("m/<str:username>/report/", reports.report_member, name="report-member"),
]
