# Stands in for the official LocalStack image: LocalStack's own code from PyPI, under the paths of that image. In place of
# DynamoDB Local, which no package registry has, moto answers; Lambdas are processes of this container, because their own
# images can't be pulled either: Python 3.11 for them is Debian bookworm's.
ARG BASE=asyncsns-standin/debian:trixie
ARG FUNCTIONS=asyncsns-standin/python:3.11
FROM ${FUNCTIONS} AS functions

FROM ${BASE}
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends python3 python3-venv ca-certificates curl nodejs \
        libexpat1 libssl3t64 libffi8 libsqlite3-0 zlib1g libbz2-1.0 liblzma5 libuuid1 \
    && rm -rf /var/lib/apt/lists/*
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    PYTHONUNBUFFERED=1 LAMBDA_RUNTIME_EXECUTOR=process EMULATION_FUNCTION_PYTHON=/usr/bin/python3.11
COPY --from=functions /usr/bin/python3.11 /usr/bin/python3.11
COPY --from=functions /usr/lib/python3.11 /usr/lib/python3.11
WORKDIR /opt/code/localstack
COPY localstack.txt ./
RUN python3 -m venv .venv && .venv/bin/pip install -q --no-cache-dir --require-hashes -r localstack.txt
COPY localstack-java /usr/lib/localstack/java/21/bin/java
COPY localstack-entrypoint /usr/local/bin/docker-entrypoint.sh
RUN mkdir -p /usr/lib/localstack/dynamodb-local/2 /var/lib/localstack \
    && touch /usr/lib/localstack/dynamodb-local/2/DynamoDBLocal.jar
EXPOSE 4566
ENTRYPOINT ["docker-entrypoint.sh"]
