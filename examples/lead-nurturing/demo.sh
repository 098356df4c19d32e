#!/usr/bin/env bash
# Five weeks of the nurturing example in about 70 seconds, with the daemon killed twice on the way.
# usage: demo.sh BUILD-FOLDER     everything it makes is in out/demo of the current folder
set -euo pipefail

here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
programs="$(readlink -f "${1:?usage: demo.sh BUILD-FOLDER}")"
out="$PWD/out/demo"
start="2026-03-02T00:00:00+09:00"
end="2026-04-07T00:00"
speed="13h/s"
daemon="" receiver="" feeder=""

find_program() {
  find "$programs" -type f -perm -u+x -name "$1" -print -quit
}
wfc="$(find_program wfc)"
wfd="$(find_program wfd)"
[[ -n $wfc && -n $wfd ]] || {
  echo "demo: wfc and wfd are not built in $programs" >&2
  exit 2
}

say() {
  printf '\n\033[1m%s\033[0m\n' "$*"
}

stop_all() {
  local pid
  for pid in $feeder $daemon $receiver; do kill -KILL "$pid" 2>/dev/null || true; done
}
trap stop_all EXIT

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Prints one member of a JSON object on standard input.
member() {
  python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

start_daemon() {
  "$wfd" serve --data "$out/data" --project "$out/nurture.wfb" --listen "127.0.0.1:$port" --mail "dir:$out/mails" \
    --speed "$speed" --clock-start "$start" --private-webhooks 2>>"$out/wfd.log" &
  daemon=$!
  for _ in $(seq 400); do
    curl -fs "$url/healthz" >/dev/null && return
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.02
  done
  tail -5 "$out/wfd.log" >&2
  echo "demo: the daemon does not run" >&2
  exit 1
}

clock() {
  curl -fs "$url/healthz" | member clock
}

# Waits until the clock of the daemon shows the local time $1, telling on the way what has happened.
until_clock() {
  local now shown=$SECONDS
  while now="$(clock)" && [[ $now < $1 ]]; do
    if ((SECONDS - shown >= 5)); then
      shown=$SECONDS
      progress "$now"
    fi
    sleep 0.1
  done
  [[ -n $now ]] || {
    tail -5 "$out/wfd.log" >&2
    echo "demo: the daemon does not answer" >&2
    exit 1
  }
}

progress() {
  printf '  %s  %5s events taken, %4s mails sent, %3s calls received, %3s contacts waiting\n' "${1:0:16}" \
    "$(curl -fs "$url/v1/status" | member consumed)" "$(mails)" "$(wc -l <"$out/calls.ndjson")" \
    "$(curl -fs "$url/v1/status" | member timers)"
}

mails() {
  find "$out/mails" -name '*.eml' 2>/dev/null | wc -l
}

# SIGKILL while a request with events is without an answer and at least $1 calls are under way. The daemon is stopped
# first, to make sure of both: it can neither answer what is sent to it then, nor hear what the receiver answers.
kill_daemon() {
  local calls sender
  for _ in $(seq 1000); do
    kill -STOP "$daemon"
    calls="$(curl -fs "$receiver_url")"
    ((calls >= $1)) && break
    kill -CONT "$daemon"
    sleep 0.02
  done
  "$wfd" events --retry "$here/customers.ndjson" >"$out/sender.log" 2>&1 &
  sender=$!
  sleep 0.2
  ((calls >= $1)) && [[ ! -s $out/sender.log ]] || {
    echo "demo: nothing was under way" >&2
    exit 1
  }
  kill -KILL "$daemon"
  wait "$daemon" 2>/dev/null || true
  say "SIGKILL with $calls calls under way and a request of 102 events without an answer"
  start_daemon
  printf '  back at %.16s after %s; ' "$(clock)" "$(grep -o 'recovered_frames=[0-9]*' "$out/wfd.log" | tail -1)"
  wait "$sender"
  echo "the request, sent again: $(cat "$out/sender.log")"
}

rm -rf "$out"
mkdir -p "$out/mails"
: >"$out/calls.ndjson"
port="$(free_port)"
url="http://127.0.0.1:$port"

say "check, test and build"
"$wfc" check "$here"
"$wfc" test "$here" | tail -1
"$wfc" build -o "$out/nurture.wfb" "$here"

receiver_port="$(free_port)"
receiver_url="http://127.0.0.1:$receiver_port/"
python3 "$here/receiver.py" "$receiver_port" "$out/calls.ndjson" &
receiver=$!
export WF_SECRET_SALESFORCE_URL="$receiver_url"
WF_SECRET_SALESFORCE_KEY="whsec_$(head -c 24 /dev/urandom | base64)"
export WF_SECRET_SALESFORCE_KEY

say "serve at $speed from $start, import, feed"
start_daemon
export WFD_URL="$url"
"$wfd" import "$here/contacts.csv"
"$wfd" events "$here/customers.ndjson"
"$wfd" events --follow-clock --retry "$here/events.ndjson" >"$out/feeder.log" 2>&1 &
feeder=$!

until_clock 2026-03-07T06:00
kill_daemon 0
until_clock 2026-03-16T09:00
kill_daemon 1
until_clock 2026-03-23T00:00
wait "$feeder" || { cat "$out/feeder.log" >&2; exit 1; }
feeder=""

say "all events were $(cat "$out/feeder.log"); now all of them once more"
"$wfd" events "$here/events.ndjson"
until_clock "$end"
progress "$(clock)"

say "report"
"$wfd" report

say "one of $(mails) mails in $out/mails"
sample="$(grep -l 'To: .*@it.example.jp' "$out"/mails/*.eml | sed -n 1p)"
python3 "$here/verify.py" --show "$sample"

say "the history of its contact"
"$wfd" history contact "$(python3 "$here/verify.py" --recipient "$sample")" --limit 12

say "was anything lost, or done twice?"
checks=0
python3 "$here/verify.py" "$url" "$out/mails" "$out/calls.ndjson" || checks=1
kill -TERM "$daemon"
wait "$daemon" || checks=1
daemon=""
if ((checks)); then
  say "demo: a check failed after $SECONDS s"
  exit 1
fi
say "demo: all checks hold after $SECONDS s"
