"""Floor 2: one file per thing people do.

Plain functions ``f(session, …, now=…)`` that flush and never commit: the entrance commits, once.
``find_`` may return None, ``get_`` raises :class:`lms.domain.errors.NotFound`, ``list_`` returns a
list or a page. What is not allowed raises a :class:`lms.domain.errors.Refusal` with a code.
"""
