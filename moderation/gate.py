"""The door to moderation's pages: every view behind it is known by name, and a house test counts them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from forums.readers import Reader
from toolkit.verdicts import Refused

View = Callable[..., HttpResponseBase]
GATED: set[View] = set()
OPEN: set[View] = set()


def moderators_only(view: View) -> View:
    @login_required
    @wraps(view)
    def gated(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        reader: Reader = request.reader  # type: ignore[attr-defined]
        if not (reader.moderates_anywhere or reader.is_admin):  # an admin is the second person where nobody else can be
            raise Refused(_("This page is for moderators."))
        return view(request, *args, **kwargs)

    GATED.add(gated)
    return gated


def admins_only(view: View) -> View:
    """For the admins of the community, whether they moderate or not."""

    @login_required
    @wraps(view)
    def gated(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        reader: Reader = request.reader  # type: ignore[attr-defined]
        if not reader.is_admin:
            raise Refused(_("This page is for admins."))
        return view(request, *args, **kwargs)

    GATED.add(gated)
    return gated


def open_to_all(view: View) -> View:
    """Says on purpose that a page of moderation is for everybody, or guards itself by `visible_to`."""
    OPEN.add(view)
    return view
