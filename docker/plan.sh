#!/bin/sh
# Run once by compose.yaml: fills the volume of each host of /etc/hyperprov/network.yaml. What is there stays.
set -eu

cp /etc/hyperprov/network.yaml network.yaml
for folder in /hosts/*; do
    host=${folder##*/}
    if [ "$host" != client ]; then
        hyperprov network plan network.yaml --host "$host" --out "$folder"
    fi
done

# The clients' volume holds the users of all organisations: on one machine, one person plays them all.
for organization in $(sed -n 's/^ *domain: *//p' network.yaml); do
    hyperprov network plan network.yaml --client "$organization" --out /hosts/client
done
chown -R 10001:10001 /hosts
