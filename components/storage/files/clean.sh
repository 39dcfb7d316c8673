#!/bin/sh
# Removes what nobody has read or changed for so many hours: clean.sh FOLDER HOURS
#
# FOLDER has one folder per user, who are at work in them with the same user id and may swap anything for anything at
# any moment. So every step goes from a folder that is held open to a name in it (find's own -delete and -execdir, with
# physical traversal): no path is looked up twice, no link is followed, nothing outside is reached. Names are never
# printed. The age of a file is that of its last change of any kind (ctime, which nobody can set) or of its last
# reading, whichever is later; a reading in the future does not count.
set -eu
folder=$1
hours=$2
minutes=$((hours * 60))
tomorrow="$(date --date='now + 1 day' '+%Y-%m-%d %H:%M:%S')"

used() { df --output=used --block-size=1 . | tail -n 1 | tr -d ' '; }

cd "$folder"
before=$(used)

# A folder that its owner has closed to itself is opened again: nothing hides from the cleaning.
find -P . -ignore_readdir_race -xdev -mindepth 2 -type d ! -perm -0700 -cmin "+$minutes" \
    -execdir chmod --no-dereference u+rwx -- {} \; 2>/dev/null || true

counts=$(
    {
        find -P . -ignore_readdir_race -xdev -mindepth 2 -depth \
            \( ! -type d -o -empty \) \
            -cmin "+$minutes" \
            ! \( -amin "-$minutes" ! -newerat "$tomorrow" \) \
            -delete -printf '%y\n' 2>/dev/null || echo failed
    } | awk '
        $1 == "d" { folders++ }
        $1 == "failed" { failed = ", not all of them" }
        $1 != "d" && $1 != "failed" { files++ }
        END { printf "%d files and %d empty folders%s", files, folders, failed }'
)
echo "removed $counts, unused for $hours hours; in use: $(used) bytes, $before before"
