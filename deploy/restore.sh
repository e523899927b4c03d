#!/bin/sh
# Puts a backup in the place of what is there: `make restore FROM=backups/<time>`.
# Roles are not in a backup: they are made here with this machine's passwords.
set -eu

compose=${COMPOSE:-docker compose}
folder=${1:-}
refuse() { echo "restore: $1" >&2; exit 2; }
for file in nats.tar postgres.dump; do
  [ -s "$folder/$file" ] || refuse "no backup there, was '$folder': $file is missing"
done

# Looked into before anything is touched: a backup that cannot be read must not cost what is there.
brokers=$($compose config --services | grep '^nats' | sort)
kept=$(cd "$folder" && ls | sed -n 's/^\(nats.*\)\.tar$/\1/p' | sort)
[ "$kept" = "$brokers" ] || refuse "it must be of the brokers $(echo $brokers), was of $(echo $kept)"
for broker in $brokers; do
  tar -tf "$folder/$broker.tar" >/dev/null || refuse "$folder/$broker.tar cannot be read"
done

database() { $compose exec -T postgres "$@"; }
empty() {
  database dropdb --username scanner --if-exists --force scanner
  database createdb --username scanner scanner
}
maintain() { # TimescaleDB wants to be told; a plain Postgres has nothing to tell
  database psql --username scanner --dbname scanner --quiet --set ON_ERROR_STOP=1 --command \
    "DO \$\$ BEGIN IF current_setting('shared_preload_libraries') LIKE '%timescaledb%' THEN
     CREATE EXTENSION IF NOT EXISTS timescaledb; PERFORM timescaledb_$1_restore(); END IF; END \$\$"
}

$compose up --detach --wait postgres
database pg_restore --list <"$folder/postgres.dump" >/dev/null || refuse "$folder/postgres.dump cannot be read"
$compose stop
$compose run --rm volumes
for broker in $brokers; do
  $compose run --rm --no-deps -T --user 10001:10001 --entrypoint sh volumes \
    -c "rm -rf /volumes/$broker/* && tar -C /volumes/$broker -xf -" <"$folder/$broker.tar"
done
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
