"""All drills by name, in the order in which an interviewer asks."""

from __future__ import annotations

from kit.drills import (
    clock_skew,
    cloudfront,
    consumer_crash_loop,
    disk_full,
    emulator_killed,
    function_leaks,
    function_timeout,
    gateway_stops,
    kinesis_stalled,
    poison_message,
    s3_errors,
    search_down,
    slow_writes,
    sockets_cut,
    who_reaches_what,
)
from kit.drills.drill import Drill

DRILLS: dict[str, Drill] = {
    module.DRILL.name: module.DRILL
    for module in (
        gateway_stops,
        slow_writes,
        who_reaches_what,
        cloudfront,
        poison_message,
        consumer_crash_loop,
        search_down,
        kinesis_stalled,
        sockets_cut,
        function_timeout,
        function_leaks,
        emulator_killed,
        clock_skew,
        disk_full,
        s3_errors,
    )
}
