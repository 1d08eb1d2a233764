"""How the server takes memory from the system and gives it back.

A password is checked in 19 MiB, which are taken anew and given back each time: what a worker kept
would be that much for every thread, for good. Taken in pages of four kilobytes, some five thousand
of them, they cost a virtual machine nearly as much time as the check itself; in large pages,
nothing to speak of.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

M_MMAP_THRESHOLD = -3
"""Its number in glibc's ``malloc.h``."""
TUNABLES = "GLIBC_TUNABLES"
LARGE_PAGES = "glibc.malloc.hugetlb"
"""1: whatever is large enough may lie in large pages, where the kernel gives them when asked
(https://sourceware.org/glibc/manual/latest/html_node/Memory-Allocation-Tunables.html)."""


def begin_with_large_pages() -> None:
    """Begin this process anew, once, with :data:`LARGE_PAGES`: glibc reads its settings only then.

    The process keeps its number. Nothing happens where the C library is another one, or where the
    operator has set this themselves.
    """
    given = os.environ.get(TUNABLES, "")
    if LARGE_PAGES in given or not sys.executable or not _is_glibc():
        return
    os.environ[TUNABLES] = ":".join(filter(None, (given, f"{LARGE_PAGES}=1")))
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  # no shell: our own interpreter and arguments, unchanged


def spare_memory() -> None:
    """Tell glibc, whose settings the workers inherit, to give large blocks back.

    Left alone it learns from the first password hash to keep blocks of that size.
    """
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 1 << 20)


def _is_glibc() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (AttributeError, ValueError, OSError):  # another system, another C library
        return False
