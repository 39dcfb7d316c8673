#!/bin/sh
# Puts what a pipeline has as secrets where the tools look for it: KUBECONFIG_CONTENT, CLOUDS_YAML; each may be empty.
set -eu
umask 077
keep() {
    [ -n "$1" ] || return 0
    mkdir -p "$(dirname "$2")"
    printf '%s\n' "$1" > "$2"
    echo "credentials: wrote $2" >&2
}
keep "${KUBECONFIG_CONTENT:-}" "$HOME/.kube/config"
keep "${CLOUDS_YAML:-}" "$HOME/.config/openstack/clouds.yaml"
