"""The only thing that contexts share: ids, clock, errors, events, cursors, settings, observability, claims."""
