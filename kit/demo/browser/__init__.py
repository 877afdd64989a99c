"""The walk in the browser: two people side by side, and a desk with the speaker's notes."""
