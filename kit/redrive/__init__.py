"""Redrives failed work: messages of dead-letter queues to their queues, invocation records of streams and events to
their functions. On the local targets and on AWS."""
