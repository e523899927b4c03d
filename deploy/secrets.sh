#!/bin/sh
# Draws every password once, into deploy/secrets/ (or the folder named): `make secrets`.
# The folder is its owner's alone; the files can be read by whoever is given them: containers are
# not root and each is given its own only.
set -eu

folder=${1:-$(dirname "$0")/secrets}
bus_users="fetcher indicators signals planner recorder ai-analyst api dashboard reader operator"
database_roles="owner recorder api analyst reader"

(umask 077 && mkdir -p "$folder")

draw() {
  [ -s "$folder/$1" ] && return
  head -c 24 /dev/urandom | base64 | tr '+/' '-_' >"$folder/$1.new"
  keep "$1"
}

keep() { # whoever is stopped here leaves no half a password
  chmod 444 "$folder/$1.new"
  mv -f "$folder/$1.new" "$folder/$1"
}

for user in $bus_users; do draw "nats-$user"; done
for role in $database_roles; do draw "postgres-$role"; done
draw dashboard-login
draw nats-routes

# the broker reads all of its users' passwords from one file
for user in $bus_users; do
  name=$(printf %s "$user" | tr a-z- A-Z_)
  printf 'NATS_%s_PASSWORD: "%s"\n' "$name" "$(cat "$folder/nats-$user")"
done >"$folder/nats-passwords.conf.new"
keep nats-passwords.conf

# in a cluster the brokers know each other by one more password
password=$(cat "$folder/nats-routes")
{
  printf 'authorization { user: routes, password: "%s" }\nroutes: [\n' "$password"
  for broker in ${BROKERS:-nats nats-2 nats-3}; do
    printf '  "nats://routes:%s@%s:6222"\n' "$password" "$broker"
  done
  echo ']'
} >"$folder/nats-routes.conf.new"
keep nats-routes.conf
