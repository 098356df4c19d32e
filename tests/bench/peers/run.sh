#!/usr/bin/env bash
# The benchmark flow on peers and on wfd, one after the other on this machine: ./dev bench peers.
# Servers run on loopback in a temporary folder, as an unprivileged user when started by root.
set -euo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
daemon_bench="$1"
packages="$2" # where node_modules is kept between runs
INSTANCES="${WF_PEER_INSTANCES:-10000}"

die() {
  echo "peers: $*" >&2
  exit 1
}

for program in node npm redis-server; do
  command -v "$program" >/dev/null || die "needs $program (apt-get install nodejs npm redis-server postgresql)"
done
postgres="$(find /usr/lib/postgresql -maxdepth 3 -path '*/bin/initdb' 2>/dev/null | sort | tail -n 1)"
[[ -n $postgres ]] || die "needs PostgreSQL (apt-get install postgresql)"
postgres="$(dirname "$postgres")"

as_user=()
if [[ $(id -u) -eq 0 ]]; then as_user=(setpriv --reuid nobody --regid nogroup --clear-groups); fi
user="$("${as_user[@]}" id -un)"

mkdir -p "$packages"
if ! cmp -s "$here/package.json" "$packages/package.json" || [[ ! -d $packages/node_modules ]]; then
  cp "$here/package.json" "$packages/"
  (cd "$packages" && npm install --silent --no-audit --no-fund)
fi
cp "$here"/*.mjs "$packages/"

folder="$(mktemp -d)"
children=()
stop() {
  for child in "${children[@]}"; do kill "$child" 2>/dev/null && wait "$child" 2>/dev/null; done
  rm -rf "$folder"
}
trap stop EXIT
mkdir "$folder/redis" "$folder/postgres"
[[ ${#as_user[@]} -eq 0 ]] || chown -R "$user" "$folder"
chmod 711 "$folder"

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

until_ready() {
  for _ in $(seq 200); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.05
  done
  die "$1 does not answer"
}

row() { # name, seconds, settings
  awk -v name="$1" -v seconds="$2" -v n="$INSTANCES" -v settings="$3" \
    'BEGIN { printf "%-28s %10.0f instances/s  %10.0f actions/s  %s\n", name, n / seconds, 3 * n / seconds, settings }'
}

echo "benchmark flow, $INSTANCES instances, one after the other on $(nproc) cores, client and server on this machine"

port="$(free_port)"
(cd "$folder/redis" && exec "${as_user[@]}" redis-server --port "$port" --bind 127.0.0.1 --dir "$folder/redis" \
  --appendonly yes --appendfsync always --save '' >"$folder/redis.log") &
children+=($!)
until_ready redis-cli -p "$port" ping
row BullMQ "$(cd "$packages" && node bullmq.mjs "$port" "$INSTANCES")" "Redis, appendfsync always"

port="$(free_port)"
"${as_user[@]}" "$postgres/initdb" -D "$folder/postgres/data" -U "$user" --auth=trust >/dev/null
(cd "$folder/postgres" && exec "${as_user[@]}" "$postgres/postgres" -D "$folder/postgres/data" -p "$port" \
  -c listen_addresses=127.0.0.1 -c unix_socket_directories="$folder/postgres" -c shared_buffers=256MB \
  >"$folder/postgres.log" 2>&1) &
children+=($!)
until_ready "$postgres/pg_isready" -h 127.0.0.1 -p "$port"
for batch in 500 5000; do
  [[ $batch -eq 500 ]] || PGOPTIONS='--client-min-messages=warning' psql -q -h 127.0.0.1 -p "$port" -U "$user" -d postgres -c 'DROP SCHEMA pgboss CASCADE' \
    -c 'DROP TABLE contact, action'
  row "pg-boss, batches of $batch" "$(cd "$packages" && node pgboss.mjs "$port" "$user" "$INSTANCES" "$batch")" \
    "PostgreSQL, synchronous_commit on"
done

WF_BENCH_RUNS=1 "$daemon_bench" "$INSTANCES" "$INSTANCES" flow
