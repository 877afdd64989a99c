# The emulator of the Compose target: MiniStack from the lock file, inside the project's durable host process.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
FROM ${PYTHON_IMAGE}
WORKDIR /app
COPY requirements/tools.txt requirements/emulator.txt requirements/
RUN python3 -m venv .asyncsns/tools \
    && .asyncsns/tools/bin/pip install -q --no-cache-dir --require-hashes -r requirements/tools.txt \
    && .asyncsns/tools/bin/uv venv -q .asyncsns/venv-emulator \
    && .asyncsns/tools/bin/uv pip install -q --no-cache --compile-bytecode --require-hashes -r requirements/emulator.txt \
        --python .asyncsns/venv-emulator/bin/python
COPY emulation emulation
RUN useradd --uid 10001 --home-dir /app app && mkdir -p .asyncsns/state .asyncsns/logs \
    && chown app .asyncsns .asyncsns/state .asyncsns/logs
USER app
CMD [".asyncsns/venv-emulator/bin/python", "-m", "emulation.emulator"]
