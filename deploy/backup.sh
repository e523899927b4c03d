#!/bin/sh
# Keeps the streams and the database in backups/<time>/, or in the folder named: `make backup`.
# The broker is away while its files are copied; the services wait for it. The database is read
# after that, so that it is never behind what the recorder has acknowledged in the streams.
set -eu

compose=${COMPOSE:-docker compose}
folder=${1:-backups/$(date -u +%Y%m%dT%H%M%SZ)}

umask 077
mkdir -p "$folder"
$compose stop nats
trap '$compose start nats' EXIT
$compose run --rm --no-deps -T --entrypoint tar volumes -C /volumes/nats -cf - . >"$folder/nats.tar.new"
trap - EXIT
$compose start nats
$compose exec -T postgres pg_dump --username scanner --format custom scanner >"$folder/postgres.dump.new"
mv "$folder/nats.tar.new" "$folder/nats.tar"
mv "$folder/postgres.dump.new" "$folder/postgres.dump"
echo "kept in $folder"
