# shellcheck shell=bash
# What both scripts share: an environment of known variables only, and one way to end.

fail() {
    # A workflow command ends at a line break; `%` starts an escape in one.
    local text=${1//'%'/'%25'}
    text=${text//$'\r'/'%0D'}
    printf '::error title=cargo-custody::%s\n' "${text//$'\n'/'%0A'}"
    exit 1
}

# Cargo, rustup, git, the loader and curl take orders from variables. Only those that we or the system need stay.
keep_known_variables() {
    local name
    while IFS= read -r name; do
        case $name in
            GITHUB_TOKEN) unset -v "$name" ;;
            GITHUB_*|RUNNER_*|CUSTODY_*|CI|PATH|HOME|TMPDIR|TEMP|TMP|RUSTUP_HOME) ;;
            HTTP_PROXY|HTTPS_PROXY|NO_PROXY|ALL_PROXY|http_proxy|https_proxy|no_proxy|all_proxy|SSL_CERT_FILE) ;;
            SystemRoot|SYSTEMROOT|SystemDrive|SYSTEMDRIVE|windir|WINDIR|COMSPEC|ComSpec|PATHEXT|USERPROFILE) ;;
            LOCALAPPDATA|APPDATA|PROCESSOR_ARCHITECTURE|ProgramFiles*|PROGRAMFILES*|ProgramData|PROGRAMDATA|MSYSTEM) ;;
            SOURCE_DATE_EPOCH) ;;
            # Bash forbids the removal of a few of its own, which do no harm.
            *) unset -v "$name" 2>/dev/null || true ;;
        esac
    done < <(compgen -e)
}

# A folder of our own, which no checkout reaches: cargo, rustup and git look for settings here and above.
neutral_folder() {
    : "${RUNNER_TEMP:?is set by the runner}" "${GITHUB_WORKSPACE:?is set by the runner}"
    mkdir -p "$RUNNER_TEMP/cargo-custody/neutral"
    cd "$RUNNER_TEMP/cargo-custody/neutral" || fail 'RUNNER_TEMP is no folder'
    case $(pwd -P)/ in
        "$(cd "$GITHUB_WORKSPACE" && pwd -P)"/*) fail 'RUNNER_TEMP lies inside the workspace, which the change writes' ;;
    esac
}
