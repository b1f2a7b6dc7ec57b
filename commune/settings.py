"""One settings module; everything that differs between installations comes from the environment.

Each secret may be given as NAME or as NAME_FILE (a file that holds it). Durations are in seconds, sizes in bytes,
unless a name says otherwise. docs/hosting.md lists the variables.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import django_stubs_ext
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env

django_stubs_ext.monkeypatch()  # so that ModelAdmin[Forum] and the like are types at run time too

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()


def secret(name: str, default: str = "") -> str:
    """The variable NAME, or what the file named by NAME_FILE holds."""
    path = env.str(f"{name}_FILE", "")
    if path:
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error
    return str(env.str(name, default))


# --- Where we are

DEVELOPMENT = env.bool("COMMUNE_DEVELOPMENT", False)
DEBUG = False
COMMUNE_HOME = Path(env.str("COMMUNE_HOME", str(BASE_DIR / ".local"))).resolve()
HOST = env.str("HOST", "127.0.0.1")
PORT = env.int("PORT", 8000)
_ANYWHERE = {"127.0.0.1", "0.0.0.0", "::"}  # noqa: S104 - compared with, not bound to
SITE_URL = env.str("SITE_URL", f"http://{'localhost' if HOST in _ANYWHERE else HOST}:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    ["localhost", "127.0.0.1", "[::1]", HOST]
    if DEVELOPMENT
    else ["localhost", "127.0.0.1", urlsplit(SITE_URL).hostname or "localhost"],
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [SITE_URL])
# Where browsers hear of new replies (commune.live): "/live/" behind the proxy; empty: nowhere, and nothing is missing.
LIVE_URL = env.str("LIVE_URL", "")
# Addresses and networks of the proxies whose word on a reader's address (X-Forwarded-For) is taken.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", [])


def _key() -> str:
    given = secret("SECRET_KEY")
    if given:
        if len(given) < 32:
            raise ImproperlyConfigured("SECRET_KEY is too short: give at least 32 random characters.")
        return given
    if not DEVELOPMENT:
        raise ImproperlyConfigured("SECRET_KEY is not set: give at least 32 random characters, or SECRET_KEY_FILE.")
    kept = COMMUNE_HOME / "secret-key"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48))
    return kept.read_text()


SECRET_KEY = _key()

# --- Apps

INSTALLED_APPS = [
    "commune.apps.CommuneAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "taggit",
    "django_htmx",
    "template_partials",
    "toolkit",
    "members",
    "forums",
    "moderation",
    "engagement",
    "commune.apps.CommuneConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "commune.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "members.middleware.member_preferences",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "forums.middleware.reader_of_request",
    "commune.middleware.requests_of_a_size",
    "commune.middleware.nothing_unspeakable",
    "commune.middleware.refusals",
]

ROOT_URLCONF = "commune.urls"
WSGI_APPLICATION = "commune.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "commune.context.page",
            ],
        },
    }
]

# --- Data

DATABASES = {
    "default": dj_database_url.parse(
        secret("DATABASE_URL", "postgres:///commune"), conn_max_age=0, conn_health_checks=True
    )
}
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", 8), "timeout": 10},
}
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True  # a transaction pooler must work

REDIS_URL = secret("REDIS_URL", "redis://127.0.0.1:6379/0")
_REDIS_PATIENCE = 0.15  # seconds; a request never waits longer for Redis

CACHES = {
    "default": {
        "BACKEND": "toolkit.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": _REDIS_PATIENCE, "socket_timeout": _REDIS_PATIENCE},
        "KEY_PREFIX": "commune",
    }
}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 90
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(COMMUNE_HOME / "media")))
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(COMMUNE_HOME / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# An S3-compatible storage for members' files instead of MEDIA_ROOT: private, reached by addresses that hold five
# minutes.
S3_BUCKET = env.str("S3_BUCKET", "")
S3_ENDPOINT_URL = env.str("S3_ENDPOINT_URL", "")
if S3_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT_URL or None,
            "region_name": env.str("S3_REGION", "") or None,
            "access_key": secret("S3_ACCESS_KEY") or None,
            "secret_key": secret("S3_SECRET_KEY") or None,
            "addressing_style": env.str("S3_ADDRESSING_STYLE", "auto"),
            "signature_version": "s3v4",
            "default_acl": None,
            "querystring_auth": True,
            "file_overwrite": False,
        },
    }
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640
# "X-Accel-Redirect" lets the proxy send files from MEDIA_ROOT (see docs/hosting.md); empty: Commune sends them.
SENDFILE_PREFIX = env.str("SENDFILE_PREFIX", "")

# --- Jobs

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 0,
    "socket_timeout": 5,
    "socket_connect_timeout": _REDIS_PATIENCE,
    "visibility_timeout": 3600,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_BEAT_SCHEDULE_FILENAME = str(COMMUNE_HOME / "beat-schedule")


def _every(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


CELERY_BEAT_SCHEDULE = {
    task: {"task": task, "schedule": schedule, "options": {"expires": 600}}
    for task, schedule in {
        "engagement.spread_news": _every(1),
        "engagement.send_letters": _every(1),
        "engagement.send_envelopes": _every(1),
        "engagement.plan_digests": _every(15),
        "engagement.offer_welcomes": _every(5),
        "engagement.tidy": crontab(hour="3", minute="20"),
        "forums.keep_time": _every(1),
        "forums.hand_over": _every(1),
        "forums.render_again": _every(1),
        "forums.fetch_previews": _every(1),
        "forums.sweep_uploads": crontab(minute="50"),
        "forums.score_lately": crontab(minute="10"),
        "forums.score_at_length": crontab(hour="2", minute="30"),
        "forums.tidy_search": crontab(hour="4", minute="10"),
        "forums.shorten_unread": crontab(hour="2", minute="50"),
        "forums.raise_trust": crontab(hour="3", minute="40"),
        "forums.close_accounts": crontab(hour="4", minute="20"),
        "members.end_exclusions": _every(1),
        "moderation.keep_rota": _every(1),
        "moderation.run_trials": _every(1),
        "moderation.tidy_sketches": crontab(hour="4", minute="30"),
        "moderation.forget_notes": crontab(hour="4", minute="30"),
        "members.sweep_pictures": crontab(minute="55"),
        "forums.tidy_drafts": crontab(hour="4", minute="0"),
    }.items()
}

# --- What members write

# Whether pages that a post links to alone in a paragraph are fetched, for a card with their title (docs/files.md).
LINK_PREVIEWS = env.bool("LINK_PREVIEWS", True)

# --- People

AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    }
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "members.adapters.AccountAdapter"
ACCOUNT_FORMS = {"signup": "members.forms.SignupForm"}
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 60 * 30
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_USERNAME_MIN_LENGTH = 2
ACCOUNT_USERNAME_VALIDATORS = "members.names.username_validators"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SITE_URL.startswith("https") else "http"
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "20/h/ip",
}
ACCOUNT_USER_DISPLAY = "members.names.display_name"

# --- Mail

EMAIL_BACKEND = "engagement.outbox.OutboxBackend"
# What really speaks: "smtp" (EMAIL_HOST …), or "none" (development: nothing leaves; the outbox page shows it).
MAIL_TRANSPORT = env.str("MAIL_TRANSPORT", "none" if DEVELOPMENT else "smtp")
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = secret("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "commune@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Words

LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LANGUAGE_CODE = env.str("LANGUAGE_CODE", "fr")
FORMAT_MODULE_PATH = ["commune.formats"]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Safety

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "commune.views.csrf_failure"
if SITE_URL.startswith("https"):
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 60 * 60 * 24 * 30)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012", "security.W016"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "celery": {"level": "INFO"},
    },
}
