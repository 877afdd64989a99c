"""Gives back what was given up: messages of dead-letter queues to their queues, notes of streams and events to their
functions. On the local targets and on AWS."""
