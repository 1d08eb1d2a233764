"""What this room's refusals say."""

from __future__ import annotations

from lms.web.i18n import N_

SENTENCES: dict[str, str] = {
    "account-suspended": N_(
        "Your account here is suspended. Nothing of what you did is lost; please ask human "
        "resources."
    ),
    "address-joined": N_(
        "The account with your e-mail address is already joined to another sign-in of this "
        "application. Nothing was changed; please ask human resources or whoever looks after this "
        "application to correct the address of one of the two."
    ),
    "address-of-another": N_(
        "Your e-mail address belongs to an account that is not joined to your sign-in. Nothing was "
        "changed; please ask human resources or whoever looks after this application."
    ),
    "code-expired": N_("This code is no longer valid. Ask human resources for a new one below."),
    "code-unknown": N_("There is no such code. Please compare it with the slip, letter by letter."),
    "code-used": N_("This code has been used already. Ask human resources for a new one below."),
    "code-withdrawn": N_("This code was replaced by a newer one. Ask human resources below."),
    "current-password-wrong": N_("The current password is not right. Nothing was changed."),
    "language-unknown": N_("This language is not available. Nothing was changed."),
    "not-invited": N_(
        "Your account in this application does not include the courses. Please ask whoever looks "
        "after it."
    ),
    "password-common": N_(
        "This password is easy to guess. Please choose a longer one, such as a few words in a row."
    ),
    "password-own-name": N_(
        "The password is made of your own name or number. Please choose another one."
    ),
    "password-too-long": N_("The password may have at most %(longest)s characters."),
    "password-too-short": N_("The password must have at least %(shortest)s characters."),
    "password-unclean": N_("The password contains characters that cannot be stored."),
    "server-busy": N_("Many people are signing in right now. Please try again in a few seconds."),
    "sign-in-failed": N_(
        "The name of the account or the password is not right. Please try again, or ask for help "
        "below."
    ),
    "too-many-tries": N_(
        "Too many attempts. Please wait %(seconds)s seconds and try again; nothing was lost."
    ),
}
