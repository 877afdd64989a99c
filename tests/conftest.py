"""Settings for every suite: no property test fails because its machine is busy."""

from hypothesis import HealthCheck, settings

settings.register_profile("asyncsns", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("asyncsns")
