"""A real OpenSearch node without Docker, assembled from Maven Central's artifacts: the reference for the embedded
engine."""
