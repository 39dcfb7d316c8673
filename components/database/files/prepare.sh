#!/bin/sh
# Makes the database on an empty volume; leaves alone what is there. What is half made is made anew.
#   $DATA        where the server keeps its files
#   $DATABASE    name of the database to make beside the administrator's
#   $PASSWORDS   file with the administrator's password
set -eu

version=$(postgres --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
if [ -f "$DATA/PG_VERSION" ]; then
    found=$(cat "$DATA/PG_VERSION")
    if [ "$found" != "$version" ]; then
        echo "error: the volume holds a database of PostgreSQL $found, and this is $version: see docs/tap.md" >&2
        exit 1
    fi
    # A server that was killed leaves its lock: nobody else has this volume.
    rm -f "$DATA/postmaster.pid"
    exit 0
fi

new="$DATA.new"
rm -rf "$new"
initdb --pgdata="$new" --username=postgres --pwfile="$PASSWORDS" --encoding=UTF8 --locale=C \
    --auth=scram-sha-256 --data-checksums --no-instructions
echo "CREATE DATABASE \"$DATABASE\"" | postgres --single -D "$new" -c log_min_messages=error postgres > /dev/null
mv "$new" "$DATA"
