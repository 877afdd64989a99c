"""The diagram of the system, read from synthesized templates: boxes with their resources, arrows with their evidence.

Each arrow has its cause in a template: a route, a trigger, a subscription, an origin, or a right of a role.
``/architecture.json`` is this, written by each deployment; the UI's architecture page draws nothing else.
"""
