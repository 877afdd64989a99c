# Everything of the Compose target that is Python and ours: edge, pump, console, push; and, as one-shots, deploy and
# seed, with the CDK toolchain and the built UI inside. What only builds stays in the first stages; the last adds Janus.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${NODE_IMAGE} AS node
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --silent
WORKDIR /app/frontend-static
COPY frontend-static/package.json frontend-static/package-lock.json .npmrc ./
RUN npm ci --silent
COPY frontend-static ./
RUN npm run build

FROM ${PYTHON_IMAGE} AS python
WORKDIR /app
COPY requirements/tools.txt requirements/kit.txt requirements/
RUN python3 -m venv .asyncsns/tools \
    && .asyncsns/tools/bin/pip install -q --no-cache-dir --require-hashes -r requirements/tools.txt \
    && .asyncsns/tools/bin/uv venv -q .asyncsns/venv \
    && .asyncsns/tools/bin/uv pip install -q --no-cache --require-hashes -r requirements/kit.txt \
        --python .asyncsns/venv/bin/python
COPY requirements requirements
COPY infra/__init__.py infra/archives.py infra/interpreters.py infra/layers.py infra/
# The layers of the functions, so that a deployment fetches nothing; yes: for the Python of AWS Lambda's own images.
ARG LAMBDA_IMAGES=no
RUN .asyncsns/venv/bin/python -m infra.layers --lambda-images "${LAMBDA_IMAGES}"
COPY infra infra
COPY services services
COPY emulation emulation
COPY kit kit
COPY cdk.json ./
# The CDK's library starts Node when it is imported.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
RUN .asyncsns/venv/bin/python -m kit.compose.slim .asyncsns/venv

FROM ${PYTHON_IMAGE} AS kit
WORKDIR /app
# CloudFront Functions and the CDK command line run on Node.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /app/node_modules node_modules
COPY --from=python /app/.asyncsns/venv .asyncsns/venv
COPY --from=python /app/.asyncsns/layers .asyncsns/layers
COPY --from=python /app/.asyncsns/stamps .asyncsns/stamps
COPY --from=python /app/.asyncsns/seed-files .asyncsns/seed-files
COPY --from=node /app/frontend-static/dist frontend-static/dist
COPY package.json cdk.json pyproject.toml ./
# Shares of the bill, for the architecture page.
COPY docs/cost.md docs/
COPY requirements requirements
COPY --from=python /app/infra infra
COPY --from=python /app/services services
COPY --from=python /app/emulation emulation
COPY --from=python /app/kit kit
RUN useradd --uid 10001 --home-dir /app app \
    && mkdir -p .asyncsns/state .asyncsns/state-localstack .asyncsns/keys .asyncsns/logs .asyncsns/run/janus .asyncsns/ui \
    && chown app /app .asyncsns .asyncsns/* .asyncsns/run/janus && chown -R app .asyncsns/stamps
USER app
ENV PATH=/app/.asyncsns/venv/bin:/app/node_modules/.bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1
CMD ["python", "-m", "emulation.edge"]

# Janus, of Debian's package, is configured and started by the kit: `SFU=yes` only.
FROM kit AS janus
USER root
RUN apt-get update -q && apt-get install -q -y --no-install-recommends janus && rm -rf /var/lib/apt/lists/*
USER app
CMD ["python", "-m", "kit.sfu"]
