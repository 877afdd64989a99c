"""Lambda execution environments for Python functions: forked from a process that has the layer loaded already."""
