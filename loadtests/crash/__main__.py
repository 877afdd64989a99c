"""``python -m loadtests.crash``. Exit code 0: every acknowledged operation exists once; 1: some are lost or doubled; 2:
aborted."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from emulation.private import keep_private
from kit import console, processes
from kit.settings import Settings
from kit.supervisor import client
from loadtests.bench.report import percentile
from loadtests.crash.heal import Healing, NotHealed
from loadtests.crash.ledger import Kind, Verdict, totals
from loadtests.crash.run import FAULTS, Outcome, Plan, run

#: Findings that are printed one by one; the table counts all.
_SHOWN = 20


def main() -> int:
    keep_private()
    parser = argparse.ArgumentParser(prog="make crash", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of traffic and faults; their timing is the machine's")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument(
        "--faults", nargs="*", default=list(FAULTS), metavar="fault",
        help=f"of {', '.join(FAULTS)}, or processes to kill (emulator+pump: both at once); without any: only traffic",
    )  # fmt: skip
    given = parser.parse_args()
    settings = Settings.load()
    known = {*FAULTS, *(row.name for row in processes.table_of(settings))}
    if unknown := sorted({name for fault in given.faults for name in fault.split("+")} - known):
        parser.error(f"expected faults of {', '.join(sorted(known))}, got {', '.join(unknown)}")
    if settings.remembered().get("target", "embedded") != "embedded" or not client.is_running(settings):
        print("make crash kills processes of the embedded target: run `make up` first", file=sys.stderr)
        return 2
    try:
        outcome = run(Plan(seed=given.seed, rounds=given.rounds, faults=tuple(given.faults)), console.say)
    except (NotHealed, TimeoutError) as error:
        print(console.red(str(error)), file=sys.stderr)
        return 2
    print(report(outcome))
    return 0 if outcome.held else 1


def report(outcome: Outcome) -> str:
    """Table by kind, times, and the first findings."""
    found = totals(outcome.findings)
    header = ["kind", "acknowledged", *Verdict, "unsure"]
    rows = [_row(kind, outcome, found.get(kind, Counter())) for kind in Kind]
    lines = ["", console.table(header, rows), ""]
    if outcome.heals:
        lines += [_healing(outcome.heals), ""]
    if drains := outcome.drains:
        lines.append(
            f"all effects seen after p50 {percentile(drains, 0.5):.1f} s, p95 {percentile(drains, 0.95):.1f} s"
        )
    if outcome.dead_letters:
        lines.append(f"{outcome.dead_letters} dead letters more than before: `make redrive` shows them")
    lines += [f"  {count} x {text}" for text, count in outcome.odd.most_common(5)]
    lines += [console.red(f"✗ {one}") for one in outcome.silent]
    lines += [console.red(f"✗ {one.kind} {one.verdict}: {one.what}") for one in outcome.findings[:_SHOWN]]
    if more := len(outcome.findings) - _SHOWN:
        lines += [f"  and {more} more"] if more > 0 else []
    lines.append("all that was acknowledged is there, once" if outcome.held else "acknowledged, and not as it was said")
    return "\n".join(lines)


def _healing(heals: list[Healing]) -> str:
    """Seconds until the network was whole again, by kind of fault: medians and 95th percentiles."""
    kinds = sorted({one.kind for one in heals})
    rows: list[list[str]] = []
    for kind in [*kinds, "all of them"] if len(kinds) > 1 else kinds:
        those = [one for one in heals if kind in (one.kind, "all of them")]
        columns = [one.posted for one in those], [one.whole for one in those]
        rows.append([kind, str(len(those)), *(f"{percentile(c, p):.1f}" for c in columns for p in (0.5, 0.95))])
    return console.table(["fault", "rounds", "post p50", "p95", "whole again p50", "p95"], rows)


def _row(kind: Kind, outcome: Outcome, found: Counter[Verdict]) -> list[str]:
    counts = (outcome.acknowledged[kind], *(found[one] for one in Verdict))
    return [kind, *map(str, counts), str(outcome.unsure[kind] or "")]


if __name__ == "__main__":
    sys.exit(main())
