"""The picture of the system, read from synthesized templates: boxes with their resources, and arrows with their proof.

An arrow is there because a template has what makes it: a route, a trigger, a subscription, an origin, or a right of a
role. ``/architecture.json`` is this, written by each deployment; the UI's architecture page draws nothing else.
"""
