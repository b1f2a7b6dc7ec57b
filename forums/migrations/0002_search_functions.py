"""Folding and stemming for search, as SQL functions that both the index and the query use.

A vector is fold(stem(text)) ‖ stem(fold(text)): folding before stemming alone loses matches (mangé, mangées).
No extension is needed: accents go by Unicode decomposition.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION commune_fold(said text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(
        normalize(replace(replace(lower(said), 'œ', 'oe'), 'æ', 'ae'), NFD),
        '[\u0300-\u036f]', '', 'g')
$$;

CREATE FUNCTION commune_words(language regconfig, said text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT to_tsvector(language, commune_fold(said))
        || array_to_tsvector(tsvector_to_array(commune_fold(to_tsvector(language, said)::text)::tsvector))
$$;

CREATE FUNCTION commune_query(said text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT websearch_to_tsquery('french', commune_fold(said))
        || commune_fold(websearch_to_tsquery('french', said)::text)::tsquery
        || websearch_to_tsquery('english', commune_fold(said))
        || websearch_to_tsquery('simple', commune_fold(said))
$$;
"""

GONE = """
DROP FUNCTION commune_query(text);
DROP FUNCTION commune_words(regconfig, text);
DROP FUNCTION commune_fold(text);
"""


class Migration(migrations.Migration):
    dependencies = [("forums", "0001_forums")]
    operations = [migrations.RunSQL(FUNCTIONS, GONE)]
