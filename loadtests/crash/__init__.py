"""``make crash``: drives the running network, breaks it, and counts what was acknowledged and is not there.

``traffic`` acts as people do and writes every acknowledgement into the ``ledger``; ``faults`` kills, stops and damages;
``checks`` reads through the public API what must have come of it.
"""
