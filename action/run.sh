#!/usr/bin/env bash
# Starts the program from a neutral folder. Never as `cargo custody`: cargo would read the tree's aliases and
# toolchain first.
set -euo pipefail
# shellcheck source=action/surroundings.sh
source "${BASH_SOURCE[0]%/*}/surroundings.sh"
keep_known_variables
neutral_folder

binary=${CUSTODY_BINARY:?the install step names it}
workspace=$(cd "$GITHUB_WORKSPACE" && pwd -P)
words=(ci)

case ${CUSTODY_PATH:-} in
    /*|[A-Za-z]:*|\\*|*$'\n'*) fail '"path" is to be relative to the workspace' ;;
esac
root=$(cd "$workspace/${CUSTODY_PATH:-.}" 2>/dev/null && pwd -P) || fail '"path" is no folder of the workspace'
case $root/ in
    "$workspace"/*) ;;
    *) fail '"path" leads out of the workspace' ;;
esac

case ${CUSTODY_BASE:-} in
    '') ;;
    -*|*[[:cntrl:]]*) fail '"base" is no revision' ;;
    *) words+=(--base "$CUSTODY_BASE") ;;
esac
case ${CUSTODY_GATE:-} in
    '') ;;
    new|all) words+=(--gate "$CUSTODY_GATE") ;;
    *) fail '"gate" is "new" or "all"' ;;
esac
case ${CUSTODY_NO_FAIL:-} in
    ''|false) ;;
    true) words+=(--no-fail) ;;
    *) fail '"no-fail" is "true" or "false"' ;;
esac
case ${CUSTODY_SUMMARY:-} in
    ''|true) ;;
    false) unset GITHUB_STEP_SUMMARY ;;
    *) fail '"summary" is "true" or "false"' ;;
esac
# The upload step reads this input itself; a word that it does not know would silently mean `never`.
case ${CUSTODY_SARIF:-} in
    ''|auto|always|never) ;;
    *) fail '"sarif" is "auto", "always" or "never"' ;;
esac
words+=(--report-dir "$RUNNER_TEMP/cargo-custody/reports")

for name in $(compgen -e CUSTODY_); do unset -v "$name"; done
"$binary" "${words[@]}" -- "$root"
