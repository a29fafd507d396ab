#!/bin/sh
# The two commands of README.md as a new user gives them, on a Debian that has nothing yet:   sh tests/fresh.sh [build|test]
#
#     build   sh examples/digits/run.sh
#     test    sh tests/run.sh
#
# Without a word both, one after the other. The Debian is a minimal one of this machine's release (bookworm where this
# is no Debian), made by debootstrap in a temporary folder ($TMPDIR, or /tmp) and removed in the end, however that comes.
# It gets apt's sources, keys and proxies from this machine, and a clone of the present commit; not what is uncommitted,
# no data that lie beside the checkout, no environment. Needs root, the network, and 6 GB for `test`.
#
# Whatever runs in it runs in namespaces of its own: no mount made for it is seen outside, and no process outlives them.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
case $#${1:-} in
    0) commands="build test" ;;
    1build | 1test) commands=$1 ;;
    *) sed -n '2s/.*: *sh/usage: sh/p' "$0" >&2; exit 2 ;;
esac
[ "$(id -u)" = 0 ] || { echo "fresh.sh needs root: debootstrap, mount and chroot do" >&2; exit 1; }

job=
scratch=
passed=0
failed=0

# ---- steps ----

finish() { # on every way out: ends what still runs, and removes the folder unless something is mounted in it
    status=$?
    trap '' HUP INT TERM
    [ -z "$job" ] || { kill -KILL "$job" && wait "$job"; } 2>/dev/null || true
    [ -n "$scratch" ] || exit $status
    if grep -qF " $scratch/" /proc/self/mountinfo; then
        echo "$scratch is left: something is mounted in it" >&2
        exit 1
    fi
    rm -rf --one-file-system "$scratch" 2>/dev/null || { sleep 1; rm -rf --one-file-system "$scratch"; } # of the last to die
    exit $status
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# apart COMMAND...: runs it with mounts and processes of its own; they end with it. It is waited for in the background,
# where a signal reaches this script at once, and interrupts are switched on again, which the shell turns off there.
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
    result=0
    "$@" || result=$?
    seconds=$(($(date +%s) - begin))
    [ "$result" = 0 ] && echo "ok    $name ($seconds s)" || echo "FAIL  $name ($seconds s, status $result)"
    return "$result"
}

# ---- the machine ----

running_release() { # the running Debian's name, or bookworm
    . /etc/os-release
    [ "$ID" = debian ] && echo "${VERSION_CODENAME:-bookworm}" || echo bookworm
}

mirror_of() { # RELEASE: where apt has that release's packages from
    apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        awk -v release="$1" '$1 == release && $2 == "main" { print $3; exit }'
}

bootstrap() { # what debootstrap says is shown only where it fails
    proxy=$(apt-config dump --format '%v' Acquire::http::Proxy)
    certificates=
    case $mirror in https:*) certificates=--include=ca-certificates ;; esac
    # shellcheck disable=SC2086
    http_proxy=${proxy:-${http_proxy:-}} apart debootstrap --variant=minbase $certificates "$release" "$debian" "$mirror" \
        >"$scratch/log" 2>&1 || { cat "$scratch/log"; return 1; }
}

hand_over() { # how packages are reached from here
    rm -f "$debian/etc/apt/sources.list" "$debian/etc/resolv.conf"
    for kept in sources.list sources.list.d trusted.gpg trusted.gpg.d keyrings auth.conf auth.conf.d preferences preferences.d; do
        [ ! -e "/etc/apt/$kept" ] || cp -RLT "/etc/apt/$kept" "$debian/etc/apt/$kept" || return 1
    done
    apt-config dump | sed -n '/Auto-Detect/d; /^Acquire::\(http\|Check\|Retries\|Force\)/p' >"$debian/etc/apt/apt.conf.d/99host"
    cp -RLT /usr/share/keyrings "$debian/usr/share/keyrings" && cp -L /etc/resolv.conf "$debian/etc/resolv.conf"
}

fetch() { # the present commit. Whose the checkout is does not matter: git would not read one of another user.
    printf '[safe]\n\tdirectory = *\n[advice]\n\tdetachedHead = false\n' >"$scratch/gitconfig"
    export GIT_CONFIG_GLOBAL="$scratch/gitconfig"
    [ -z "$(git -C "$root" status --porcelain)" ] || echo "note: the checkout has changes that are not committed; they are not tried"
    git clone -q --no-hardlinks "$root" "$debian/root/bouton" && git -C "$debian/root/bouton" log -1 --format='commit %h, %s'
}

inside() { # COMMAND: in that Debian, in the clone
    # shellcheck disable=SC2016
    apart sh -euc '
        mount -t proc proc "$1/proc"
        mount -t sysfs -o ro sysfs "$1/sys"
        mount --rbind /dev "$1/dev"
        exec env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            chroot "$1" sh -c "cd /root/bouton && $2"' sh "$debian" "$1"
}

# ---- what is tried ----

release=$(running_release)
mirror=$(mirror_of "$release")
[ -n "$mirror" ] || { echo "apt's sources on this machine have no Debian $release (main)" >&2; exit 1; }
sh "$root/packaging/install.sh" fresh
scratch=$(mktemp -d "${TMPDIR:-/tmp}/bouton-fresh.XXXXXX")
scratch=$(cd "$scratch" && pwd -P)
debian=$scratch/debian

step "a minimal Debian $release in $debian" bootstrap
step "apt's sources and keys, and the name server" hand_over
step "a clone of the present commit" fetch
for command in $commands; do
    case $command in
        build) command="sh examples/digits/run.sh" ;;
        test) command="sh tests/run.sh" ;;
    esac
    step "$command" inside "$command" && passed=$((passed + 1)) || failed=$((failed + 1))
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
