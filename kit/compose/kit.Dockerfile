# Everything of the Compose target that is Python and ours: edge, pump, console, push; and, as one-shots, deploy and
# seed, with the CDK toolchain and the built UI inside.
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

FROM ${PYTHON_IMAGE}
WORKDIR /app
COPY requirements/tools.txt requirements/project.txt requirements/
RUN python3 -m venv .asyncsns/tools \
    && .asyncsns/tools/bin/pip install -q --no-cache-dir --require-hashes -r requirements/tools.txt \
    && .asyncsns/tools/bin/uv venv -q .asyncsns/venv \
    && .asyncsns/tools/bin/uv pip install -q --no-cache --compile-bytecode --require-hashes -r requirements/project.txt \
        --python .asyncsns/venv/bin/python
# CloudFront Functions and the CDK command line run on Node.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /app/node_modules node_modules
COPY --from=node /app/frontend-static/dist frontend-static/dist
COPY package.json cdk.json pyproject.toml ./
COPY requirements requirements
COPY infra/__init__.py infra/archives.py infra/layers.py infra/
# The layers of the functions, so that a deployment fetches nothing.
RUN .asyncsns/venv/bin/python -m infra.layers
COPY infra infra
COPY services services
COPY emulation emulation
COPY kit kit
RUN useradd --uid 10001 --home-dir /app app \
    && mkdir -p .asyncsns/state .asyncsns/keys .asyncsns/logs .asyncsns/run .asyncsns/layers \
    && chown app /app .asyncsns .asyncsns/*
USER app
ENV PATH=/app/.asyncsns/venv/bin:/app/node_modules/.bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1
CMD ["python", "-m", "emulation.edge"]
