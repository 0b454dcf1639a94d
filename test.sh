#!/usr/bin/env bash
# Everything that must pass. Installs or names what is missing, builds, runs the tests, prints the counts.
#
#   ./test.sh            all tests: units, tidiness, real processes, the npm client
#   ./test.sh --quick    build, tidiness and unit tests without the long searches, in about a minute once built
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")"

quick=no
for argument in "$@"; do
    case $argument in
        --quick) quick=yes ;;
        *) echo "test.sh: unknown option $argument (known: --quick)" >&2; exit 2 ;;
    esac
done

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
passed=0
failed=0
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

say() { printf '%s\n' "$*"; }

# Counts what one step says of itself; a step that died without a word counts as one failure.
count() { # name, exit code, passed, failed
    if [ "$2" -ne 0 ] && [ "$4" -eq 0 ]; then
        passed=$((passed + $3)); failed=$((failed + 1))
    else
        passed=$((passed + $3)); failed=$((failed + $4))
    fi
    printf '%-28s %5d passed %4d failed  %4ds\n' "$1" "$3" "$4" "$SECONDS"
}

build() {
    say 'building'
    mkdir -p artifacts
    : >artifacts/launcher.stamp.next
    if ! dotnet build Hyperprov.sln -c Release --nologo -v q -nodeReuse:false >"$results/build.log" 2>&1; then
        grep -E 'error|Error' "$results/build.log" | sort -u | head -n 30
        say 'the build failed'
        say '0 passed, 1 failed'
        exit 1
    fi
    # The launcher finds this build fresh.
    mv -f artifacts/launcher.stamp.next artifacts/launcher.stamp
}

# Runs one test project; what it said and how it ended is tallied afterwards, so that several can run at once.
execute() { # project name, filter
    local began=$SECONDS
    dotnet test "artifacts/bin/$1/release/$1.dll" --nologo --blame-hang-timeout 15m \
        --results-directory "$results/trx" ${2:+--filter "$2"} >"$results/$1.log" 2>&1
    echo "$? $((SECONDS - began))" >"$results/$1.end"
}

tally() { # project name
    local log=$results/$1.log code took line good bad
    read -r code took <"$results/$1.end"
    line=$(grep -E '^(Passed|Failed)!' "$log" | tail -n 1)
    good=$(sed -nE 's/.*Passed: *([0-9]+).*/\1/p' <<<"$line")
    bad=$(sed -nE 's/.*Failed: *([0-9]+),.*/\1/p' <<<"$line")
    [ "$code" -eq 0 ] || grep -E '^  Failed ' "$log" | cut -c1-200
    [ "$code" -eq 0 ] || grep -vE '^\s*$|^Test run|^VSTest|^Starting|total of' "$log" | cut -c1-600 | head -n 80
    SECONDS=$took
    count "$1" "$code" "${good:-0}" "${bad:-0}"
}

run_xunit() { # project name
    execute "$1" ''
    tally "$1"
}

require_node() {
    if command -v node >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; then return 0; fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get -qq update >/dev/null 2>&1
        DEBIAN_FRONTEND=noninteractive apt-get -qq install -y nodejs npm >/dev/null 2>&1
    fi
    command -v node >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]
}

# The npm clients and the S3 server that tests speak to; a test that misses them fails and says so.
prepare_npm() {
    if ! require_node; then
        say 'Node.js 20 or newer is needed (https://nodejs.org, or: apt-get install nodejs npm)'
        return 1
    fi
    local stamp=tests/interop/node_modules/.hyperprov-stamp
    [ "$stamp" -nt tests/interop/package-lock.json ] && return 0
    (cd tests/interop && npm ci >"$results/npm.log" 2>&1) || { tail -n 20 "$results/npm.log"; return 1; }
    touch "$stamp"
}

# Moves the clock of the processes of one test.
prepare_faketime() {
    ls /usr/lib/*/faketime/libfaketime.so.1 >/dev/null 2>&1 && return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get -qq update >/dev/null 2>&1
        DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends libfaketime >/dev/null 2>&1
    fi
    ls /usr/lib/*/faketime/libfaketime.so.1 >/dev/null 2>&1 || say 'libfaketime is needed (apt-get install libfaketime)'
}

# Debian's python3-prov, the independent implementation of W3C PROV.
prepare_prov() {
    /usr/bin/python3 -c 'import prov' 2>/dev/null && return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get -qq update >/dev/null 2>&1
        DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends python3-prov >/dev/null 2>&1
    fi
    /usr/bin/python3 -c 'import prov' 2>/dev/null || say 'python3-prov is needed (apt-get install python3-prov)'
}

# One suite of node:test in tests/interop.
run_interop() { # file without .test.mjs
    SECONDS=0
    local log=$results/$1.log
    (cd tests/interop && node --test --test-reporter=tap "$1.test.mjs") >"$log" 2>&1
    local code=$?
    local good bad
    good=$(sed -nE 's/^# pass ([0-9]+)$/\1/p' "$log")
    bad=$(sed -nE 's/^# fail ([0-9]+)$/\1/p' "$log")
    [ "$code" -eq 0 ] || grep -vE '^\s*(duration_ms|---|\.\.\.|type:)' "$log" | cut -c1-400 | head -n 100
    count "interop $1" "$code" "${good:-0}" "${bad:-0}"
}

HYPERPROV_SETUP_ONLY=natives ./hyperprov || exit 1
prepare_npm
prepare_prov
prepare_faketime
build

# Simulated networks: about 75 ms of one core each.
export HYPERPROV_SIM_SEEDS=1000
[ "$quick" = no ] || HYPERPROV_SIM_SEEDS=50

units="Node.Tidy $(ls tests | grep -E '\.Tests$')"
if [ "$quick" = yes ]; then
    # Without the long searches for inputs that break something; three projects at a time, since many tests wait.
    for project in $units; do
        while [ "$(jobs -rp | wc -l)" -ge 3 ]; do wait -n; done
        execute "$project" 'FullyQualifiedName!~mutation&FullyQualifiedName!~mutated&FullyQualifiedName!~Disposal_fails' &
    done
    wait
    for project in $units; do tally "$project"; done
else
    for project in $units; do run_xunit "$project"; done
    run_xunit Node.EndToEnd
    for suite in tests/interop/*.test.mjs; do run_interop "$(basename "$suite" .test.mjs)"; done
fi

say
say "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
