"""Each missing prerequisite is named, with the way to install it."""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit import ports, preflight, system
from kit.processes import Process
from kit.settings import Settings


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def _program(folder: Path, name: str, output: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\necho '{output}'\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def test_a_missing_node_is_named_with_the_way_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "`node` is not on the PATH" in (preflight.node_problem() or "")
    assert "nodejs.org" in (preflight.node_problem() or "") or "brew" in (preflight.node_problem() or "")
    assert "npm" in (preflight.npm_problem() or "")
    assert "make" in (preflight.make_problem() or "")


@pytest.mark.parametrize(
    ("version", "fine"), [("v18.19.0", False), ("v20.11.1", True), ("v26.0.0", True), ("odd", False)]
)
def test_node_is_old_below_20(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, fine: bool) -> None:
    _program(tmp_path, "node", version)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    problem = preflight.node_problem()
    assert (problem is None) is fine
    assert fine or version in (problem or "")


def test_too_little_free_disk_is_reported_with_the_amount_needed(tmp_path: Path) -> None:
    assert preflight.disk_problem(tmp_path, 0.001) is None
    assert "GB of free disk are needed" in (preflight.disk_problem(tmp_path, 1e9) or "")


def test_a_taken_port_is_named_with_the_process_that_holds_it(tmp_path: Path, taken_port: int) -> None:
    holder = ports.holder_of(taken_port)
    assert not ports.is_free(taken_port)
    assert holder.pid == os.getpid()
    assert "python" in holder.command or "pytest" in holder.command

    settings = _OnePort(root=tmp_path, taken=taken_port)
    found = preflight.port_problems(settings, (Process("edge", "", ports=("edge",)),))
    assert len(found) == 1
    assert f"port {taken_port} (edge) is held by" in found[0]
    assert str(os.getpid()) in found[0]
    assert "ASYNCSNS_PORT_OFFSET=100" in found[0]


def test_an_offset_that_leads_to_ports_no_browser_opens_is_refused(tmp_path: Path) -> None:
    assert preflight.offset_problems(Settings(root=tmp_path)) == []
    found = preflight.offset_problems(Settings(root=tmp_path, port_offset=2000))
    assert [one.split(":")[0] for one in found] == [
        "browsers refuse port 10080 (edge)",
        "browsers refuse port 6566 (emulator)",
    ]
    assert "ASYNCSNS_PORT_OFFSET=2100" in found[0]


class _OnePort(Settings):
    """Settings in which every port is one that is in use."""

    def __init__(self, root: Path, taken: int) -> None:
        super().__init__(root=root)
        object.__setattr__(self, "_taken", taken)

    def port(self, name: str) -> int:
        return int(getattr(self, "_taken"))  # noqa: B009 -- the class is frozen


@pytest.mark.parametrize(
    ("python", "node", "mac", "machine", "said"),
    [
        ((3, 11), "v20.1.0", False, "x86_64", ()),
        ((3, 15), "v20.1.0", False, "x86_64", ("Python",)),
        ((3, 11), "v27.0.0", False, "x86_64", ("Node.js 27",)),
        ((3, 11), "v20.1.0", True, "arm64", ("gevent",)),
        ((3, 13), "v20.1.0", True, "x86_64", ("Rust",)),
    ],
)
def test_an_untried_machine_is_named_and_not_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    python: tuple[int, int], node: str, mac: bool, machine: str, said: tuple[str, ...],
) -> None:  # fmt: skip
    _program(tmp_path, "node", node)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(preflight.sys, "version_info", (*python, 0, "final", 0))
    monkeypatch.setattr(preflight, "PYTHON_TESTED", ((3, 11), (3, 13)))
    monkeypatch.setattr(system, "is_mac", lambda: mac)
    monkeypatch.setattr(system.platform, "machine", lambda: machine)
    notes = preflight.notes()
    assert len(notes) == len(said), notes
    assert all(word in note for word, note in zip(said, notes, strict=True))
    assert preflight.node_problem() is None


def test_a_home_on_a_read_only_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(dir: Path) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(dir))

    monkeypatch.setattr(preflight.tempfile, "NamedTemporaryFile", refuse)
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path / "not-yet" / "there"))
    (problem,) = preflight.home_problems(Settings(), 0.001)
    assert problem.startswith(f"{tmp_path} cannot be written to (Read-only file system)")


def test_the_free_space_of_each_disk_is_checked(tmp_path: Path) -> None:
    assert preflight.home_problems(Settings(root=tmp_path), 0.001) == []
    (problem,) = preflight.home_problems(Settings(root=tmp_path), 1e9)
    assert "GB of free disk are needed" in problem
