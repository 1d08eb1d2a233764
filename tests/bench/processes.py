"""What a tree of processes costs: processor time and memory, read from ``/proc``."""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def tree(*roots: int) -> list[int]:
    """The processes and all their descendants that are alive."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            fields = _stat(int(folder.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(folder.name))
    found, waiting = [], list(roots)
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def cpu_seconds(*roots: int) -> float:
    """User and system seconds spent so far by the trees, ended children included."""
    total = 0
    for pid in tree(*roots):
        fields = _stat(pid)
        # utime, stime, and cutime, cstime of children that ended and were waited for
        total += sum(int(n) for n in fields[11:15]) if fields else 0
    return total / TICKS


def _stat(pid: int) -> list[str]:
    """Fields of ``/proc/<pid>/stat`` after the name: state, ppid, …"""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text.rsplit(")", 1)[1].split()


def proportional_memory(pid: int) -> float:
    """PSS of one process in MiB: shared pages are counted in parts."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def peak_memory(pid: int) -> float:
    """Highest resident memory of one process so far, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def reset_peak(pid: int) -> None:
    """Let ``peak_memory`` count from now on."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
