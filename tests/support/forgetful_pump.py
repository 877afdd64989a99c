"""The pump with a planted loss: it reports every third record as delivered without delivering it."""

from __future__ import annotations

import itertools

from emulation.pump import __main__ as pump
from emulation.pump.delivery import Delivery
from emulation.pump.semantics import Record

_deliver = Delivery.deliver
_number = itertools.count(1)


async def _forget(self: Delivery, records: tuple[Record, ...]) -> None:
    kept, gone = list[Record](), list[Record]()
    for record in records:
        (kept if next(_number) % 3 else gone).append(record)
    if gone:
        self._finish(tuple(gone))
    if kept:
        await _deliver(self, tuple(kept))


if __name__ == "__main__":
    Delivery.deliver = _forget  # type: ignore[method-assign]
    pump.main()
