# shellcheck shell=bash disable=SC2154
# What run checks of compose/cluster.yaml. Sourced by run, behind checks.sh.

cluster() {
  E2E_CONTAINERS=$here HOLDFAST_IMAGE=holdfast:jdk25 WEBUI_SECRET_KEY=a-secret-of-the-tests POSTGRES_PASSWORD=another-one HOLDFAST_ADMIN_TOKEN=one-of-sixteen-characters \
    compose -f "$root/compose/cluster.yaml" -f "$here/cluster.e2e.yaml" "$@"
}

nodes=(holdfast-1 holdfast-2)

cluster_is_up() {
  cluster up -d --no-build --pull never --wait --wait-timeout 240 || { cluster ps -a; cluster logs --tail 30; return 1; }
  cluster ps
}

cluster_is_down() { cluster down --volumes --timeout 5 >/dev/null 2>&1; }

only_nginx_is_published() {
  same "published ports" "127.0.0.1:8000->8080/tcp" "$(docker ps --format '{{.Ports}}' | grep -o '[0-9.]*:[0-9]*->[0-9]*/tcp')"
}

# metric SERVICE NAME: the sum over its labels. The image has no curl: another one comes into its network.
metric() {
  docker run --rm --network "container:$(cluster ps -q "$1")" "$owui_image" curl -fsS http://127.0.0.1:9000/metrics |
    awk -v name="$2" '$1 ~ "^" name "({|$)" { sum += $2 } END { print sum + 0 }'
}

# Returns at the first step that fails, as it is also asked again and again.
both_nodes_are_asked() {
  local node after
  declare -A before
  for node in "${nodes[@]}"; do
    same "nodes that $node knows" 2 "$(metric "$node" holdfast_nodes)" || return
    before[$node]=$(metric "$node" holdfast_proxy_requests_total)
  done
  for _ in $(seq 40); do
    inside curl -fsS -o /dev/null http://127.0.0.1:8000/health || return
  done
  for node in "${nodes[@]}"; do
    after=$(metric "$node" holdfast_proxy_requests_total)
    echo "$node: ${before[$node]} before, $after after"
    [ "$after" -ge $((before[$node] + 8)) ] || return
  done
}

commands_see_all_nodes() {
  local node
  cluster exec -T holdfast-1 holdfast nodes >"$work/nodes"
  cat "$work/nodes"
  for node in "${nodes[@]}"; do
    grep "$node" "$work/nodes"
  done
  cluster exec -T holdfast-2 holdfast check
}

cluster_logs() { cluster ps -a; cluster logs --tail 10; }

cluster_chat_works() { explained cluster_logs chat ask; }

cluster_trial() { explained cluster_logs trial "$@"; }

node_address() { docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$(cluster ps -q "$1")"; }

# Another container takes the address meanwhile, as happens when several are made anew.
node_is_made_anew() {
  local before
  before=$(metric holdfast-2 holdfast_nodes)
  cluster rm --force --stop holdfast-1
  docker run -d --name squatter --network holdfast-cluster_default "$owui_image" sleep 600
  cluster up -d --no-build --no-deps --wait --wait-timeout 60 holdfast-1
  echo "holdfast-1 is at $(node_address holdfast-1), knew $before nodes"
  docker rm -f squatter
  await 20 both_nodes_are_asked || { both_nodes_are_asked; return 1; }
}
