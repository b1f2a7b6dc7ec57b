"""What brought people together: the score by which lists of the top are ordered, counted by a job.

The formula, as the page says it: how many different people wrote in the topic in the period, and how many different
people left a word of thanks on its posts in it. One person counts once for each, however much they write or thank.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from forums.limits import TOP_TOPICS
from forums.models import TopicScore
from toolkit import clock

Period = TopicScore.Period
DAYS = {Period.WEEK: 7, Period.MONTH: 30, Period.YEAR: 365, Period.EVER: None}
LEAST = 2  # a topic in which one person speaks alone brought nobody together

_SCORES = """
INSERT INTO forums_topicscore (topic_id, period, score)
SELECT topic_id, %(period)s, score FROM (
    SELECT said.topic_id, sum(said.people) AS score,
        row_number() OVER (PARTITION BY t.forum_id ORDER BY sum(said.people) DESC, said.topic_id DESC) AS rank
    FROM (
        SELECT p.topic_id, count(DISTINCT p.author_id) AS people FROM forums_post p
        WHERE p.state = 'published' AND p.published_at >= %(since)s GROUP BY p.topic_id
        UNION ALL
        SELECT p.topic_id, count(DISTINCT r.member_id) FROM forums_reaction r JOIN forums_post p ON p.id = r.post_id
        WHERE p.state = 'published' AND r.created_at >= %(since)s GROUP BY p.topic_id
    ) said JOIN forums_topic t ON t.id = said.topic_id AND t.is_listed
    GROUP BY said.topic_id, t.forum_id HAVING sum(said.people) >= %(least)s
) ranked WHERE rank <= %(most)s
ON CONFLICT (topic_id, period) DO UPDATE SET score = EXCLUDED.score
"""


@transaction.atomic
def score_topics(period: str) -> int:
    """Count a period's scores anew: the topics of each forum with the highest. Answers how many. Two statements."""
    days = DAYS[Period(period)]
    since = clock.now() - timedelta(days=days) if days else datetime.min.replace(tzinfo=clock.now().tzinfo)
    TopicScore.objects.filter(period=period).delete()
    with connection.cursor() as cursor:
        cursor.execute(_SCORES, {"period": period, "since": since, "least": LEAST, "most": TOP_TOPICS})
        return int(cursor.rowcount)
