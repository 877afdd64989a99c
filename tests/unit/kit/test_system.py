"""Memory of processes with their children, on a made-up /proc and on what `ps` says elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

from kit import system

_ROLLUP = """55d0c0a00000-7ffd8a5f1000 ---p 00000000 00:00 0                          [rollup]
Rss:               90000 kB
Pss:               {pss} kB
Pss_Dirty:          1000 kB
Shared_Clean:      60000 kB
"""


def _process(proc: Path, pid: int, parent: int, session: int, pss: int | None, state: str = "S") -> None:
    folder = proc / str(pid)
    folder.mkdir(parents=True)
    after = [state, str(parent), str(pid), str(session), *["0"] * 15, "777"]
    (folder / "stat").write_text(f"{pid} (a (b) c) {' '.join(after)}")
    if pss is not None:
        (folder / "smaps_rollup").write_text(_ROLLUP.format(pss=pss))


def _network(proc: Path) -> Path:
    """Supervisor 10 keeps emulator 20 and edge 30; 21 and 22 are Lambda environments, 22's parent has died."""
    (proc / "self").mkdir()
    (proc / "self" / "stat").touch()
    (proc / "self" / "smaps_rollup").touch()
    for pid, parent, session, pss in (
        (10, 1, 10, 10), (20, 10, 20, 200), (21, 20, 20, 30), (22, 1, 20, 40), (23, 21, 99, 5), (30, 10, 30, 60),
        (40, 1, 40, 5000),
    ):  # fmt: skip
        _process(proc, pid, parent, session, pss)
    _process(proc, 24, 20, 20, None)  # another user's: it may not be read
    _process(proc, 25, 20, 20, 9000, "Z")
    return proc


def test_each_process_counts_with_its_children_and_shared_pages_count_once(tmp_path: Path) -> None:
    assert system.memory_unit(_network(tmp_path)) == "PSS"
    sizes = system.memory_of([10, 20, 30, 77], tmp_path)
    assert sizes == {10: 10 * 1024, 20: (200 + 30 + 40 + 5) * 1024, 30: 60 * 1024, 77: 0}


def test_forks_of_this_process_are_not_counted_twice() -> None:
    """The real thing: what a fork shares is in both RSS, and once in the sum of PSS."""
    if system.memory_unit() != "PSS":
        return
    ballast = b"x" * 50_000_000
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writable)
        os.read(readable, 1)
        os._exit(0)
    try:
        both = system.memory_of([os.getpid()])[os.getpid()]
    finally:
        os.close(writable)
        os.close(readable)
        os.waitpid(child, 0)
    alone = system.memory_of([os.getpid()])[os.getpid()]
    assert len(ballast) == 50_000_000
    assert both < alone + 40_000_000


def test_elsewhere_ps_tells_resident_memory_under_that_name(tmp_path: Path) -> None:
    assert system.memory_unit(tmp_path) == "RSS"
    listing = "    1     0     1 Ss\n  501     1   501 S+\n  502   501   502 R\n  503   501   501 Z\n"
    rows = list(system._from_ps(listing))
    assert [(row.pid, row.parent, row.group, row.state) for row in rows][1:3] == [
        (501, 1, 501, "S+"),
        (502, 501, 502, "R"),
    ]
    assert system._rss("  501  1024\n  502    10\n") == {501: 1024 * 1024, 502: 10 * 1024}


def test_ancestors_are_listed_from_the_nearest() -> None:
    found = system.ancestors()
    assert found[0] == os.getppid()
    assert os.getpid() not in found
