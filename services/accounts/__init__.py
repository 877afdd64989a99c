"""A person's account as a whole: export of all their data, sign-out everywhere, and deletion."""
