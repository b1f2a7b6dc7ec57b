from django.urls import path

from forums.views import care, compose, drafts, forums, posts, search, topics

app_name = "forums"
urlpatterns = [
    path("", forums.home, name="home"),
    path("forums/", forums.index, name="index"),
    path("f/<slug:slug>/", forums.forum_detail, name="forum"),
    path("f/<slug:slug>/new/", topics.topic_new, name="topic-new"),
    path("t/<int:topic_id>/<slug:slug>/", topics.topic_detail, name="topic"),
    path("t/<int:topic_id>/", topics.topic_short, name="topic-short"),
    path("t/<int:topic_id>/reply", topics.topic_reply, name="reply"),
    path("t/<int:topic_id>/unread", topics.topic_unread, name="unread"),
    path("t/<int:topic_id>/follow", care.follow, name="follow"),
    path("t/<int:topic_id>/close", care.close, name="close"),
    path("t/<int:topic_id>/reopen", care.reopen, name="reopen"),
    path("t/<int:topic_id>/pin", care.pin, name="pin"),
    path("p/<int:post_id>/", posts.post_short, name="post"),
    path("p/<int:post_id>/edit/", posts.post_edit, name="edit"),
    path("p/<int:post_id>/history/", posts.post_history, name="history"),
    path("p/<int:post_id>/accept", care.accept, name="accept"),
    path("a/<int:attachment_id>/<str:name>", posts.file, name="file"),
    path("tags/<str:key>/", forums.tag_detail, name="tag"),
    path("search/", search.search_page, name="search"),
    path("drafts/", drafts.drafts, name="drafts"),
    path("drafts/keep", drafts.keep, name="keep-draft"),
    path("drafts/hint", drafts.dismiss_hint, name="dismiss-hint"),
    path("drafts/<uuid:key>/discard", drafts.discard, name="discard-draft"),
    path("drafts/<uuid:key>/move", drafts.move, name="move-draft"),
    path("compose/preview", compose.preview, name="preview"),
    path("compose/complete", compose.complete, name="complete"),
    path("compose/similar", compose.similar, name="similar"),
]
