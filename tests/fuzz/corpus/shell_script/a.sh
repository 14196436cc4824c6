#!/usr/bin/env bash
set -e
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export PIP_INDEX_URL=https://example.com/simple
retry() { "$@"; }
retry pip install -r "$HERE/r.txt"
source ./env.sh
cat <<EOF
pip install no
EOF
