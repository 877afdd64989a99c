"""Makes a new context from the worked example of the docs, which the program reads (docs/worked-example.md)."""
