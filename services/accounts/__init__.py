"""A person's account as a whole: everything of theirs as one file, and everything gone."""
