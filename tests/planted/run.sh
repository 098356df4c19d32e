#!/usr/bin/env bash
# Plants one bug at a time in a copy of the tree and expects the test that the diff names to fail.
# usage: run.sh [NAME…]; see docs/internals/promises.md
set -euo pipefail
here="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
root="$(cd "$here/../.." && pwd)"
tree="$root/build/planted/tree"
build="$tree/build/dev"
log="$root/build/planted/log"
jobs="${JOBS:-$(nproc)}"
# Paths below the copy count as those of the tree, so what is the same is compiled once.
export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$root}" CCACHE_NOHASHDIR=1

die() {
  echo "planted: $*" >&2
  exit 1
}

# What is the same keeps its time, so that only what differs is built.
copy_tree() {
  mkdir -p "$tree" "$log"
  local file
  while IFS= read -r -d '' file; do
    [[ -f $root/$file ]] || continue
    cmp -s "$root/$file" "$tree/$file" && continue
    mkdir -p "$tree/$(dirname "$file")"
    cp "$root/$file" "$tree/$file"
  done < <(git -C "$root" ls-files -z)
}

field() { sed -n "s/^$1: //p" "$2"; }
file_of() { sed -n 's|^+++ b/||p' "$1"; }

build_target() {
  cmake --build "$build" --parallel "$jobs" --target "$1" >"$log/build.log" 2>&1
}

# run_test TEST LOG: the words of a diff's test line are a target of tests/ and its arguments.
run_test() {
  local words program
  read -ra words <<<"$1"
  program="$(find "$build/tests" -type f -executable -name "${words[0]}" | head -1)"
  [[ -n $program ]] || die "there is no test program ${words[0]}"
  timeout 900 "$program" "${words[@]:1}" >"$2" 2>&1
}

declare -A passed
plant() {
  local name="$1" diff="$here/$1.diff" test target file status=0 began=$SECONDS
  [[ -f $diff ]] || die "there is no $diff"
  test="$(field test "$diff")"
  file="$(file_of "$diff")"
  target="${test%% *}"
  [[ -n $test && -n $file ]] || die "$diff names no test or no file"
  if [[ -z ${passed[$test]:-} ]]; then
    build_target "$target" || die "the tree does not build: see $log/build.log"
    run_test "$test" "$log/clean.log" || die "\`$test\` fails without a planted bug: see $log/clean.log"
    passed[$test]=1
  fi
  patch -s -d "$tree" -p1 --no-backup-if-mismatch -F0 <"$diff" || die "$diff does not apply any more"
  if ! build_target "$target"; then
    cp "$root/$file" "$tree/$file"
    die "with $name the tree does not build: see $log/build.log"
  fi
  run_test "$test" "$log/$name.log" || status=$?
  cp "$root/$file" "$tree/$file"
  if [[ $status -eq 0 ]]; then
    echo "planted: $name was NOT FOUND by \`$test\`"
    return 1
  elif [[ $status -eq 124 ]]; then
    echo "planted: $name made \`$test\` hang"
    return 1
  fi
  echo "planted: $name ($(field promises "$diff")) found in $((SECONDS - began)) s: $(head -1 "$log/$name.log" | cut -c1-120)"
}

copy_tree
(cd "$tree" && cmake --preset dev) >"$log/configure.log" ||
  die "configuring failed: see $log/configure.log"
names=("$@")
if [[ ${#names[@]} -eq 0 ]]; then
  for diff in "$here"/*.diff; do
    name="${diff##*/}"
    names+=("${name%.diff}")
  done
fi
missed=0
for name in "${names[@]}"; do plant "$name" || missed=$((missed + 1)); done
echo "planted: $((${#names[@]} - missed)) of ${#names[@]} found"
[[ $missed -eq 0 ]]
