"""Work on it: what is saved in ``services/`` or ``frontend-static/`` is live within a second, or says why it is not."""
