"""How allauth's sign-up becomes ours."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members.actions.joining import take_name, use_invitation
from members.models import Member, TakenName
from members.names import RESERVED
from toolkit.verdicts import Refused


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def clean_username(self, username: str, shallow: bool = False) -> str:
        username = super().clean_username(username.lower(), shallow=True)
        if (
            username in RESERVED
            or username.startswith("former-member")
            or (not shallow and not TakenName.is_free(username))
        ):
            raise ValidationError(_("This name is taken, or looks too much like one that is."))
        return username

    def save_user(self, request: HttpRequest, user: Member, form: Any, commit: bool = True) -> Member:
        """A new row that waits for its address to be verified (state "applying"); the invitation is used up."""
        data = form.cleaned_data
        user = super().save_user(request, user, form, commit=False)
        user.state = Member.State.APPLYING
        user.language = "fr" if (get_language() or "fr").startswith("fr") else "en"
        user.application = data.get("application", "")
        user.reads = data.get("reads", "")
        if data.get("invitation"):
            try:
                use_invitation(data["invitation"])
            except Refused as refusal:
                raise ValidationError(str(refusal.reason)) from refusal
        user.save()
        take_name(user)
        return user

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Back to what was being written, if anything was."""
        return str(request.session.pop("after_login", "") or super().get_login_redirect_url(request))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        return self.get_login_redirect_url(self.request)
