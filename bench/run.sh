#!/usr/bin/env bash
# Measures a fresh network on this machine with the load generator and writes text and JSON to bench/results/NAME/.
#
#   bench/run.sh NAME [--quick | --seconds N] [--fill N]
#
# Everything (clients, two peers, one orderer) shares this machine's cores; TLS on, both organisations endorse, synced
# writes. Windows are 30 s after 5 s of warm-up; --quick: 8 s after 3 s. --fill N: then commits N more records and
# measures the write rate again.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$(dirname "$here")
name=${1:?a name for the results is needed, such as a date and a machine}
shift
seconds=30
warm=5
fill=0
while [ $# -gt 0 ]; do
    case $1 in
        --quick) seconds=8; warm=3 ;;
        --seconds) seconds=$2; shift ;;
        --fill) fill=$2; shift ;;
        *) echo "bench/run.sh: unknown option $1" >&2; exit 2 ;;
    esac
    shift
done

base=37050
dir=$(mktemp -d "${TMPDIR:-/tmp}/hyperprov-bench.XXXXXX")
out=$here/results/$name
mkdir -p "$out"
"$root/hyperprov" --version >/dev/null
dotnet build "$here/Node.LoadGen" -c Release --nologo -v q -p:RunAnalyzers=false >/dev/null
trap '"$root/hyperprov" network down --dir "$dir" >/dev/null 2>&1; rm -rf "$dir"' EXIT
"$root/hyperprov" network up --dir "$dir" --base-port $base

org=$dir/crypto-config/peerOrganizations/org1.example.com
user=$org/users/User1@org1.example.com/msp
processes=()
for node in "$dir"/nodes/*/; do
    processes+=(--process "$(basename "$node")=$(head -n 1 "$node/pid" | cut -d ' ' -f 1)")
done

load() { # result name, further options
    local result=$1
    shift
    echo "== $result" | tee -a "$out/results.txt"
    dotnet "$root/artifacts/bin/Node.LoadGen/release/loadgen.dll" --endpoint "localhost:$((base + 1))" \
        --server-name peer0.org1.example.com --tls-root "$org/tlsca/"*.pem --cert "$user/signcerts/"*.pem \
        --key "$user/keystore/"* --msp Org1MSP "${processes[@]}" --json "$out/$result.json" "$@" |
        tee -a "$out/results.txt"
}

# A 200-byte record: key 24, hash 64, location 36, pointer 43, description 33.
record() { # word for the key
    printf '%s\n' --function set --arg "$1-{run}-{pad:11}" --arg '{hex:64}' --arg 'file://store.example.org/records/2019' \
        --arg 'c0f2f9ac997af0bd1db035e4445f50ba-{hex:10}' --arg 'a description of 33 characters...'
}
readarray -t single < <(record one)
readarray -t many < <(record all)
readarray -t more < <(record fil)
readarray -t chain < <(record lin)
readarray -t range < <(record rng)

{
    echo "machine: $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(uname -sr)"
    echo "dotnet:  $(dotnet --version)"
    echo "commit:  $(git -C "$root" rev-parse --short HEAD)"
    echo "command: bench/run.sh $name, windows of $seconds s after $warm s of warm-up"
} | tee "$out/results.txt"

load set-1 --clients 1 --duration "$seconds" --warmup "$warm" "${single[@]}"
before=$(du -sk "$dir"/nodes/peer0.org1*/data | cut -f 1)
load set-500 --clients 500 --duration "$seconds" --warmup "$warm" "${many[@]}"
load set-1000 --clients 1000 --duration "$seconds" --warmup "$warm" "${many[@]}"

key=$("$root/hyperprov" query getbyrange all- 'all-~' 1 '' --dir "$dir" --json |
    grep -oE 'all-[0-9]{8}-[0-9]{11}' | head -n 1)
load get-1 --evaluate --clients 1 --duration "$seconds" --warmup "$warm" --function get --arg "$key"
load get-100 --evaluate --clients 100 --duration "$seconds" --warmup "$warm" --function get --arg "$key"

load chain --clients 1 --count 1001 --duration 120 --warmup 0 "${chain[@]}" --arg '{last}'
last=$(sed -nE 's/.*"lastTxId": "([0-9a-f]+)".*/\1/p' "$out/chain.json")
for depth in 10 100 1000; do
    load "lineage-$depth" --evaluate --clients 1 --duration "$seconds" --warmup "$warm" --function getdependencies \
        --arg "$last" --arg "$depth"
done

load versions --clients 1 --count 100 --duration 60 --warmup 0 --function set --arg one-key --arg '{hex:64}' \
    --arg 'file://store' --arg p --arg d
load history-100 --evaluate --clients 1 --duration "$seconds" --warmup "$warm" --function getkeyhistory --arg one-key
load range-fill --clients 50 --count 1000 --duration 60 --warmup 0 "${range[@]}"
load range-1000 --evaluate --clients 1 --duration "$seconds" --warmup "$warm" --function getbyrange --arg rng- --arg 'rng-~'

if [ "$fill" -gt 0 ]; then
    load "fill-$fill" --clients 500 --count "$fill" --duration 3600 --warmup 0 "${more[@]}"
    load "set-500-after-$fill" --clients 500 --duration "$seconds" --warmup "$warm" "${many[@]}"
fi

after=$(du -sk "$dir"/nodes/peer0.org1*/data | cut -f 1)
height=$("$root/hyperprov" block latest --dir "$dir" --json | grep -oE '"number": *[0-9]+' | head -n 1)
echo "disk of peer0.org1: $before KiB after set-1, $after KiB at the end, last block $height" | tee -a "$out/results.txt"
"$root/hyperprov" network down --dir "$dir" >/dev/null
"$root/hyperprov" ledger verify "$dir" | tee -a "$out/results.txt"
