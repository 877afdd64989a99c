"""A real OpenSearch node without Docker, put together from Maven Central's artifacts: the engine's judge."""
