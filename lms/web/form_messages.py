"""What forms say when a field was not filled in as it should be.

WTForms words its own messages ("Not a valid integer value."). They are neither in our catalogue
nor in our voice, so each is replaced by a sentence of ours, which the catalogue then translates.
tests/house/test_romanian.py reads WTForms' source and fails when it words one that is missing.
"""

from __future__ import annotations

from lms.web.i18n import N_

_REQUIRED = N_("Please fill this in.")
_CHOICE = N_("Please choose one of the list.")
_CHOICES = N_("Please choose from the list.")
_LONGEST = N_("Please write at most %(max)d characters.")
_SHORTEST = N_("Please write at least %(min)d characters.")

SENTENCES: dict[str, str] = {
    "This field is required.": _REQUIRED,
    "Invalid input.": N_("This is not written as it should be. Please correct it."),
    "Field must be equal to %(other_name)s.": N_("The two fields are not the same."),
    "Field must be at least %(min)d character long.": _SHORTEST,
    "Field cannot be longer than %(max)d character.": _LONGEST,
    "Field must be exactly %(max)d character long.": N_("Please write exactly %(max)d characters."),
    "Field must be between %(min)d and %(max)d characters long.": N_(
        "Please write %(min)d to %(max)d characters."
    ),
    "Number must be at least %(min)s.": N_("Please write a number from %(min)s upwards."),
    "Number must be at most %(max)s.": N_("Please write a number up to %(max)s."),
    "Number must be between %(min)s and %(max)s.": N_(
        "Please write a number from %(min)s to %(max)s."
    ),
    "Not a valid integer value.": N_("Please write a whole number."),
    "Not a valid decimal value.": N_("Please write a number."),
    "Not a valid float value.": N_("Please write a number."),
    "Not a valid date value.": N_("Please write a date."),
    "Not a valid datetime value.": N_("Please write a date and a time."),
    "Not a valid time value.": N_("Please write a time."),
    "Not a valid choice.": _CHOICE,
    "Invalid Choice: could not coerce.": _CHOICE,
    "Invalid choice(s): one or more data inputs could not be coerced.": _CHOICES,
    "'%(value)s' is not a valid choice for this field.": _CHOICES,
}
"""WTForms' wording (of a plural, the singular) to ours; the parameters keep their names."""
