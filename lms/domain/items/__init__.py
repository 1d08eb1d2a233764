"""Question kinds: what a learner is shown, how a response is read, and how it scores.

An :class:`Item` holds what all kinds share; its ``body`` is one of the kinds below. The text
fields hold Markdown when they come from an author and HTML once a service has rendered them
(:meth:`Item.map_text`); the rules here never look inside.
"""

from lms.domain.items.arranging import Matching, Ordering, Pair, Step
from lms.domain.items.choosing import Choice, Option, TrueFalse
from lms.domain.items.item import Case, Item, Use, from_json
from lms.domain.items.kinds import Body, Kind, Layout, Question, Response, Review, ReviewLine
from lms.domain.items.writing import Mistake, Numeric, ShortAnswer

__all__ = [
    "Body",
    "Case",
    "Choice",
    "Item",
    "Kind",
    "Layout",
    "Matching",
    "Mistake",
    "Numeric",
    "Option",
    "Ordering",
    "Pair",
    "Question",
    "Response",
    "Review",
    "ReviewLine",
    "ShortAnswer",
    "Step",
    "TrueFalse",
    "Use",
    "from_json",
]
