"""What people report, what moderators decide, and what the affected say to it."""
