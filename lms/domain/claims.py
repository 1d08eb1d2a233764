"""What a host application says of the person who makes a request, and the rights that follow.

A claim is read anew for every request. Its roles are never stored: what the host takes away is
gone with the next request. Its particulars (name, address, department, language) are copied into
our records, since lists and certificates need them, and copied again when they change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from lms.domain.access import Viewer

SUBJECT_LENGTH = 150
ADMINISTERS = "administrator:"
"""How the fingerprint of an administrator begins."""
FROM_THE_ROOT = "from the root"
"""Stands in the fingerprint of whoever has a department. Fingerprints made while a department was
looked for anywhere in the tree lack it, so where those people belong is copied once more."""
KEYS = frozenset({"subject", "name", "email", "department", "language", "roles"})


class Role(StrEnum):
    """What a host may say that somebody is. Everyone is a learner."""

    LEARNER = "learner"
    TRAINER = "trainer"
    """Of every course; ``trainer:<course>`` means one."""
    MANAGER = "manager"
    """Head of their own department, so of everyone in it and below; not of the institution."""
    HR = "hr"
    """Head of the whole institution."""
    ADMINISTRATOR = "administrator"


def said_administrator(fingerprint: str | None) -> bool:
    """Whether the host called somebody administrator when it last described them.

    That protects their account from who is none; it gives them no right: those follow the claim
    of each request.
    """
    return fingerprint is not None and fingerprint.startswith(ADMINISTERS)


class ClaimError(Exception):
    """The host's ``identify`` gave something we cannot use; the text says what was expected.

    It goes into logs, so it names kinds of values, never one: any may be a personal code.
    """


@dataclass(frozen=True, slots=True)
class Claim:
    """One person as their host application describes them."""

    subject: str
    """Who it is, for ever: the host's own id, as text."""
    name: str = ""
    email: str = ""
    department: str | None = None
    """The way down from the institution, ``"Above / Below"``. None: the host does not say; empty:
    in none."""
    language: str | None = None
    roles: frozenset[str] = frozenset()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the particulars: another one than before means that they changed.

        64 characters. An administrator's shows that they are one (:func:`said_administrator`).
        """
        said = [self.name, self.email, self.department, self.language]
        if self.department:
            said.append(FROM_THE_ROOT)
        digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()
        mark = ADMINISTERS if self.has(Role.ADMINISTRATOR) else ""
        return mark + digest[len(mark) :]

    def has(self, role: Role) -> bool:
        return role.value in self.roles

    @property
    def courses(self) -> frozenset[str]:
        """Keys of the courses named by ``trainer:<course>``."""
        named = (role.partition(":") for role in self.roles)
        return frozenset(key for kind, _, key in named if kind == Role.TRAINER and key)

    @property
    def unknown_roles(self) -> frozenset[str]:
        """Roles that mean nothing here; they give no right."""
        known = {role.value for role in Role}
        return frozenset(
            role
            for role in self.roles
            if role not in known and not role.startswith(f"{Role.TRAINER}:")
        )


def read_claim(given: object, languages: Iterable[str]) -> Claim:
    """The mapping that ``identify`` returned. Raises ClaimError with a sentence for developers."""
    if not isinstance(given, Mapping):
        raise ClaimError(
            f"identify must return a mapping with 'subject', or None for nobody, not "
            f"{type(given).__name__}."
        )
    unknown = sorted(str(key) for key in given if key not in KEYS)
    if unknown:
        raise ClaimError(
            f"identify gave {', '.join(unknown)}, which nothing reads; "
            f"known are {', '.join(sorted(KEYS))}."
        )
    language = _text(given, "language") or None
    return Claim(
        subject=_subject(given),
        name=_text(given, "name"),
        email=_text(given, "email"),
        department=None if given.get("department") is None else _text(given, "department"),
        language=language if language in set(languages) else None,
        roles=_roles(given.get("roles")),
    )


def _subject(given: Mapping[Any, Any]) -> str:
    value = given.get("subject")
    if isinstance(value, bool) or not isinstance(value, int | str):
        # Also None: a user who is not saved yet has no id, and all of them would be one person.
        raise ClaimError(
            f"identify must give 'subject' as a text or a whole number, not {type(value).__name__}."
        )
    if isinstance(value, int) and value.bit_length() > 4 * SUBJECT_LENGTH:
        raise ClaimError(f"'subject' must have 1 to {SUBJECT_LENGTH} printable characters.")
    subject = str(value)
    if not subject.strip() or len(subject) > SUBJECT_LENGTH or not subject.isprintable():
        raise ClaimError(f"'subject' must have 1 to {SUBJECT_LENGTH} printable characters.")
    return subject


def _text(given: Mapping[Any, Any], key: str) -> str:
    value = given.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ClaimError(f"identify must give {key!r} as a text, not {type(value).__name__}.")
    return value


def _roles(value: object) -> frozenset[str]:
    if value is None:
        return frozenset()
    # A mapping would give every role it names, also those it calls False.
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise ClaimError(
            f"identify must give 'roles' as a list of words, not {type(value).__name__}."
        )
    return frozenset(str(role) for role in value)


def with_roles(
    viewer: Viewer, claim: Claim, *, department: str, root: str, courses: Iterable[int]
) -> Viewer:
    """Our own rights of a person and those their host gives them in this request.

    ``department`` and ``root`` are paths (empty for none), ``courses`` the ids of the courses the
    claim makes them trainer of. The head of the root is HR, who manages everybody's accounts: a
    manager does not become that by belonging to the institution itself.
    """
    heads = set(viewer.heads)
    if claim.has(Role.MANAGER) and department and department != root:
        heads.add(department)
    if claim.has(Role.HR) and root:
        heads.add(root)
    return replace(
        viewer,
        is_admin=viewer.is_admin or claim.has(Role.ADMINISTRATOR),
        heads=tuple(sorted(heads)),
        teaches=tuple(sorted({*viewer.teaches, *courses})),
    )
