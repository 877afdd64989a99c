"""Live development: saved files of ``services/`` or ``frontend-static/`` are live within a second, or the error is
shown."""
