"""What this room's refusals say."""

from __future__ import annotations

from lms.web.i18n import N_

SENTENCES: dict[str, str] = {
    "assessment-empty": N_("Nothing is chosen and nothing is written yet, so nothing was saved."),
    "attempt-closed": N_(
        "This attempt has already been sent, so its answers no longer change. Everything saved "
        "before counts."
    ),
    "bad-place": N_("This place is not in the lesson. Nothing was changed."),
    "bank-too-small": N_(
        "The test cannot be put together at the moment; the trainer has to add questions. Nothing "
        "was lost."
    ),
    "certificate-too-early": N_(
        "The certificate opens with the first finished module. Nothing was lost."
    ),
    "check-incomplete": N_("Please answer the whole question, then check again."),
    "check-unanswered": N_("Please choose or write an answer first."),
    "newer-answer": N_(
        "Another window has saved a newer answer to this question. Nothing was overwritten: "
        "reload to see it."
    ),
    "note-too-long": N_(
        "This is longer than %(limit)s characters. Nothing was saved yet; what you wrote is still "
        "here."
    ),
    "quiz-no-more": N_("All attempts of this test have been used. The best one counts."),
    "quiz-wait": N_(
        "The next attempt opens a little later, so that there is time to read again. Nothing was "
        "lost."
    ),
    "response-too-long": N_("This answer is longer than %(limit)s characters and was not saved."),
    "response-unknown": N_(
        "This answer does not belong to the question. What was saved before is safe; reload the "
        "page and answer again."
    ),
    "text-unclean": N_(
        "This text contains characters that cannot be stored. Nothing else was changed."
    ),
    "time-over": N_(
        "The time for this test is over. The answers saved before count; send the test to see "
        "the result."
    ),
}
