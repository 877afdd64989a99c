"""Rules of AWS that the emulator would not enforce by itself: checked when ``EMULATION_STRICT`` is ``yes``.

``rules`` has each rule once, by CloudFormation's type and in its words; ``enforcing`` asks them when a stack is
deployed and when the API of the service is called. ``regions`` and ``search`` are about signatures. All of them are
listed in ``docs/emulation/strict.md``.
"""
