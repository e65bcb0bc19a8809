# Debian's archive without the machine's own lists: sourced by ci/stacks and fuzz/stacks/build.
# apt-get checks signatures and hashes as ever; lists, cache and state are in a folder of one's own,
# so that the machine's apt stays as it is, and nobody has to be root.

debian_mirror=${TLSMATRIX_DEBIAN_MIRROR:-http://deb.debian.org}
# Who signs the files is Debian, whichever mirror has them.
debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# private_apt FOLDER COMMAND ARGUMENT…: apt-get or apt-cache with all that is its own in FOLDER. It
# knows of no installed package.
private_apt() {
    local apt=$1 command=$2
    shift 2
    "$command" -q -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::Etc::PreferencesParts=/dev/null -o "Dir::State=$apt/state" \
        -o "Dir::State::Lists=$apt/lists" -o "Dir::State::status=$apt/status" \
        -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User= "$@"
}

# prepare_apt FOLDER: what apt wants to find in it.
prepare_apt() {
    mkdir -p "$1"/{state,lists/partial,cache/archives/partial}
    : >"$1/status"
}

# update_debian_lists FOLDER deb|deb-src RELEASE: fetches the lists; fails if one cannot be had.
update_debian_lists() {
    local apt=$1 type=$2 release=$3
    local suites=("debian $release")
    # What is not released yet has neither.
    [[ $release =~ ^(sid|unstable|experimental)$ ]] ||
        suites+=("debian $release-updates" "debian-security $release-security")
    prepare_apt "$apt"
    printf "$type [signed-by=$debian_keyring] $debian_mirror/%s main\n" "${suites[@]}" >"$apt/sources.list"
    private_apt "$apt" apt-get update -o APT::Update::Error-Mode=any
}
