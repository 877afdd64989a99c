"""``make mutants``: changes the code in thousands of small ways and names the changes that no unit test notices."""
