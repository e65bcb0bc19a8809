# What the commands in ci/ share: the Debian packages, the steps, the messages. Sourced, never run.
# Whoever sources it is an executable in the checkout and has `set -euo pipefail` in force.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
command_name=${0#"$root/"}

# The only list of packages there is. Names only: the release that the machine runs says which
# versions; what differs between releases is for the capability lists to notice.
packages_run=(
    gcc libc6-dev cmake ninja-build pkg-config
    libssl-dev android-libboringssl-dev libgnutls28-dev # the stacks under test
    libjansson-dev libyaml-dev libsqlite3-dev zlib1g-dev # JSON, YAML, results, reports
    libpcap-dev                                         # captures
    zlib1g-dev libzstd-dev libbrotli-dev                # compressed certificates in them
    libcmocka-dev python3                               # looked for when the tests are configured
    tcpdump
)
# For ci/shards: what spreads the parts, and fetches what other hosts ran.
packages_shards=(parallel rsync openssh-client)
packages_test=(
    "${packages_run[@]}" "${packages_shards[@]}"
    python3-pytest python3-pytest-timeout python3-pytest-xdist
    openssl tshark sqlite3 # what else there is to ask about certificates and captures
    python3-cryptography # the other end of the mini-HTTPS tests
    python3-junitparser python3-yaml # readers of what is written for CI systems
    curl wget gnutls-bin nginx-light nodejs # programs whose failures are recorded and explained
    chromium-headless-shell libnss3-tools   # likewise (90 MB with what it needs); what it trusts
    man-db mandoc zsh fish # man pages and completion are tried in what reads them
    chromium-driver python3-selenium        # in which the report is opened
)
# For ci/fuzz: libFuzzer and the sanitizers' run time; what tells coverage and stack traces; for
# fuzz/stacks/build, Debian's sources of the stacks and what they want to be built.
packages_fuzz=(
    "${packages_run[@]}"
    clang libclang-rt-dev llvm make patch perl dpkg-dev debian-archive-keyring binutils
    autoconf automake libtool autopoint gettext bison gperf # GnuTLS's configure is made anew
    nettle-dev libgmp-dev libidn2-dev
)
# For ci/package: what finds the dependencies. fakeroot is not needed: CPack writes the archive.
packages_package=("${packages_run[@]}" dpkg-dev file)
# For .ci/run: the other compiler and the formatter.
packages_check=("${packages_test[@]}" "${packages_fuzz[@]}" clang-format pyflakes3)

say() {
    printf '%s: %s\n' "$command_name" "$*"
}

# die MESSAGE…: one line on standard error, then the exit code of a usage or configuration error, or
# the one that a command has set for what comes then.
die() {
    printf '%s: %s\n' "$command_name" "$*" >&2
    exit "${die_code:-2}"
}

# step WHAT COMMAND…: says WHAT, runs the command silently; shows its last words if it fails.
step() {
    local what=$1 log status=0
    shift
    say "$what"
    log=$(mktemp)
    "$@" >"$log" 2>&1 </dev/null || status=$?
    [[ $status -eq 0 ]] || tail -n 60 "$log" >&2
    rm -f "$log"
    [[ $status -eq 0 ]] || die "failed: $what (the reason is above)"
}

# missing_packages NAME…: prints those that are not installed, one a line.
missing_packages() {
    local installed
    installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
        sed -n 's/ installed$//p' | sort -u) || true
    printf '%s\n' "$@" | sort -u | comm -23 - <(printf '%s\n' "$installed")
}

# become_root NAME…: sets as_root to what has to stand before a command that needs root.
become_root() {
    as_root=()
    [[ $(id -u) -ne 0 ]] || return 0
    command -v sudo >/dev/null ||
        die "not root and no sudo here; as root, first: apt-get install $*"
    as_root=(sudo)
    [[ -t 0 ]] || as_root=(sudo -n) # nobody is there to type a password
    "${as_root[@]}" true 2>/dev/null ||
        die "sudo refuses; as root, first: apt-get install $*"
}

# A third party's broken archive does not matter as long as the packages can be had, so a failed
# update alone stops nothing; it explains a failed installation.
apt_install() {
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300)
    "${as_root[@]}" "${apt[@]}" -o APT::Update::Error-Mode=any update ||
        echo "E: the package lists could not be fetched: is there a network?"
    "${as_root[@]}" "${apt[@]}" install --no-install-recommends "$@"
}

# install_packages NAME…: installs those that are missing; does and says nothing if none is.
install_packages() {
    local missing log
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
        die "not a Debian system: install what ci/common.sh lists, then cmake --preset release"
    mapfile -t missing < <(missing_packages "$@")
    [[ ${#missing[@]} -gt 0 ]] || return 0
    become_root "${missing[@]}"
    say "installing ${missing[*]}"
    log=$(mktemp)
    apt_install "${missing[@]}" >"$log" 2>&1 </dev/null || {
        # apt names every file that it did not get: the first few tell enough.
        grep -E '^E:' "$log" | head -n 5 >&2
        rm -f "$log"
        die "cannot install the packages: no network, or this is not Debian 12"
    }
    rm -f "$log"
}

# build PRESET [TARGET]…: configures and builds; all targets if none is named. Under CI a warning
# is an error; elsewhere what the build folder was configured with stands. `configure_options` has
# more of these.
configure_options=()
build() {
    local preset=$1
    local targets=("${@:2}")
    step "configuring ($preset)" in_root cmake --preset "$preset" ${CI:+-DTLSMATRIX_WERROR=ON} \
        "${configure_options[@]}"
    step "building ($preset)" in_root cmake --build --preset "$preset" \
        ${targets[0]+--target "${targets[@]}"} -- --quiet
}

in_root() {
    (cd "$root" && "$@")
}

# run_ctest FOLDER: every C test of a build folder; results also in FOLDER/junit/ctest.xml.
run_ctest() {
    local folder=$root/$1
    mkdir -p "$folder/junit"
    ctest --test-dir "$folder" --parallel "$(nproc)" --timeout 300 --no-tests=error \
        --output-on-failure --output-junit "$folder/junit/ctest.xml"
}
