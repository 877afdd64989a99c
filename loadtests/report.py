"""The page of a load test: one file, readable without a network, light and dark, in English or Japanese."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Final

from kit.words import Language
from loadtests.lines import chart
from loadtests.record import Record, Row
from loadtests.report_words import WORDS
from loadtests.thresholds import END_TO_END, MAX_FAILURES, Judged, Verdict

_STYLE: Final = Path(__file__).with_name("report.css")
#: A change below it is noise on most machines.
_NOISE: Final = 0.1

Say = Callable[[str], str]
#: Text and class of a cell.
Cell = tuple[str, str]


def page(record: Record, earlier: Record | None, language: Language) -> str:
    """The HTML; with ``earlier``, each figure stands beside that of the earlier run."""

    def say(key: str) -> str:
        return WORDS[key].text(language)

    title = f"{say('title')} · {record.scenario} · {record.at[:16].replace('T', ' ')} UTC"
    before = {row.name: row for row in earlier.rows} if earlier else {}
    parts = [
        _head(record, earlier, say, title), _verdict(record, say), _thresholds(record, before, say),
        _ways(record, before, say), _charts(record, say), _requests(record, before, say),
    ]  # fmt: skip
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>\n<style>{_STYLE.read_text('utf-8')}</style></head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _head(record: Record, earlier: Record | None, say: Say, title: str) -> str:
    shape = f" · {record.shape}" if record.shape else ""
    facts = [
        f"{record.people:,} {say('people')}", f"{record.seconds:,.0f} {say('seconds')}{shape}",
        f"{record.requests:,} {say('requests')} ({record.rate:,.1f}/s)", f"{record.failed:,} {say('failed')}",
        f"{say('target')}: {record.target}",
    ]  # fmt: skip
    against = ""
    if earlier:
        same = (earlier.scenario, earlier.people, earlier.shape) == (record.scenario, record.people, record.shape)
        when, who = earlier.at[:16].replace("T", " "), f"{earlier.people} {say('people')}"
        told = f"{say('against')} {when} UTC ({earlier.scenario}, {who})"
        against = f'<p class="meta">{escape(told)}{"" if same else " — " + escape(say("unlike"))}</p>'
    return f'<h1>{escape(title)}</h1><p class="meta">{escape(" · ".join(facts))}</p>{against}'


def _verdict(record: Record, say: Say) -> str:
    verdicts = [one.verdict for one in record.judged]
    missed, held, few = (verdicts.count(one) for one in (Verdict.MISSED, Verdict.HELD, Verdict.TOO_FEW))
    unjudged = f'<p class="few">{few} {escape(say("unjudged"))}</p>' if few else ""
    if not record.missed:
        kind, title = ("unsure", "unsure") if few else ("good", "holds")
        return f'<section class="{kind}"><h2>{escape(say(title))}</h2>{unjudged}</section>'
    lines = [f"{missed} / {missed + held} {say('judged')}"] if missed else []
    if record.failed > MAX_FAILURES * record.requests:
        lines.append(f"{say('failures')}: {record.failed / record.requests:.1%} (≤ {MAX_FAILURES:.0%})")
    if not record.requests:
        lines.append(say("none"))
    said = "".join(f'<p class="missed">{escape(line)}</p>' for line in lines)
    return f'<section class="bad"><h2>{escape(say("misses"))}</h2>{said}{unjudged}</section>'


def _thresholds(record: Record, before: dict[str, Row], say: Say) -> str:
    heads = [say("request"), "p95 ms", say("limit"), say("verdict"), *_earlier_heads(before, say)]
    rows = [_judged_row(one, before, say) for one in record.judged]
    return _section(say("thresholds"), _table(heads, rows))


def _judged_row(one: Judged, before: dict[str, Row], say: Say) -> list[Cell]:
    kinds = {Verdict.HELD: "held", Verdict.MISSED: "missed", Verdict.TOO_FEW: "few", Verdict.ABSENT: "absent"}
    kind = kinds[one.verdict]
    verdict = f"{say(kind)} ({one.requests})" if one.verdict is Verdict.TOO_FEW else say(kind)
    shown = "–" if one.p95 is None else f"{one.p95:,.0f}"
    cells: list[Cell] = [(one.name, ""), (shown, "number"), (f"≤ {one.limit:,.0f}", "number"), (verdict, kind)]
    return cells + _earlier_cells(one.p95, before.get(one.name), bool(before))


def _ways(record: Record, before: dict[str, Row], say: Say) -> str:
    rows = {row.name: row for row in record.rows}
    found = [rows[name] for name in END_TO_END if name in rows]
    if not found:
        return ""
    return _section(say("ways"), f'<p class="meta">{escape(say("ways_note"))}</p>' + _rows(found, before, say))


def _requests(record: Record, before: dict[str, Row], say: Say) -> str:
    return _section(say("all"), _rows(record.rows, before, say))


def _rows(rows: Sequence[Row], before: dict[str, Row], say: Say) -> str:
    heads = [say("request"), say("count"), say("failed"), "/s", "p50 ms", "p95 ms", "p99 ms"]
    cells = [
        [
            (row.name, ""), (f"{row.requests:,}", "number"),
            (f"{row.failed:,}", "number missed" if row.failed else "number"),
            (f"{row.rate:,.1f}", "number"), *((f"{value:,.0f}", "number") for value in (row.p50, row.p95, row.p99)),
            *_earlier_cells(row.p95, before.get(row.name), bool(before)),
        ]
        for row in rows
    ]  # fmt: skip
    return _table([*heads, *_earlier_heads(before, say)], cells)


def _earlier_heads(before: dict[str, Row], say: Say) -> list[str]:
    return [say("earlier"), say("change")] if before else []


def _earlier_cells(p95: float | None, row: Row | None, compared: bool) -> list[Cell]:
    if not compared:
        return []
    if row is None or p95 is None or not row.p95:
        return [("–", "number absent")] * 2
    change = p95 / row.p95 - 1
    kind = "" if abs(change) < _NOISE else "worse" if change > 0 else "better"
    return [(f"{row.p95:,.0f}", "number"), (f"{change:+.0%}", f"number {kind}")]


def _charts(record: Record, say: Say) -> str:
    if len(record.moments) < 2:
        return ""
    at = [one.seconds for one in record.moments]
    load = chart(
        at, [[float(one.people) for one in record.moments], [one.rate for one in record.moments]], say("load_chart")
    )
    times = chart(at, [[one.p50 for one in record.moments], [one.p95 for one in record.moments]], say("time_chart"))
    keys = [(say("people"), say("rate")), ("p50 ms", "p95 ms")]
    drawn = [
        f'<div><h3>{escape(title)}<span class="key">{escape(first)}</span>'
        f'<span class="key second">{escape(second)}</span></h3>{svg}</div>'
        for title, svg, (first, second) in zip((say("load_chart"), say("time_chart")), (load, times), keys, strict=True)
    ]
    return _section(say("course"), f'<div class="charts">{"".join(drawn)}</div>')


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    kinds = [kind if "number" in kind else "" for _, kind in rows[0]] if rows else [""] * len(heads)
    head = "".join(
        f'<th scope="col"{_class("number" if kind else "")}>{escape(name)}</th>'
        for name, kind in zip(heads, kinds, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(f"<td{_class(kind)}>{escape(text)}</td>" for text, kind in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
