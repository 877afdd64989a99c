# Stands in for the official OpenSearch image: the real OpenSearch of `make search-node`, put together from Maven
# Central's artifacts with the Japanese and ICU analyzers inside, under the paths and the port of the official image.
ARG BASE=asyncsns-standin/python:3.11
FROM ${BASE}
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends openjdk-17-jre-headless curl \
    && rm -rf /var/lib/apt/lists/*
COPY search-node /opt/search-node
COPY opensearch-plugin opensearch-entrypoint /usr/local/bin/
CMD ["opensearch-entrypoint"]
