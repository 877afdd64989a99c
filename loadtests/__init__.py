"""Load: one user class per scenario, separately or mixed, with thresholds."""
