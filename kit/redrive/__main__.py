"""``make redrive``: lists dead-lettered messages with their reasons, or re-queues them (``QUEUE=notifications-push``,
``QUEUE=all``)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from emulation.private import keep_private
from kit.deploy.resources import Aws
from kit.redrive.notes import NotReplayed, Replay
from kit.redrive.queues import DeadLetters, dead_letters, give_back, reasons
from kit.settings import Settings

_NOTE_VISIBILITY = 60


def main() -> int:
    """0 when all requested messages were re-queued, 1 when some stayed."""
    keep_private()
    parser = argparse.ArgumentParser(prog="make redrive", description=__doc__)
    parser.add_argument(
        "--queue", help="as in the table; 'all' for every queue that holds something; default: only show"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be done")
    parser.add_argument("--target", default="embedded", choices=["embedded", "compose", "aws"])
    options = parser.parse_args()
    if options.target != "aws":
        os.environ.update(Settings.load().aws_environment())
    aws = Aws(os.environ.get("AWS_REGION") or "us-east-1")
    console = Console()
    found = dead_letters(aws.client("sqs"))
    if not options.queue:
        show(console, aws.client("sqs"), found)
        return 0
    chosen = [one for one in found if one.waiting and options.queue in ("all", one.short, one.name)]
    if options.queue != "all" and options.queue not in {name for one in found for name in (one.short, one.name)}:
        console.print(f"expected one of {', '.join(sorted(one.short for one in found))}, got {options.queue!r}")
        return 2
    if not chosen:
        console.print("nothing waits there")
    return max((redrive(console, aws, one, dry_run=options.dry_run) for one in chosen), default=0)


def show(console: Console, sqs: Any, queues: Sequence[DeadLetters]) -> None:
    """Print the waiting messages, with the reason of the first."""
    table = Table(title="given up")
    for column in ("queue", "waiting", "why"):
        table.add_column(column, justify="right" if column == "waiting" else "left")
    for queue in queues:
        why = "\n".join(dict.fromkeys(reasons(sqs, queue, 5))) if queue.waiting else ""
        table.add_row(queue.name, str(queue.waiting), why)
    console.print(table)


def redrive(console: Console, aws: Aws, queue: DeadLetters, *, dry_run: bool) -> int:
    """Redrive all messages of one queue; 1 when some stayed."""
    way = "to its queue" if queue.source else "to its function"
    if dry_run:
        console.print(f"{queue.name}: {queue.waiting} would go back {way}")
        return 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(f"{queue.name} {way}", total=queue.waiting)
        if queue.source:
            done = give_back(
                aws.client("sqs"), queue, lambda moved, total: bar.update(task, completed=moved, total=total)
            )
            console.print(f"{queue.name}: {done} went back")
            return 0
        done, stayed = replay_notes(aws, queue, lambda: bar.advance(task))
    console.print(f"{queue.name}: {done} notes replayed, {len(stayed)} stay")
    for reason in dict.fromkeys(stayed):
        console.print(f"  {reason}")
    return 1 if stayed else 0


def replay_notes(aws: Any, queue: DeadLetters, advance: Any) -> tuple[int, list[str]]:
    """Replay each waiting invocation record; one is deleted only after its function succeeded."""
    sqs, replay = aws.client("sqs"), Replay(aws)
    done, stayed = 0, []
    for _ in range(queue.waiting):
        answer = sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=1, VisibilityTimeout=_NOTE_VISIBILITY)
        for message in answer.get("Messages") or []:
            try:
                replay.replay(message["Body"])
            except NotReplayed as error:
                stayed.append(str(error))
            else:
                sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
                done += 1
            advance()
    return done, stayed


if __name__ == "__main__":
    sys.exit(main())
