"""The columns that lists and unread state need, of topics that were there before."""

from django.db import migrations

KNOWN = """
UPDATE forums_topic t SET fresh_at = t.last_post_at, last_shown = shown.place
FROM (SELECT p.topic_id, max(p.position) AS place FROM forums_post p WHERE p.state = 'published' GROUP BY p.topic_id)
    AS shown
WHERE shown.topic_id = t.id
"""


class Migration(migrations.Migration):
    dependencies = [("forums", "0007_lists_and_follows")]
    operations = [migrations.RunSQL(KNOWN, migrations.RunSQL.noop)]
