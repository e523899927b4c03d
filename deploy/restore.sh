#!/bin/sh
# Puts a backup in the place of what is there: `make restore FROM=backups/<time>`.
# Roles are not in a backup: they are made here with this machine's passwords.
set -eu

compose=${COMPOSE:-docker compose}
folder=${1:-}
for file in nats.tar postgres.dump; do
  [ -s "$folder/$file" ] || { echo "restore: no backup there, was '$folder': $file is missing" >&2; exit 2; }
done

# Looked into before anything is touched: a backup that cannot be read must not cost what is there.
tar -tf "$folder/nats.tar" >/dev/null || { echo "restore: $folder/nats.tar cannot be read" >&2; exit 2; }

database() { $compose exec -T postgres "$@"; }
empty() {
  database dropdb --username scanner --if-exists --force scanner
  database createdb --username scanner scanner
}
maintain() { # TimescaleDB wants to be told; a plain Postgres has nothing to tell
  database psql --username scanner --dbname scanner --quiet --set ON_ERROR_STOP=1 --command \
    "DO \$\$ BEGIN IF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'timescaledb') THEN PERFORM timescaledb_$1_restore(); END IF; END \$\$"
}

$compose up --detach --wait postgres
database pg_restore --list <"$folder/postgres.dump" >/dev/null ||
  { echo "restore: $folder/postgres.dump cannot be read" >&2; exit 2; }
$compose stop
$compose run --rm volumes
$compose run --rm --no-deps -T --user 10001:10001 --entrypoint sh volumes \
  -c 'rm -rf /volumes/nats/* && tar -C /volumes/nats -xf -' <"$folder/nats.tar"
$compose up --detach --wait postgres
empty
$compose run --rm migrate # for the roles: what is restored belongs to them
empty
maintain pre
database pg_restore --username scanner --dbname scanner --exit-on-error <"$folder/postgres.dump"
maintain post
$compose run --rm migrate
$compose up --detach --wait
echo "restored from $folder"
