# Debian's source packages for fuzz/stacks/build, which sources this: got with apt-get's own checks
# of signatures and hashes, by a list of its own, so that the machine's lists stay as they are.

declare -A package_of=([openssl]=openssl [boringssl]=android-platform-external-boringssl
    [gnutls]=gnutls28)

# The release that the rest of the project is made for (ci/common.sh).
release=bookworm

private_apt() {
    local apt=$cache/apt command=$1
    shift
    "$command" -q -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User= "$@"
}

update_lists() {
    local apt=$cache/apt keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    local debian=http://deb.debian.org
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    printf "deb-src [signed-by=$keyring] %s main\n" "$debian/debian $release" \
        "$debian/debian $release-updates" "$debian/debian-security $release-security" \
        >"$apt/sources.list"
    private_apt apt-get update
}

# fetch PACKAGE VERSION: into $cache/sources; what is there already is not fetched again.
fetch() {
    in_folder "$cache/sources" private_apt apt-get source --download-only "$1=$2"
}

# newest_source STACK: prints the .dsc of the newest version that can be had, and fetches it. An
# archive may list a version that it no longer, or not yet, has.
newest_source() {
    local package=${package_of[$1]} version dsc
    mkdir -p "$cache/sources"
    [[ -n ${lists_updated:-} ]] || step "fetching Debian's lists of sources" update_lists >&2
    lists_updated=yes
    for version in $(private_apt apt-cache showsrc "$package" 2>/dev/null | sed -n 's/^Version: //p' |
        sort -rVu); do
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
