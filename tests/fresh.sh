#!/bin/sh
# Runs bouton's commands as a new user, on a Debian with nothing installed:   sh tests/fresh.sh [package|build|test]
#
#     package   sh packaging/deb.sh, apt-get install of what it made, and the first commands of docs/tutorial.md
#     build     sh examples/digits/run.sh
#     test      sh tests/run.sh
#
# Without a word, the two commands of README.md: build and test. debootstrap makes a minimal Debian of this machine's release (bookworm if this machine runs
# another system) in a temporary folder below $TMPDIR or /tmp. It gets apt's sources, keys and proxy from this machine,
# and a clone of the present commit: no uncommitted changes, no data next to the checkout, no environment variables.
# The folder is removed at the end, also after a failure or a signal. Needs root, the network, and about 5 GB for `test`, 3 GB for `package`.
#
# Commands run in mount and process namespaces of their own: their mounts are never visible outside, and no process
# outlives them.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
case $#${1:-} in
    0) commands="build test" ;;
    1package | 1build | 1test) commands=$1 ;;
    *) sed -n '2s/.*: *sh/usage: sh/p' "$0" >&2; exit 2 ;;
esac
[ "$(id -u)" = 0 ] || { echo "fresh.sh needs root: debootstrap, mount and chroot do" >&2; exit 1; }

job=
scratch=
passed=0
failed=0

# ---- steps ----

remove() { # the temporary folder, unless something is mounted in it
    [ -n "$scratch" ] || return 0
    if grep -qF -e " $scratch/" -e " $scratch " /proc/self/mountinfo; then
        echo "$scratch is left in place: something is mounted in it" >&2
        return 1
    fi
    rm -rf --one-file-system "$scratch" 2>/dev/null || { # a killed process may have made one more file
        sleep 1
        rm -rf --one-file-system "$scratch" || return 1
    }
    scratch=
}

finish() { # at every exit
    status=$?
    trap '' HUP INT TERM
    [ -z "$job" ] || { kill -KILL "$job" && wait "$job"; } 2>/dev/null || true
    [ -z "$scratch" ] || echo "removing $scratch"
    remove || status=1
    exit $status
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# apart COMMAND...: runs it in its own namespaces. The shell waits for a background job, so that a signal is handled at
# once; the shell lets background jobs ignore interrupts, which tests inside need, so env restores them.
apart() {
    env --default-signal=INT,QUIT unshare --mount --pid --fork --kill-child --mount-proc "$@" </dev/null &
    job=$!
    result=0
    wait "$job" || result=$?
    job=
    return $result
}

step() { # NAME COMMAND...: runs it, and says how long that took
    name=$1
    shift
    echo "== $name"
    begin=$(date +%s)
    ended=0
    "$@" || ended=$?
    seconds=$(($(date +%s) - begin))
    [ "$ended" = 0 ] && echo "ok    $name ($seconds s)" || echo "FAIL  $name ($seconds s, status $ended)"
    return "$ended"
}

# ---- the machine ----

running_release() { # the code name of the running Debian, or bookworm
    # shellcheck disable=SC1091
    . /etc/os-release
    [ "$ID" = debian ] && echo "${VERSION_CODENAME:-bookworm}" || echo bookworm
}

mirror_of() { # RELEASE: the address that apt fetches the packages of this release from
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        awk -v release="$1" '$1 == release && $2 == "main" { print $3; exit }'
}

bootstrap() { # shows the output of debootstrap only if it fails
    certificates=
    case $mirror in https:*) certificates=--include=ca-certificates ;; esac
    # shellcheck disable=SC2086
    http_proxy=$proxy https_proxy=$proxy apart debootstrap --variant=minbase $certificates \
        "$release" "$debian" "$mirror" >"$scratch/log" 2>&1 || { cat "$scratch/log"; return 1; }
}

hand_over() { # this machine's way to the packages
    rm -f "$debian/etc/apt/sources.list" "$debian/etc/resolv.conf"
    for kept in sources.list sources.list.d trusted.gpg trusted.gpg.d keyrings \
        auth.conf auth.conf.d preferences preferences.d; do
        [ ! -e "/etc/apt/$kept" ] || cp -RLT "/etc/apt/$kept" "$debian/etc/apt/$kept" || return 1
    done
    {
        apt-config dump | sed -n '/Auto-Detect/d; /^Acquire::\(http\|Check\|Retries\|Force\)/p'
        [ -z "$proxy" ] || echo "Acquire::http::Proxy \"$proxy\";"
    } >"$debian/etc/apt/apt.conf.d/99host"
    cp -RLT /usr/share/keyrings "$debian/usr/share/keyrings" && cp -L /etc/resolv.conf "$debian/etc/resolv.conf"
}

fetch() { # clones the present commit; safe.directory lets root read another user's checkout
    printf '[safe]\n\tdirectory = *\n[advice]\n\tdetachedHead = false\n' >"$scratch/gitconfig"
    export GIT_CONFIG_GLOBAL="$scratch/gitconfig"
    [ -z "$(git -C "$root" status --porcelain)" ] || echo "note: uncommitted changes are not tested"
    git clone -q --no-hardlinks "$root" "$debian/root/bouton" &&
        git -C "$debian/root/bouton" log -1 --format='commit %h, %s'
}

inside() { # COMMAND: runs it in the minimal Debian, in the clone
    # shellcheck disable=SC2016
    apart sh -euc '
        mount -t proc proc "$1/proc"
        mount -t sysfs -o ro sysfs "$1/sys"
        mount --rbind /dev "$1/dev"
        exec env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            chroot "$1" sh -c "cd /root/bouton && $2"' sh "$debian" "$1"
}

# ---- the commands ----

release=$(running_release)
mirror=$(mirror_of "$release")
[ -n "$mirror" ] || { echo "apt's sources on this machine have no Debian $release (main)" >&2; exit 1; }
proxy=$(apt-config dump --format '%v' Acquire::http::Proxy)
proxy=${proxy:-${http_proxy:-}}
sh "$root/packaging/install.sh" fresh
scratch=$(mktemp -d "${TMPDIR:-/tmp}/bouton-fresh.XXXXXX")
scratch=$(cd "$scratch" && pwd -P)
debian=$scratch/debian

step "a minimal Debian $release in $debian" bootstrap
step "apt's sources and keys, and the name server" hand_over
step "a clone of the present commit" fetch
for command in $commands; do
    case $command in
        package) command="sh packaging/deb.sh ../deb && sh tests/package.sh ../deb" ;;
        build) command="sh examples/digits/run.sh" ;;
        test) command="sh tests/run.sh" ;;
    esac
    step "$command" inside "$command" && passed=$((passed + 1)) || failed=$((failed + 1))
done
step "removing $scratch" remove

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
