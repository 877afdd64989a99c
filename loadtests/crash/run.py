"""Rounds of traffic and faults, then the drain, then the count."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field

import boto3
import httpx
from botocore.exceptions import BotoCoreError, ClientError

from emulation.settings import REGION
from kit.client import Endpoints, Problem
from kit.redrive.queues import dead_letters
from kit.settings import Settings
from loadtests.crash import clocks
from loadtests.crash.checks import check
from loadtests.crash.faults import Faults
from loadtests.crash.heal import Healing, Step, heal
from loadtests.crash.ledger import Finding, Kind
from loadtests.crash.traffic import Traffic
from loadtests.crash.world import World, settle

Tell = Callable[[str], None]
#: Faults that may be drawn; ``FAULTS=`` chooses some.
FAULTS = ("one", "pair", "all", "keepers", "functions", "stop", "down", "damage", "clock", "disk")
#: A world grows by some 60 operations a round; quotas count by person and five minutes.
_ROUNDS_OF_A_WORLD = 5
#: So many worlds whose effects are not all there yet are left for later; each is counted until nothing changes.
_DRAINING_WORLDS = 2
_DOES_NOT_ANSWER = (Problem, httpx.HTTPError, ClientError, BotoCoreError)
_LOOK_AGAIN_SECONDS = 1.0
#: What a person saw meanwhile is printed for rounds that took longer.
_SLOW_SECONDS = 4.0
#: After so long without a whole count it is given up.
_SILENCE_SECONDS = 600.0


@dataclass(frozen=True)
class Plan:
    """``patience``: seconds without any progress after which what is missing counts as lost."""

    seed: int = 1
    rounds: int = 10
    round_seconds: float = 4.0
    people: int = 4
    patience: float = 60.0
    faults: tuple[str, ...] = FAULTS


@dataclass
class Outcome:
    """All rounds together."""

    acknowledged: Counter[Kind] = field(default_factory=Counter)
    unsure: Counter[Kind] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    heals: list[Healing] = field(default_factory=list)
    drains: list[float] = field(default_factory=list)
    odd: Counter[str] = field(default_factory=Counter)
    #: Damaged files that were not repaired, or that no process named.
    silent: list[str] = field(default_factory=list)
    dead_letters: int = 0

    @property
    def held(self) -> bool:
        return not self.findings and not self.silent


def run(plan: Plan, tell: Tell) -> Outcome:
    """Everything that ``plan`` says. ``tell`` hears each round in a line, so that a run can be followed.

    Raises:
        NotHealed: the network stayed down after a fault; nothing can be counted then.
    """
    settings, endpoints = Settings.load(), Endpoints.load()
    outcome = Outcome()
    with clocks.settable(settings) if "clock" in plan.faults else nullcontext():
        _rounds(plan, settings, endpoints, outcome, tell)
    return outcome


def _rounds(plan: Plan, settings: Settings, endpoints: Endpoints, outcome: Outcome, tell: Tell) -> None:
    worlds: list[World] = []
    draining: list[World] = []
    before = _dead(settings)
    try:
        for number in range(plan.rounds):
            if number % _ROUNDS_OF_A_WORLD == 0:
                clocks.show_true(settings)
                worlds.append(settle(endpoints, plan.people))
            _round(plan, number, worlds[-1], settings, outcome, tell)
            if number % _ROUNDS_OF_A_WORLD == _ROUNDS_OF_A_WORLD - 1 or number == plan.rounds - 1:
                worlds[-1].ended = time.monotonic()
                draining = [one for one in (*draining, worlds[-1]) if not _is_complete(one, outcome, tell)]
            if len(draining) > _DRAINING_WORLDS:
                _count(draining.pop(0), plan, outcome, tell)
        clocks.show_true(settings)
        for world in draining:
            _count(world, plan, outcome, tell)
        # Once more at the end: what was there after its rounds must have outlived those of others.
        if len(worlds) > 1:
            outcome.findings = [finding for world in worlds for finding in _settled(world, plan, outcome, again=True)]
    finally:
        for world in worlds:
            world.close()
    outcome.dead_letters = max(0, _dead(settings) - before)


def _round(plan: Plan, number: int, world: World, settings: Settings, outcome: Outcome, tell: Tell) -> None:
    chance = random.Random(f"{plan.seed}/{number}")
    faults = Faults(settings, chance)
    traffic = Traffic(world, f"{plan.seed}/{number}")
    done, steps = "no fault", list[Step]()
    with traffic:
        time.sleep(chance.uniform(0.3, 0.7) * plan.round_seconds)
        if plan.faults:
            kind = faults.draw(plan.faults)
            struck = faults.strike(kind)
            healing = heal(world, kind)
            outcome.heals.append(healing)
            done = f"{struck}; a post after {healing.posted:.1f} s, whole after {healing.whole:.1f} s"
            steps = healing.steps if healing.whole > _SLOW_SECONDS else []
        time.sleep(0.3 * plan.round_seconds)
    outcome.odd.update(traffic.odd)
    if "SILENT" in done or "NOT PUT RIGHT" in done:
        outcome.silent.append(done)
    tell(f"round {number + 1:>3}  {done}")
    for step in steps:
        tell(f"           {step}")


def _is_complete(world: World, outcome: Outcome, tell: Tell) -> bool:
    """One check. Work that has to wait (messages of a killed function, for example) waits during the next rounds."""
    if _look(world, outcome) != []:
        return False
    outcome.drains.append(time.monotonic() - world.ended)
    _note(world, [], outcome, tell)
    return True


def _count(world: World, plan: Plan, outcome: Outcome, tell: Tell) -> None:
    _note(world, _settled(world, plan, outcome), outcome, tell)


def _note(world: World, findings: list[Finding], outcome: Outcome, tell: Tell) -> None:
    outcome.findings += findings
    outcome.acknowledged.update(world.ledger.acknowledged())
    outcome.acknowledged[Kind.TIMELINE] += len(world.ledger.posts) * (len(world.people) - 1)
    outcome.acknowledged[Kind.SEARCH] += len(world.ledger.posts)
    outcome.acknowledged[Kind.UNREAD] += len(world.people)
    outcome.unsure.update(world.ledger.unsure)
    passed = time.monotonic() - world.ended
    tell(f"counted {passed:.1f} s after its rounds: {sum(one.count for one in findings)} findings")


def _settled(world: World, plan: Plan, outcome: Outcome, *, again: bool = False) -> list[Finding]:
    """Check until nothing is missing, or nothing has changed for the plan's patience."""
    changed = answered = time.monotonic()
    last: list[Finding] | None = None
    while True:
        if (found := _look(world, outcome)) == []:
            if not again:
                outcome.drains.append(time.monotonic() - world.ended)
            return []
        if found is None:
            # Nothing is known then; a busy network may answer the next time.
            changed = time.monotonic()
            if changed - answered > _SILENCE_SECONDS:
                raise TimeoutError(f"it could not be counted: {dict(outcome.odd)}")
            time.sleep(_LOOK_AGAIN_SECONDS)
            continue
        answered = time.monotonic()
        if found != last:
            last, changed = found, time.monotonic()
        elif time.monotonic() - changed > plan.patience:
            return found
        time.sleep(_LOOK_AGAIN_SECONDS)


def _look(world: World, outcome: Outcome) -> list[Finding] | None:
    """All findings; None when something did not answer."""
    try:
        return check(world)
    except _DOES_NOT_ANSWER as error:
        outcome.odd[f"while counting: {error!r}"[:160].replace(world.word, "…")] += 1
        return None


def _dead(settings: Settings) -> int:
    """How many dead letters wait in all queues."""
    keys = settings.emulation.credentials.for_boto3()
    sqs = boto3.client("sqs", endpoint_url=settings.url("emulator"), region_name=REGION, **keys)
    return sum(one.waiting for one in dead_letters(sqs))
