# LocalStack with our plugins: what it lacks comes from a companion, and functions in its containers get their layers.
ARG LOCALSTACK_IMAGE=localstack/localstack:4.14.0
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${NODE_IMAGE} AS kinesis
WORKDIR /kinesis
COPY emulation/localstack/kinesis ./
RUN npm ci --silent

FROM ${LOCALSTACK_IMAGE}
COPY emulation /opt/asyncsns/emulation
COPY --from=kinesis /kinesis /opt/asyncsns/emulation/localstack/kinesis
# LocalStack would download its Kinesis at the first call.
RUN mkdir -p /usr/lib/localstack/kinesis-local \
    && ln -s /opt/asyncsns/emulation/localstack/kinesis /usr/lib/localstack/kinesis-local/0.5.2
ENV PYTHONPATH=/opt/asyncsns:/opt/asyncsns/emulation/localstack/plugins \
    NODE_OPTIONS="--require /opt/asyncsns/emulation/localstack/kinesis/loopback.cjs"
