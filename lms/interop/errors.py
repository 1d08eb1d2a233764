"""What this wing refuses: `Refusal`s with a stable code, worded by the web floor."""

from lms.domain.errors import Refusal


class TooLarge(Refusal):
    """More than is accepted of one thing. Params: `limit` and `size` (see the raiser's unit)."""

    status = 413


class TooComplex(Refusal):
    """Short enough, but taking longer to work out than anything a person writes.

    Params: `seconds` where a time limit was hit, `depth` where a nesting limit was.
    """

    status = 422


class BadText(Refusal):
    """Text no database can keep: `code` is `text-nul` or `text-surrogate`."""


class RendererUnavailable(Refusal):
    """The process that renders Markdown does not start: a fault of the installation."""

    status = 503


class UnreadableTable(Refusal):
    """The whole upload is no table of people; `code` says why (see `tables_read`)."""
