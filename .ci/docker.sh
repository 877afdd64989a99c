# Sourced by .ci/run: starts a Docker engine and installs the Compose plugin for the Compose suite. `start_docker` fails
# with the reason when that is not possible; `stop_docker` stops the engine if it was started here.

docker_started=""

docker_packages() {
  command -v dockerd >/dev/null || echo docker.io iptables
  command -v debootstrap >/dev/null || echo debootstrap
  command -v mvn >/dev/null || echo maven
  command -v javac >/dev/null || echo openjdk-17-jdk-headless
}

start_docker() {
  if ! docker info >/dev/null 2>&1; then
    command -v dockerd >/dev/null || { echo "Compose suite skipped: dockerd is not installed"; return 1; }
    dockerd >/tmp/asyncsns-dockerd.log 2>&1 </dev/null &
    docker_started=$!
    local tries=0
    until docker info >/dev/null 2>&1; do
      tries=$((tries + 1))
      if [ "$tries" -gt 60 ] || ! kill -0 "$docker_started" 2>/dev/null; then
        echo "Compose suite skipped: the Docker engine did not start:"
        tail -n 5 /tmp/asyncsns-dockerd.log
        return 1
      fi
      sleep 0.5
    done
  fi
  if ! docker compose version >/dev/null 2>&1; then
    .asyncsns/tools/bin/uv venv -q .asyncsns/venv-compose &&
      .asyncsns/tools/bin/uv pip install -q --require-hashes -r requirements/compose-plugin.txt \
        --python .asyncsns/venv-compose/bin/python || return 1
    # The package's console script hides exit codes, so the plugin is its binary.
    mkdir -p "$HOME/.docker/cli-plugins"
    ln -sf "$(find "$PWD/.asyncsns/venv-compose" -path '*compose/docker-compose' -type f)" \
      "$HOME/.docker/cli-plugins/docker-compose"
    docker compose version || return 1
  fi
}

stop_docker() {
  [ -z "$docker_started" ] || { kill "$docker_started" 2>/dev/null && wait "$docker_started" 2>/dev/null; } || true
}
