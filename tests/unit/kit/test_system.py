"""Memory of processes including their children, from a fake /proc and from the output of `ps`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
    """Supervisor 10 runs emulator 20 and edge 30; 21 and 22 are Lambda environments; 22's parent has exited."""
    (proc / "self").mkdir()
    (proc / "self" / "stat").touch()
    (proc / "self" / "smaps_rollup").touch()
    for pid, parent, session, pss in (
        (10, 1, 10, 10), (20, 10, 20, 200), (21, 20, 20, 30), (22, 1, 20, 40), (23, 21, 99, 5), (30, 10, 30, 60),
        (40, 1, 40, 5000),
    ):  # fmt: skip
        _process(proc, pid, parent, session, pss)
    _process(proc, 24, 20, 20, None)  # another user's process: its memory is not readable
    _process(proc, 25, 20, 20, 9000, "Z")
    return proc


def test_each_process_counts_with_its_children_and_shared_pages_count_once(tmp_path: Path) -> None:
    assert system.memory_unit(_network(tmp_path)) == "PSS"
    sizes = system.memory_of([10, 20, 30, 77], tmp_path)
    assert sizes == {10: 10 * 1024, 20: (200 + 30 + 40 + 5) * 1024, 30: 60 * 1024, 77: 0}


def test_resident_memory_is_read_from_ps_on_other_systems(tmp_path: Path) -> None:
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


# --- ports, commands, processor time: each from a fake /proc, and from the output of macOS tools ----------------------


def _without_proc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: str) -> Path:
    """Fakes the output of ``ps``; returns a path for /proc that does not exist."""
    monkeypatch.setattr(system, "_ps", lambda *_: answer)
    return tmp_path / "absent"


def test_the_listener_of_a_port_is_found_in_proc(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    line = "   0: 0100007F:{port} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000  0  0 {inode} 1"
    rows = [line.format(port="1F90", state="0A", inode=77), line.format(port="1F91", state="01", inode=78)]
    (tmp_path / "net" / "tcp").write_text("head\n" + "\n".join(rows) + "\n")
    (tmp_path / "42" / "fd").mkdir(parents=True)
    for number, inode in enumerate((77, 78)):
        (tmp_path / "42" / "fd" / str(number)).symlink_to(f"socket:[{inode}]")
    assert system.listener_on(8080, proc=tmp_path) == 42
    assert system.listener_on(8081, proc=tmp_path) is None, "a connection is not a listener"
    assert system.listener_on(9000, proc=tmp_path) is None


def test_lsof_names_the_listener_on_other_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, bool]] = []

    def lsof(port: int, udp: bool) -> str:
        asked.append((port, udp))
        return "p4711\nf12\n" if port == 8080 else ""

    monkeypatch.setattr(system, "_lsof", lsof)
    assert system.listener_on(8080, udp=True, proc=tmp_path / "absent") == 4711
    assert system.listener_on(9000, proc=tmp_path / "absent") is None
    assert asked == [(8080, True), (9000, False)]


def test_commands_and_folders_are_read_from_proc_or_ps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _network(tmp_path)
    (tmp_path / "20" / "cmdline").write_bytes(b"python\0-m\0emulation.emulator\0")
    (tmp_path / "20" / "cwd").symlink_to("/checkout")
    assert system.command_of(20, tmp_path) == ["python", "-m", "emulation.emulator"]
    assert system.folder_of(20, tmp_path) == Path("/checkout")
    assert system.command_of(4711, tmp_path) == []
    assert system.folder_of(4711, tmp_path) is None
    absent = _without_proc(monkeypatch, tmp_path, "/usr/bin/python3 -m emulation.edge\n")
    assert system.command_of(20, absent) == ["/usr/bin/python3", "-m", "emulation.edge"]


def test_processor_time_is_read_from_proc_or_ps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "stat").touch()
    (tmp_path / "7").mkdir()
    fields = ["S", "1", "7", "7", *["0"] * 7, "250", "50", *["0"] * 8]
    (tmp_path / "7" / "stat").write_text(f"7 (a (b) c) {' '.join(fields)}")
    ticks = os.sysconf("SC_CLK_TCK")
    assert system.processor_seconds([7, 8], tmp_path) == {7: 300 / ticks}
    listing = "    7   1:02.50\n    8  01:00:03\n    9 2-00:00:01\n   10   0:00.10\n"
    absent = _without_proc(monkeypatch, tmp_path, listing)
    assert system.processor_seconds([7, 8, 9], absent) == {7: 62.5, 8: 3603.0, 9: 172801.0}
