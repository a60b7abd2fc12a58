# shellcheck shell=bash disable=SC2154,SC2016
# A Docker engine of our own, in its own network, mount and process namespaces: the machine's
# iptables, ip_forward, mounts and ports stay as they are, and nothing survives the first process.
# Sourced by run; needs $work (an empty directory) and $cache.

compose_version=2.40.3

# The engine's first process: it also reaps what containers leave behind.
engine_init='
  ip link set lo up
  dockerd --data-root "$0/data" --exec-root "$0/exec" -p "$0/docker.pid" -H "unix://$0/docker.sock" \
    --bip 172.30.0.1/24 --cgroup-parent "/$1" >"$0/dockerd.log" 2>&1 &
  wait'

docker() { DOCKER_HOST=unix://$work/docker.sock DOCKER_BUILDKIT=1 "$docker" "$@"; }

compose() { DOCKER_HOST=unix://$work/docker.sock "$compose" "$@"; }

# inside COMMAND...: runs it in the network of the engine, where ports are published.
inside() { nsenter --target "$engine_pid" --net -- "$@"; }

# Distributions' own client still has BuildKit built in; a bare newer one has not.
find_docker_client() {
  for docker in /usr/bin/docker "$(command -v docker)"; do
    [ -x "$docker" ] && return
  done
  return 1
}

install_packages() {
  local missing=() tool policy=/usr/sbin/policy-rc.d
  for tool in dockerd:docker.io mmdebstrap:mmdebstrap ip:iproute2 iptables:iptables shellcheck:shellcheck curl:curl; do
    command -v "${tool%%:*}" >/dev/null || missing+=("${tool##*:}")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${missing[*]}"
  # The service that the package brings is not to start.
  if [ -e "$policy" ]; then policy=; else install -m 755 /dev/stdin "$policy" <<<$'#!/bin/sh\nexit 101'; fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
  [ -z "$policy" ] || rm "$policy"
}

# Debian has no compose v2: it is built, once, as the Go tool that it is.
install_compose() {
  compose=$cache/docker-compose-$compose_version
  [ -x "$compose" ] && return
  say "building docker compose $compose_version (a few minutes, once)"
  local module=github.com/docker/compose/v2 source
  source=$(mktemp -d)
  (
    cd "$source"
    go mod init build
    go get -tool "$module/cmd@v$compose_version"
    CGO_ENABLED=0 go build -o "$compose.new" \
      -ldflags "-s -w -X $module/internal.Version=v$compose_version" "$module/cmd"
  ) >"$cache/compose-build.log" 2>&1 || { tail "$cache/compose-build.log" >&2; return 1; }
  rm -rf "$source"
  mv "$compose.new" "$compose"
}

engine_start() {
  find_docker_client
  cgroup=holdfast-e2e-$$
  unshare --net --mount --pid --fork --kill-child --mount-proc -- \
    bash -c "$engine_init" "$work" "$cgroup" 2>"$work/engine.log" &
  engine_parent=$!
  for _ in $(seq 150); do
    docker info >/dev/null 2>&1 && break
    sleep 0.2
  done
  engine_pid=$(pgrep -P "$engine_parent") || true
  docker info >/dev/null 2>&1 || { tail -n 30 "$work/engine.log" "$work/dockerd.log" >&2; return 1; }
}

# Its first process takes all others of its namespaces with it; what it stored is thrown away anyway.
engine_stop() {
  [ -n "${engine_parent:-}" ] || return 0
  kill -KILL "${engine_pid:-$engine_parent}" 2>/dev/null || true
  wait "$engine_parent" 2>/dev/null || true
  find /sys/fs/cgroup -depth \( -path "*/$cgroup" -o -path "*/$cgroup/*" \) -type d -exec rmdir {} + || true
}
