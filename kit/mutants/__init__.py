"""``make mutants``: changes the code in thousands of small ways and lists the changes that no unit test detects."""
