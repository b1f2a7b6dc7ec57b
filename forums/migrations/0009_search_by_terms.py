"""Search word by word: what each word of a query matches, phrases, and Chinese, Japanese and Korean by pairs of signs.

Posts and topics with such signs are indexed again: posts by the job that renders them, topics here.
"""

from django.db import migrations

# In a raw f-string below; the signs themselves stand in the SQL.
SIGNS = "[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]"

FUNCTIONS = rf"""
-- Every pair of neighbouring signs, and the last sign of each run by itself.
CREATE FUNCTION commune_pairs(said text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array(
        SELECT DISTINCT substr(found[1], place, 2)
        FROM regexp_matches(normalize(said, NFC), '{SIGNS}+', 'g') AS found,
            generate_series(1, length(found[1])) AS place)
$$;

CREATE OR REPLACE FUNCTION commune_words(language regconfig, said text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT to_tsvector(language, commune_fold(said))
        || array_to_tsvector(array(
            SELECT DISTINCT folded
            FROM (SELECT commune_fold(word) AS folded FROM unnest(tsvector_to_array(to_tsvector(language, said))) word) f
            WHERE folded <> ''))
        || array_to_tsvector(commune_pairs(said))
$$;

-- One word of a query, or words that stand together, in every form in which a text may hold it.
CREATE FUNCTION commune_term(said text, is_phrase boolean) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN is_phrase
        THEN phraseto_tsquery('french', commune_fold(said)) || phraseto_tsquery('english', commune_fold(said))
            || phraseto_tsquery('simple', commune_fold(said))
        ELSE plainto_tsquery('french', commune_fold(said)) || plainto_tsquery('english', commune_fold(said))
            || plainto_tsquery('simple', commune_fold(said))
            || coalesce((
                SELECT string_agg('''' || replace(replace(folded, '\', '\\'), '''', '''''') || '''', ' & ')::tsquery
                FROM (SELECT commune_fold(word) AS folded
                      FROM unnest(tsvector_to_array(to_tsvector('french', said))) word) f
                WHERE folded <> ''), ''::tsquery)
        END || coalesce((
            SELECT string_agg('''' || pair || '''' || CASE length(pair) WHEN 1 THEN ':*' ELSE '' END, ' & ')::tsquery
            FROM (
                SELECT substr(found[1], place, 2) AS pair
                FROM regexp_matches(normalize(said, NFC), '{SIGNS}+', 'g') AS found,
                    generate_series(1, greatest(length(found[1]) - 1, 1)) AS place
            ) pairs), ''::tsquery)
$$;

DROP FUNCTION commune_query(text);
UPDATE forums_post SET renderer_version = 0 WHERE body ~ '{SIGNS}';
UPDATE forums_topicindex i SET words = i.words || setweight(array_to_tsvector(commune_pairs(t.title)), 'A')
FROM forums_topic t WHERE t.id = i.topic_id AND t.title ~ '{SIGNS}';
"""

GONE = """
CREATE FUNCTION commune_query(said text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT websearch_to_tsquery('french', commune_fold(said))
        || websearch_to_tsquery('english', commune_fold(said))
        || websearch_to_tsquery('simple', commune_fold(said))
$$;
DROP FUNCTION commune_term(text, boolean);
CREATE OR REPLACE FUNCTION commune_words(language regconfig, said text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT to_tsvector(language, commune_fold(said))
        || array_to_tsvector(array(
            SELECT DISTINCT folded
            FROM (SELECT commune_fold(word) AS folded FROM unnest(tsvector_to_array(to_tsvector(language, said))) word) f
            WHERE folded <> ''))
$$;
DROP FUNCTION commune_pairs(text);
"""


class Migration(migrations.Migration):
    dependencies = [("forums", "0008_what_lists_know_of_old_topics")]
    operations = [migrations.RunSQL(FUNCTIONS, GONE)]
