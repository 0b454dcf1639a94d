#!/bin/sh
# Puts the program into a folder in its portable form: the same files for every architecture, run by `dotnet` there.
#
#   deploy/publish.sh /opt/hyperprov [options of dotnet publish]
set -eu

home=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "$0")")/.." && pwd)
[ $# -ge 1 ] || { echo 'usage: deploy/publish.sh DIR [options of dotnet publish]' >&2; exit 2; }
output=$1
shift

# Made before on another machine, as where an image is built without an SDK.
if [ -f "$home/docker/program/hyperprov.dll" ] && [ "$output" != "$home/docker/program" ]; then
    mkdir -p "$output"
    cp -R "$home/docker/program/." "$output"
    exit 0
fi

DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 exec dotnet publish "$home/src/Node.Cli/Node.Cli.csproj" \
    -c Release -v q --nologo -nodeReuse:false -p:UseAppHost=false -p:PublishDocumentationFiles=false \
    -p:RunAnalyzers=false -o "$output" "$@"
