"""The cost of this system on AWS: measured consumption × a dated price list, for any number of daily users.

``measure.py`` writes ``measured.json`` from a running stack (``make cost MEASURE=yes``); ``prices.json`` and
``habits.json`` are data; ``model.py`` multiplies; ``fanout.py`` simulates the fan-out; ``page.py`` and ``chart.py``
write ``docs/cost.md`` and its pictures.
"""
