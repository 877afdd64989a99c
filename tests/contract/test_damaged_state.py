"""Damaged state is repaired from intact copies, or stops the start and is named; the emulator never starts empty."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulation import mended
from emulation.damage import EXIT_DAMAGED
from emulation.emulator import manifest
from kit.settings import checkout_root
from tests.contract.emulator_process import EmulatorProcess, wait_until
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
        FunctionName="echo", Runtime="python3.11", Role=role, Handler="app.handler", Code={"ZipFile": code}, Timeout=60
    )
    wait_until(lambda: emulator.health()["snapshot"]["pending"] == [], 60, "all of it on disk", emulator.log)
    taken = emulator.health()["snapshot"]["taken"]
    wait_until(lambda: emulator.health()["snapshot"]["taken"] >= taken, 60, "all of it on disk", emulator.log)
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
    """The newest journal that contains writes."""
    files = sorted(_snapshots(home).glob("journal-*.log"), key=lambda path: int(path.stem.rpartition("-")[2]))
    return [file for file in files if file.stat().st_size][-1]


def _ends(emulator: EmulatorProcess) -> tuple[int, str]:
    """Exit status and last line of a start that is expected to fail."""
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
    """A killed emulator with some state. Tests damage the state and restore it."""
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


@pytest.fixture
def copied(killed: EmulatorProcess, tmp_path: Path) -> Iterator[EmulatorProcess]:
    """The killed emulator's state with its hard links, copied to a folder for one test."""
    home = tmp_path / "state"
    subprocess.run(["cp", "-a", str(killed.home), str(home)], check=True, timeout=60)
    (home / "emulator.log").unlink()
    emulator = EmulatorProcess(home)
    yield emulator
    if emulator.process is not None and emulator.process.poll() is None:
        emulator.kill()


def _is_all_there(emulator: EmulatorProcess) -> None:
    assert _count(emulator) == 20
    assert len(emulator.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]) == 1
    assert emulator.client("sqs").get_queue_url(QueueName="letters")["QueueUrl"]
    answer = emulator.client("lambda").invoke(FunctionName="echo", Payload=b'{"a": 1}')
    assert json.loads(answer["Payload"].read()) == {"a": 1}


def _emptied_file(name: str) -> Damage:
    def damage(home: Path) -> Path:
        file = _snapshots(home) / (_snapshots(home) / "current").readlink() / name
        file.write_bytes(b"")  # in place: the previous generation shares the file
        return file

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        *(_cut(f"{name}.json") for name in ("dynamodb", "lambda", "asyncsns_manifest")),
        *(pytest.param(_cut(f"{name}.json"), marks=pytest.mark.long) for name in ("cognito", "sqs")),
        *(_garble(f"{name}.json") for name in ("cognito", "asyncsns_journal")),
        *(pytest.param(_garble(f"{name}.json"), marks=pytest.mark.long) for name in ("dynamodb", "asyncsns_manifest")),
        _emptied_file("iam.json"),
        *(pytest.param(_emptied_file(f"{name}.json"), marks=pytest.mark.long) for name in ("dynamodb", "lambda")),
        _no_link,
        _garbage_line,
        _no_files,
        _link_to_itself,
    ],
)
def test_damaged_state_is_restored_in_full_and_the_file_is_named(copied: EmulatorProcess, damage: Damage) -> None:
    file = damage(copied.home)
    copied.start()
    _is_all_there(copied)
    lines = mended.reports(copied.home)
    assert f" {file} was damaged: " in lines[0]
    assert all(file.parent.name in line for line in lines)
    assert f"{file} was damaged: " in (copied.home / "emulator.log").read_text()
    assert copied.stop() == 0
    copied.start()
    _is_all_there(copied)
    assert mended.reports(copied.home) == lines


def _shared_and_not_copied(home: Path) -> Path:
    shutil.rmtree(_snapshots(home) / "copies")
    return _emptied_file("iam.json")(home)


def _code(home: Path) -> Path:
    file = next((home / "emulator" / "blobs" / "lambda-blobs").iterdir())
    file.write_bytes(file.read_bytes()[:-1])
    return file


def _of_a_newer_ministack(home: Path) -> Path:
    """An intact state with its own manifest, in a format that this MiniStack does not know."""
    return _rewritten(home, "cognito", lambda document: document | {"__ministack_format__": 99})


def _that_cannot_be_restored(home: Path) -> Path:
    return _rewritten(home, "cognito", lambda document: document | {"payload": ["no", "pools"]})


def _rewritten(home: Path, service: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Path:
    generation = _snapshots(home) / (_snapshots(home) / "current").readlink()
    file = generation / f"{service}.json"
    content = json.dumps(change(json.loads(file.read_bytes()))).encode()
    file.unlink()
    file.write_bytes(content)
    files = (manifest.read_manifest(generation) or {}) | {file.name: manifest.describe(content)}
    manifest.write_manifest(generation, manifest.number_of(generation), files)
    return file


@pytest.mark.parametrize(
    "damage", [_shared_and_not_copied, _code, _only_journals, _of_a_newer_ministack, _that_cannot_be_restored]
)
def test_irreparable_damage_stops_the_start_names_the_file_and_changes_nothing(
    copied: EmulatorProcess, damage: Damage
) -> None:
    file = damage(copied.home)
    damaged = _picture(copied.home)
    status, sentence = _ends(copied)
    assert status == EXIT_DAMAGED
    assert sentence.startswith("emulator: ")
    assert f"/snapshots/current/{file.name} is damaged: " in sentence or f"{file} is damaged: " in sentence
    assert "empty the state folder" in sentence
    assert _picture(copied.home) == damaged


def test_without_a_copy_the_previous_generation_restores_all_items(copied: EmulatorProcess) -> None:
    shutil.rmtree(_snapshots(copied.home) / "copies")
    file = _cut("sqs.json")(copied.home)
    copied.start()
    assert _count(copied) == 20
    (line,) = mended.reports(copied.home)
    assert f" {file} was damaged: " in line
    assert "counts again, with the journals since" in line
    copied.stop()


def test_a_record_torn_by_a_kill_is_cut_and_the_rest_is_kept(home: Path) -> None:
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


def test_state_of_a_version_without_manifest_and_checksums_is_read(home: Path) -> None:
    emulator = EmulatorProcess(home).start()
    _populate(emulator)
    emulator.kill()
    root = _snapshots(home)
    (root / "format").unlink()
    for listing in root.glob("generation-*/asyncsns_manifest.json"):
        listing.unlink()
    for file in root.glob("journal-*.log"):
        lines = file.read_bytes().splitlines()[1:]
        file.write_bytes(b"".join(line.split(b" ", 2)[2] + b"\n" for line in lines))
    emulator.start()
    try:
        assert _count(emulator) == 20
        wait_until(lambda: (root / "current" / "asyncsns_manifest.json").exists(), 60, "a manifest", emulator.log)
    finally:
        emulator.stop()


@pytest.mark.parametrize("whole_generation", [False, True])
def test_state_files_removed_at_run_time_are_written_again(home: Path, whole_generation: bool) -> None:
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
    wait_until(lambda: (root / "current").readlink() != Path(before.name), 60, "a snapshot", emulator.log)
    emulator.kill()
    emulator.start()
    assert _count(emulator) == 20
    assert emulator.client("lambda").get_function(FunctionName="echo")["Configuration"]["FunctionName"] == "echo"
    assert len(emulator.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]) == 1
    emulator.stop()
