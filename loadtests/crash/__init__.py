"""``make crash``: puts load on the running network, injects faults, and counts lost acknowledged operations.

``traffic`` acts as people do and writes every acknowledgement into the ``ledger``; ``faults`` kills, stops and damages;
``checks`` verifies the effects through the public API.
"""
