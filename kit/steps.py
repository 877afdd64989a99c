"""A small graph of steps, run side by side where they do not need each other, one line of progress each."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from kit import console, shell

#: The result of a step whose work was already done.
UNCHANGED = "unchanged"


class StepFailed(Exception):
    """A step of ``make up`` did not reach its goal; the message says what to do."""


class FailedElsewhere(Exception):
    """A step could not go on because of something else; the message begins with its name."""


@dataclass(frozen=True)
class Step:
    """``run`` returns a short remark for the progress line (or None); it raises to stop everything."""

    name: str
    title: str
    run: Callable[[], str | None]
    needs: tuple[str, ...] = ()


class Runner:
    """Runs a graph of steps and prints one line per step with its own and the total time in seconds.

    ``quiet`` leaves out steps that had nothing to do.
    """

    def __init__(self, workers: int = 6, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self.started = time.monotonic()
        self._workers = workers
        self._active: dict[str, float] = {}
        self._lock = threading.Lock()

    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def run(self, steps: Sequence[Step]) -> None:
        """Run all steps in order of need.

        Raises:
            StepFailed: the first step that failed; steps that were running are ended.
        """
        waiting = {step.name: step for step in steps}
        unknown = {need for step in steps for need in step.needs} - set(waiting)
        if unknown:
            raise ValueError(f"steps need unknown steps: {sorted(unknown)}")
        done: set[str] = set()
        with ThreadPoolExecutor(self._workers) as pool, shell.ended_on_failure():
            running: dict[Future[None], Step] = {}
            while waiting or running:
                for step in [s for s in waiting.values() if set(s.needs) <= done]:
                    running[pool.submit(self._run_one, step)] = waiting.pop(step.name)
                if not running:
                    raise ValueError(f"steps wait for each other: {sorted(waiting)}")
                finished, _ = wait(running, timeout=1, return_when=FIRST_COMPLETED)
                self._show_active()
                for future in finished:
                    step = running.pop(future)
                    future.result()
                    done.add(step.name)

    def _run_one(self, step: Step) -> None:
        begun = time.monotonic()
        with self._lock:
            self._active[step.title] = begun
        try:
            remark = step.run()
        except shell.Stopping:
            self._line(console.dim("·"), step.title, begun, "stopped")
            raise
        except FailedElsewhere as error:
            self._line(console.red("✗"), step.title, begun, None)
            raise StepFailed(str(error)) from error
        except Exception as error:
            self._line(console.red("✗"), step.title, begun, None)
            raise StepFailed(f"{step.title}: {error}") from error
        finally:
            with self._lock:
                self._active.pop(step.title, None)
        if remark == UNCHANGED and self._quiet:
            return
        mark = console.dim("·") if remark == UNCHANGED else console.green("✓")
        self._line(mark, step.title, begun, remark)

    def _line(self, mark: str, title: str, begun: float, remark: str | None) -> None:
        own, total = console.human_seconds(time.monotonic() - begun), console.human_seconds(self.elapsed())
        clear = "\r\033[K" if console.is_terminal() else ""
        console.say(f"{clear}{mark} {title:<42} {own:>7}  {console.dim(f'at {total:>7}')}  {remark or ''}".rstrip())

    def _show_active(self) -> None:
        if not console.is_terminal():
            return
        with self._lock:
            now = time.monotonic()
            active = "  ".join(f"{title} {now - begun:.0f}s" for title, begun in self._active.items())
        if active:
            sys.stdout.write(f"\r\033[K{console.dim('… ' + active[:140])}")
            sys.stdout.flush()
