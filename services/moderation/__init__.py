"""Reports of people, decisions of moderators, and appeals."""
