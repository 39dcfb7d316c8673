#!/bin/sh
# Makes .venv from the pinned requirements: about one minute, 650 MB. On Debian as root it installs python3-venv.
#   sh infra/venv.sh [requirements.txt]     only what sites need; by default what tests need as well
set -eu
wanted=${1:-requirements-dev.txt}
cd "$(dirname "$0")/.."
say() { echo "venv: $*" >&2; }

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say "Python 3.11 or newer is needed as python3; found: $(python3 --version 2>&1 || echo none)"
    exit 1
fi
if ! python3 -c 'import ensurepip' 2>/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        say "python3 lacks its venv module: install python3-venv (Debian, Ubuntu) or the like, then run this again"
        exit 1
    fi
    say "installing the Debian package python3-venv …"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
fi
started=$(date +%s)
say "installing the pinned requirements into .venv (about a minute) …"
[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$wanted" -c constraints.txt
[ "$wanted" != requirements-dev.txt ] || touch .venv/.ready
say "ready in $(($(date +%s) - started)) s"
