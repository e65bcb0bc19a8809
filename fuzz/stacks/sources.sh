# Debian's source packages for fuzz/stacks/build, which sources this: got with apt-get's own checks
# of signatures and hashes, by lists of its own (ci/debian.sh).

declare -A package_of=([openssl]=openssl [boringssl]=android-platform-external-boringssl
    [gnutls]=gnutls28)

source "$root/ci/debian.sh"

# debian_release: the codename of what the machine runs; where it does not say, of Debian 12.
debian_release() {
    local VERSION_CODENAME=''
    [[ ! -r /etc/os-release ]] || source /etc/os-release
    printf '%s\n' "${VERSION_CODENAME:-bookworm}"
}

# own_archives RELEASE: prints where the machine's apt gets that release from, as the lines of a
# list of sources; nothing if its lists know no archive of Debian's.
own_archives() {
    apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' 2>/dev/null |
        sed -nE "s,^Debian\|$1(-updates|-security)?\|,deb-src [signed-by=$debian_keyring] ,p" | sort -u
}

usual_archives() {
    local suite
    for suite in "debian $1" "debian $1-updates" "debian-security $1-security"; do
        printf 'deb-src [signed-by=%s] %s/%s main\n' "$debian_keyring" "$debian_mirror" "$suite"
    done
}

# take_lists: fetches what sources.list names; fails where that has no sources of the stacks.
take_lists() {
    local package
    prepare_apt "$cache/apt"
    private_apt "$cache/apt" apt-get update || true # one archive's failure matters only if it had them
    for package in "${package_of[@]}"; do
        [[ -n $(versions_of "$package") ]] || return 1
    done
}

# update_lists: by the machine's own archives; where those cannot serve, by the usual mirror.
update_lists() {
    local release list=$cache/apt/sources.list
    release=$(debian_release)
    mkdir -p "$cache/apt"
    own_archives "$release" >"$list"
    if [[ ! -s $list ]]; then
        say "apt's lists know no archive of Debian's $release: trying $debian_mirror"
    elif (step "fetching Debian's lists of sources" take_lists); then
        return 0
    else
        say "the archives that apt is configured for have no sources: trying $debian_mirror"
    fi
    usual_archives "$release" >"$list"
    step "fetching Debian's lists of sources from $debian_mirror" take_lists
}

# versions_of PACKAGE: those whose source the lists have, newest first.
versions_of() {
    private_apt "$cache/apt" apt-cache showsrc --only-source "$1" 2>/dev/null | sed -n 's/^Version: //p' |
        sort -rVu
}

# fetch PACKAGE VERSION: into $cache/sources; what is there already is not fetched again.
fetch() {
    in_folder "$cache/sources" private_apt "$cache/apt" apt-get source --download-only "$1=$2"
}

# newest_source STACK: prints the .dsc of the newest version that can be had, and fetches it; wants
# update_lists. An archive may list a version that it no longer, or not yet, has.
newest_source() {
    local package=${package_of[$1]} version dsc
    mkdir -p "$cache/sources"
    for version in $(versions_of "$package"); do
        dsc=$cache/sources/${package}_${version#*:}.dsc
        if fetch "$package" "$version" >"$cache/fetch.log" 2>&1 && [[ -e $dsc ]]; then
            printf '%s\n' "$dsc"
            return 0
        fi
        say "$package $version cannot be fetched: $(grep -m 1 '^E:' "$cache/fetch.log")" >&2
    done
    die "no source of $package could be fetched: no network?"
}

# unpack STACK DSC FOLDER: the source with Debian's patches applied, as FOLDER/source. Signatures
# have been apt's to check.
unpack() {
    rm -rf "$3/unpacking"
    dpkg-source --no-check -x "$2" "$3/unpacking"
    prepare_source "$1" "$3/unpacking"
    rm -f "$3"/*.orig.tar.* # its own copy
    mv "$3/unpacking" "$3/source"
}
