#!/bin/sh
# Keeps the streams and the database in backups/<time>/, or in the folder named: `make backup`.
# The brokers are away while their files are copied; the services wait for them. The database is
# read after that, so that it is never behind what the recorder has acknowledged in the streams.
set -eu

compose=${COMPOSE:-docker compose}
folder=${1:-backups/$(date -u +%Y%m%dT%H%M%SZ)}
brokers=$($compose config --services | grep '^nats')

umask 077
mkdir -p "$folder"
$compose stop $brokers
trap '$compose start $brokers' EXIT
for broker in $brokers; do
  $compose cp "$broker:/data/." - >"$folder/$broker.tar.new" # not `run`: its output is kept as a log too
done
trap - EXIT
$compose start $brokers
$compose exec -T postgres pg_dump --username scanner --format custom scanner >"$folder/postgres.dump.new"
for file in "$folder"/*.new; do mv "$file" "${file%.new}"; done
echo "kept in $folder"
