# Two images from one file: `app` (web, worker, beat, migrate) and `proxy` (Caddy with the static files in it).
# docs/hosting.md says how to use them; docker-compose.yml does.

# --- wheels: fetched or built once, with whatever that needs, none of which stays

FROM python:3.12-slim-bookworm AS wheels

COPY requirements.txt /requirements.txt
RUN pip wheel --no-cache-dir --wheel-dir /wheels --requirement /requirements.txt

# --- app

FROM python:3.12-slim-bookworm AS app

ENV PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    DJANGO_SETTINGS_MODULE=commune.settings \
    COMMUNE_HOME=/data \
    MEDIA_ROOT=/data/media \
    STATIC_ROOT=/srv/static \
    PORT=8000

# Numbers, not names: a volume keeps them, and so must every later image.
RUN groupadd --gid 10001 commune \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin commune \
    && install --directory --owner 10001 --group 10001 --mode 0750 /data /data/media

RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    --mount=type=bind,source=requirements.txt,target=/requirements.txt \
    pip install --no-cache-dir --no-compile --no-index --find-links /wheels --requirement /requirements.txt \
    && python -m compileall -q -j 0 /usr/local/lib/python3.12/site-packages

WORKDIR /app
COPY . .

# These two read and write files only. The key and the address below are needed to read the settings; they are
# of this one command and in no layer's environment.
RUN SECRET_KEY=only-while-the-image-is-being-built-0000 DATABASE_URL=postgres://nobody@localhost/nothing \
    python manage.py catalogue compile \
    && SECRET_KEY=only-while-the-image-is-being-built-0000 DATABASE_URL=postgres://nobody@localhost/nothing \
    python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q -j 0 /app

USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "/app/docker/health.py", "web"]
ENTRYPOINT ["/app/docker/entrypoint"]
CMD ["web"]

# --- proxy

FROM caddy:2.11-alpine AS proxy

# The program comes with the right to open ports below 1024, which a container without rights may not even start;
# a copy has none, and 8080 and 8443 need none.
RUN cp /usr/bin/caddy /usr/bin/caddy.plain \
    && mv /usr/bin/caddy.plain /usr/bin/caddy \
    && mkdir -p /data /config /srv/media \
    && chown -R 10002:10001 /data /config \
    && chown 10001:10001 /srv/media \
    && chmod 0750 /srv/media

COPY docker/Caddyfile /etc/caddy/Caddyfile
COPY --from=app /srv/static /srv/static

# A group of its own would not do: members' files may be read by the group of `app` only.
USER 10002:10001
EXPOSE 8080 8443
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8081/"]
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
