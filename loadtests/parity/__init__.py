"""``make parity``: what works where. One end-to-end suite and one load against each target; the page from the record.

``record.py`` keeps what was measured (``docs/parity.json``), ``page.py`` makes ``docs/parity.md`` and the README's
table of it. What was not measured is said to be so.
"""
