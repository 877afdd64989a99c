"""Damaged state stops the start with the file's name; an emulator that begins empty would soon overwrite the rest."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulation.damage import EXIT_DAMAGED
from emulation.edge import certificate
from kit.settings import checkout_root
from tests.contract.emulator_process import EmulatorProcess, free_offset, wait_until
from tests.contract.test_lambda_execution_environment import TRUST, archive

Damage = Callable[[Path], Path]


def _populate(emulator: EmulatorProcess) -> None:
    emulator.client("sqs").create_queue(QueueName="letters")
    emulator.client("cognito-idp").create_user_pool(PoolName="people")
    emulator.client("dynamodb").create_table(
        TableName="posts", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )  # fmt: skip
    role = emulator.client("iam").create_role(RoleName="runs", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    code = archive({"app.py": "def handler(event, context): return event\n"})
    emulator.client("lambda").create_function(
        FunctionName="echo", Runtime="python3.11", Role=role, Handler="app.handler", Code={"ZipFile": code}
    )
    wait_until(lambda: emulator.health()["snapshot"]["pending"] == [], 20, "all of it on disk", emulator.log)
    taken = emulator.health()["snapshot"]["taken"]
    wait_until(lambda: emulator.health()["snapshot"]["taken"] >= taken, 20, "all of it on disk", emulator.log)
    _put(emulator, range(20))


def _put(emulator: EmulatorProcess, numbers: range) -> None:
    for number in numbers:
        item = {"pk": {"S": f"post-{number}"}, "text": {"S": "a post"}}
        emulator.client("dynamodb").put_item(TableName="posts", Item=item)


def _count(emulator: EmulatorProcess) -> int:
    return int(emulator.client("dynamodb").scan(TableName="posts", Select="COUNT")["Count"])


def _snapshots(home: Path) -> Path:
    return home / "emulator" / "snapshots"


def _last_journal(home: Path) -> Path:
    """The one that has writes."""
    files = sorted(_snapshots(home).glob("journal-*.log"), key=lambda path: int(path.stem.rpartition("-")[2]))
    return [file for file in files if file.stat().st_size][-1]


def _ends(emulator: EmulatorProcess) -> tuple[int, str]:
    """Exit status and last line of a start that is to fail."""
    process = emulator._spawn(str(checkout_root() / ".asyncsns" / "venv-emulator" / "bin" / "python"), "emulator")
    try:
        status = process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        status = process.wait(10)
    return status, emulator.log().splitlines()[-1]


def _picture(home: Path) -> dict[str, bytes]:
    kept = (home / "emulator" / "snapshots", home / "emulator" / "blobs")
    return {str(file): file.read_bytes() for part in kept for file in part.rglob("*") if file.is_file()}


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> EmulatorProcess:
    """An emulator with some state that was killed. Tests damage it and put it back."""
    emulator = EmulatorProcess(tmp_path_factory.mktemp("killed")).start()
    _populate(emulator)
    emulator.kill()
    return emulator


def _cut(name: str) -> Damage:
    def damage(home: Path) -> Path:
        file = _snapshots(home) / (_snapshots(home) / "current").readlink() / name
        content = file.read_bytes()
        file.unlink()
        file.write_bytes(content[: len(content) // 2])
        return file

    return damage


def _garble(name: str) -> Damage:
    def damage(home: Path) -> Path:
        file = _snapshots(home) / (_snapshots(home) / "current").readlink() / name
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 0x01
        file.unlink()
        file.write_bytes(content)
        return file

    return damage


def _no_link(home: Path) -> Path:
    (_snapshots(home) / "current").unlink()
    return _snapshots(home) / "current"


def _garbage_line(home: Path) -> Path:
    file = _last_journal(home)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:5], b"garbage\n", *lines[5:]]))
    return file


def _no_files(home: Path) -> Path:
    generation = _snapshots(home) / (_snapshots(home) / "current").readlink()
    for file in generation.iterdir():
        file.unlink()
    return generation / "asyncsns_manifest.json"


def _link_to_itself(home: Path) -> Path:
    link = _snapshots(home) / "current"
    link.unlink()
    link.symlink_to(".")
    return link


def _only_journals(home: Path) -> Path:
    link = _snapshots(home) / "current"
    link.unlink()
    for generation in _snapshots(home).glob("generation-*"):
        shutil.rmtree(generation)
    return link


@pytest.mark.parametrize(
    "damage",
    [
        *(_cut(f"{name}.json") for name in ("dynamodb", "cognito", "lambda", "sqs", "asyncsns_manifest")),
        *(_garble(f"{name}.json") for name in ("dynamodb", "cognito", "asyncsns_journal", "asyncsns_manifest")),
        _no_link,
        _garbage_line,
        _no_files,
        _link_to_itself,
        _only_journals,
    ],
)
def test_a_damaged_file_stops_the_start_and_is_named_and_nothing_is_changed(
    killed: EmulatorProcess, damage: Damage
) -> None:
    link = _snapshots(killed.home) / "current"
    target, whole = link.readlink(), _picture(killed.home)
    file = damage(killed.home)
    damaged = _picture(killed.home)
    try:
        status, sentence = _ends(killed)
        assert status == EXIT_DAMAGED
        assert sentence.startswith(f"emulator: {file} is damaged: ")
        assert "empty the state folder" in sentence
        assert _picture(killed.home) == damaged
    finally:
        for name, content in whole.items():
            if damaged.get(name) != content:
                Path(name).parent.mkdir(exist_ok=True)
                Path(name).write_bytes(content)
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def test_what_a_kill_tore_off_is_cut_and_the_rest_is_there(home: Path) -> None:
    emulator = EmulatorProcess(home).start()
    _populate(emulator)
    emulator.kill()
    file = _last_journal(home)
    with file.open("ab") as journal:
        journal.write(b'137 0a1b2c3d ["set","arn:aws:dynamodb:us-east-1:0000000')
    emulator.start()
    try:
        assert _count(emulator) == 20
        _put(emulator, range(20, 25))
    finally:
        emulator.kill()
    emulator.start()
    assert _count(emulator) == 25
    assert emulator.stop() == 0


def test_going_back_to_the_generation_that_the_sentence_names_keeps_all_items(killed: EmulatorProcess) -> None:
    root, whole = _snapshots(killed.home), _picture(killed.home)
    link = root / "current"
    target = link.readlink()
    _cut("sqs.json")(killed.home)
    _, sentence = _ends(killed)
    assert "go back to generation-" in sentence
    _, _, command = sentence.partition("`ln ")
    subprocess.run(["ln", *command.partition("`")[0].split()], check=True, timeout=10)
    killed.start()
    assert _count(killed) == 20
    killed.stop()
    for file in root.glob("*"):
        if not file.is_symlink() and file.is_dir():
            subprocess.run(["rm", "-r", str(file)], check=True, timeout=10)
    for name, content in whole.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content)
    link.unlink()
    link.symlink_to(target)


def test_state_of_a_version_without_manifest_and_checksums_is_read(home: Path) -> None:
    emulator = EmulatorProcess(home).start()
    _populate(emulator)
    emulator.kill()
    root = _snapshots(home)
    (root / "format").unlink()
    for manifest in root.glob("generation-*/asyncsns_manifest.json"):
        manifest.unlink()
    for file in root.glob("journal-*.log"):
        lines = file.read_bytes().splitlines()[1:]
        file.write_bytes(b"".join(line.split(b" ", 2)[2] + b"\n" for line in lines))
    emulator.start()
    try:
        assert _count(emulator) == 20
        wait_until(lambda: (root / "current" / "asyncsns_manifest.json").exists(), 20, "a manifest", emulator.log)
    finally:
        emulator.stop()


@pytest.mark.parametrize("whole_generation", [False, True])
def test_files_that_somebody_removes_while_it_runs_are_written_again(home: Path, whole_generation: bool) -> None:
    emulator = EmulatorProcess(home).start()
    _populate(emulator)
    root = _snapshots(home)
    before = root / (root / "current").readlink()
    if whole_generation:
        shutil.rmtree(before)
    else:
        for file in before.iterdir():
            file.unlink()
    emulator.client("sqs").create_queue(QueueName="more-letters")
    wait_until(lambda: (root / "current").readlink() != Path(before.name), 20, "a snapshot", emulator.log)
    emulator.kill()
    emulator.start()
    assert _count(emulator) == 20
    assert emulator.client("lambda").get_function(FunctionName="echo")["Configuration"]["FunctionName"] == "echo"
    assert len(emulator.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]) == 1
    emulator.stop()


# --- other processes -------------------------------------------------------------------------------------------------


def _start(module: str, home: Path) -> tuple[int, str]:
    """Exit status and last line of a process that is to end by itself."""
    environment = os.environ | {"EMULATION_STATE": str(home), "EMULATION_PORT_OFFSET": str(free_offset())}
    done = subprocess.run(
        [sys.executable, "-m", module], cwd=checkout_root(), env=environment, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, (done.stderr.splitlines() or [""])[-1]


CHECKPOINT = {"stream/shard": {"sequence": "12", "at": 1.0}}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(CHECKPOINT)[:-9],
        "",
        "[]",
        json.dumps({"version": 2, "crc32": 0, "entries": CHECKPOINT}),
    ],
)
def test_the_pump_names_checkpoints_that_it_cannot_read(home: Path, content: str) -> None:
    file = home / "pump" / "checkpoints.json"
    file.parent.mkdir(parents=True)
    file.write_text(content)
    status, sentence = _start("emulation.pump", home)
    assert status == EXIT_DAMAGED
    assert sentence.startswith(f"pump: {file} is damaged: ")
    assert file.read_text() == content


def _database(file: Path) -> bytes:
    file.parent.mkdir(parents=True)
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)")
        connection.executemany("INSERT INTO rows VALUES (?, ?)", [(number, "x" * 400) for number in range(200)])
    connection.close()
    return file.read_bytes()


def _headless(content: bytes) -> bytes:
    return b"X" + content[1:]


def _without_tail(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _emptied(content: bytes) -> bytes:
    return b""


def _with_a_lost_page(content: bytes) -> bytes:
    return content[: len(content) // 2] + b"\xff" * 4096 + content[len(content) // 2 + 4096 :]


@pytest.mark.parametrize("damage", [_headless, _without_tail, _with_a_lost_page, _emptied])
@pytest.mark.parametrize(
    ("module", "name"), [("emulation.search", "search/store.sqlite"), ("emulation.push", "push/push.sqlite")]
)
def test_search_and_push_name_a_database_that_sqlite_cannot_read(
    home: Path, module: str, name: str, damage: Callable[[bytes], Any]
) -> None:
    file = home / name
    file.write_bytes(damage(_database(file)))
    status, sentence = _start(module, home)
    assert status == EXIT_DAMAGED
    assert sentence.startswith(f"{module.removeprefix('emulation.')}: {file} is damaged: ")
    assert WAY_OUT[module] in sentence


WAY_OUT = {"emulation.search": "search`, start again", "emulation.push": "empty the state folder"}


@pytest.mark.parametrize(
    ("module", "name", "left"),
    [
        ("emulation.search", "search/store.sqlite", "store.sqlite-wal"),
        ("emulation.search", "search/store.sqlite", "store.sqlite-shm"),
        ("emulation.search", "search/store.sqlite", "derived"),
        ("emulation.push", "push/push.sqlite", "push.sqlite-wal"),
        ("emulation.push", "push/push.sqlite", "push.sqlite-shm"),
    ],
)
def test_search_and_push_name_a_database_that_is_missing_while_what_belongs_to_it_is_there(
    home: Path, module: str, name: str, left: str
) -> None:
    file = home / name
    file.parent.mkdir(parents=True)
    if left == "derived":
        (file.parent / left).mkdir()
    else:
        (file.parent / left).write_bytes(b"x" * 32)
    status, sentence = _start(module, home)
    assert status == EXIT_DAMAGED
    head = f"{module.removeprefix('emulation.')}: {file} is damaged: it is missing, and {left} is still there"
    assert sentence.startswith(head)
    assert WAY_OUT[module] in sentence
    assert not file.exists()


@pytest.mark.parametrize(
    ("module", "name"), [("emulation.search", "search/store.sqlite"), ("emulation.push", "push/push.sqlite")]
)
def test_search_and_push_name_a_folder_in_the_place_of_the_database(home: Path, module: str, name: str) -> None:
    (home / name).mkdir(parents=True)
    status, sentence = _start(module, home)
    assert status == EXIT_DAMAGED
    assert sentence.startswith(f"{module.removeprefix('emulation.')}: {home / name} is damaged: ")


@pytest.mark.parametrize("name", ["localhost.key", "localhost.pem"])
def test_the_edge_names_a_certificate_that_it_cannot_read(home: Path, name: str) -> None:
    certificate.ensure(home / "edge")
    (home / "edge" / name).write_bytes(b"")
    status, sentence = _start("emulation.edge", home)
    assert status == EXIT_DAMAGED
    assert sentence.startswith(f"edge: {home / 'edge' / name} is damaged: ")
