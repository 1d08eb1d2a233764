"""Parcurs. A lazy door: ``import lms.domain`` must not import Flask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lms.app import LMS, create_app
    from lms.models.engine import prepare

__all__ = ["LMS", "__version__", "create_app", "prepare"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in {"LMS", "create_app"}:
        import lms.app

        return getattr(lms.app, name)
    if name == "prepare":
        import lms.models.engine

        return lms.models.engine.prepare
    raise AttributeError(name)
