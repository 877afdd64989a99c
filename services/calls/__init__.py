"""Calls: who calls whom, in a state machine that only the server moves; media flows between the browsers."""
