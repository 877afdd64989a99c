"""The page and the README's table match the record; a case without a recorded run shows "not run"."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.settings import Settings, checkout_root
from loadtests.parity import page, record
from loadtests.parity.deviations import DEVIATIONS
from loadtests.parity.measure import LAG, RATE, Stopped, aggregated, by_module, end_of, failed, of_containers, reasons
from loadtests.parity.places import PLACES
from loadtests.parity.previous import previous
from loadtests.parity.record import Measured

ONE = Measured("2026-11-30", "abc1234", "Linux, 2 cores, load 1", {"chat": [9, 1, 0], "calls": [4, 0, 2]}, {RATE: 12.3})


def test_the_page_matches_the_record() -> None:
    assert page.PAGE.read_text("utf-8") == page.render(record.load())


def test_the_readme_table_matches_the_record() -> None:
    assert len(page.table_of_readme(record.load())) == 4
    for name, words in page.READMES.items():
        readme = (checkout_root() / name).read_text("utf-8")
        assert page.BEGIN in readme
        assert readme == page.with_table(readme, record.load(), words)


def test_figures_without_a_run_are_marked_as_not_run() -> None:
    text = page.render({"embedded": ONE})
    assert "| chat | 9 of 10 | not run | not run | not run | not run | not run |" in text
    assert "| calls | 4 of 4, 2 skipped |" in text
    assert f"| {LAG} | not run | not run |" in text
    assert page.table_of_readme({"embedded": ONE})[2:] == [
        "| End-to-end tests that passed | 13 of 14 | not run | not run | not run | not run | not run |",
        "| Requests/s, 10 people | 12.3 | not run | not run | not run | not run | not run |",
    ]


def test_a_stopped_run_gives_its_reason() -> None:
    stopped = Measured("2026-11-30", "abc1234", "Linux", stopped="make up: port 8080 | is held")
    assert "| make up: port 8080 / is held |" in page.render({"compose": stopped})


def test_a_stopped_part_leaves_the_others_their_results() -> None:
    figures: list[str] = []

    def stops() -> None:
        raise Stopped("make bench: not within 20 s")

    said = reasons([lambda: figures.append("rate"), stops, lambda: figures.append("memory")])
    assert said == "make bench: not within 20 s"
    assert figures == ["rate", "memory"]


def test_a_saved_record_is_loaded_unchanged(tmp_path: Path) -> None:
    record.save({"embedded": ONE}, tmp_path / "parity.json")
    assert record.load(tmp_path / "parity.json") == {"embedded": ONE}
    assert record.load(tmp_path / "absent.json") == {}


def test_tests_are_counted_by_module() -> None:
    report = """<testsuites><testsuite>
      <testcase classname="tests.e2e.test_chat" name="a"/>
      <testcase classname="tests.e2e.test_chat" name="b"><failure/></testcase>
      <testcase classname="tests.e2e.test_calls" name="c"><skipped/></testcase>
    </testsuite></testsuites>"""
    assert by_module(report) == {"calls": [0, 0, 1], "chat": [1, 1, 0]}
    assert failed(report) == ["chat: b"]


def test_the_reason_of_a_failed_command_is_reported_without_later_output() -> None:
    followed = "Logs: .asyncsns/logs/, `make logs`\nmake[1]: *** [Makefile:19: up] Error 1\n"
    said = f"step one\n\nport 8080 is held by nginx\n\n{followed}"
    assert end_of(said) == "step one / port 8080 is held by nginx"


def test_the_lines_of_a_traceback_are_left_out() -> None:
    frames = 'Traceback (most recent call last):\n  File "/home/one/api.py", line 94, in call\n    raise X\n'
    said = f"posting\n  - no port\n{frames}X: 500\n"
    assert end_of(said) == "posting /   - no port / X: 500"


def test_failed_tests_are_named() -> None:
    failing = Measured("2026-11-30", "abc1234", "Linux", failures=["chat: test_it[a|b]"])
    assert "| MiniStack, Docker | chat: test_it[a/b] |" in page.render({"compose": failing})
    assert "## Tests that failed\n\nNone.\n" in page.render({"embedded": ONE})


def test_modules_named_by_a_place_exist() -> None:
    for place in PLACES:
        for module in place.modules:
            assert (checkout_root() / "tests" / "e2e" / f"test_{module}.py").exists()


def test_each_place_on_processes_names_its_search() -> None:
    """`make up` remembers the last one."""
    of_processes = [dict(place.variables) for place in PLACES if "embedded" in dict(place.variables).values()]
    assert [place["SEARCH"] for place in of_processes] == ["engine", "node", "engine"]
    assert [place.command for place in PLACES[:2]] == ["make up", "make up SEARCH=node"]


def test_localstack_is_measured_as_make_up_leaves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEED", raising=False)
    for place in PLACES[:-1]:
        monkeypatch.setenv("EMULATOR", dict(place.variables)["EMULATOR"])
        assert (place.seed == "yes") == Settings().wants_seed, place.name


def test_locusts_row_of_all_requests_is_read() -> None:
    stats = "Type,Name,Requests/s,50%,95%\nGET,/v1/search,1.0,9,20\n,Aggregated,7.5,11,42\n"
    assert aggregated(stats) == {"requests/s": 7.5, "p50 ms": 11, "p95 ms": 42}


def test_memory_is_summed_over_the_projects_containers() -> None:
    said = "asyncsns-edge-1 44.5MiB / 512MiB\nasyncsns-localstack-1 1.5GiB / 4GiB\nother-db-1 3GiB / 4GiB\n"
    assert of_containers(said, "asyncsns-") == 44.5 + 1536


def test_each_deviation_names_an_existing_test() -> None:
    assert [one.test for one in DEVIATIONS if not (checkout_root() / one.test).exists()] == []


def test_the_previous_network_is_started_again_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASYNCSNS_HOME", raising=False)
    settings = Settings(root=tmp_path)
    assert previous(settings).commands() == []
    settings.remember(target="embedded", emulator="localstack", search="node", turn="yes")
    found = previous(settings)
    assert found.variables == {"TARGET": "embedded", "EMULATOR": "localstack", "SEARCH": "node"}
    assert found.commands() == ["up", "down"]
    monkeypatch.setattr("loadtests.parity.previous.client.is_running", lambda _: True)
    assert previous(settings).commands() == ["up"]
