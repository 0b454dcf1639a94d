# Shared by the samples' run scripts, which source it: a network in the sample's own folder, started when none runs there
# and stopped again at the end; and the sample's program, built when it is stale.
#
#   HYPERPROV_DIR=DIR     use the network of this folder instead
#   HYPERPROV_PORT=PORT   where a new network starts (default 17050)
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
home=$(cd "$here/../.." && pwd)
network=${HYPERPROV_DIR:-$here/hyperprov-data}

say() { printf '%s\n' "$*" >&2; }

hyperprov() { "$home/hyperprov" "$@" --dir "$network"; }

stop_network() { hyperprov network down >/dev/null 2>&1; }

start_network() {
    hyperprov network status >/dev/null 2>&1 && return 0
    say "starting a network in $network"
    started=yes
    trap stop_network EXIT
    local said
    if ! said=$(hyperprov network up --base-port "${HYPERPROV_PORT:-17050}" 2>&1); then
        tail -n 5 <<<"$said" >&2
        exit 3
    fi
}

find_dotnet() {
    local candidate
    for candidate in "$(command -v dotnet || true)" "${DOTNET_ROOT:-/nonexistent}/dotnet" "$HOME/.dotnet/dotnet" \
        /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet; do
        if [ -x "$candidate" ]; then printf '%s' "$candidate"; return; fi
    done
    say 'the .NET 10 SDK is missing; install it from https://dotnet.microsoft.com/download/dotnet/10.0'
    exit 6
}

# program NAME ARGUMENT…: runs the sample's C# program.
program() {
    local name=$1 dotnet dll
    shift
    dotnet=$(find_dotnet)
    dll=$home/artifacts/bin/$name/release/$name.dll
    if [ ! -f "$dll" ] || [ -n "$(find "$here" "$home/samples/SampleNetwork.cs" -name '*.cs*' -newer "$dll" -print -quit)" ]
    then
        say "building $name"
        local said
        if ! said=$("$dotnet" build "$here" -c Release --nologo -v q -nodeReuse:false -p:RunAnalyzers=false 2>&1); then
            grep error <<<"$said" | sort -u | head -n 5 >&2
            exit 6
        fi
    fi
    "$dotnet" "$dll" "$@"
}
