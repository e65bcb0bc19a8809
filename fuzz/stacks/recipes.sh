# How each stack's library is built, for fuzz/stacks/build, which sources this. A recipe runs in the
# stack's folder, finds the source in source/, builds in build/, outside of it, and leaves static
# libraries in lib/. Run again, it builds what has changed.

# Checks of undefined behaviour that are errors: wrong in fact, whatever the library's author
# thought. Left out is what C forbids and these libraries do on purpose or carelessly, without harm
# on any machine that Debian runs on: unaligned access on x86, shifts into the sign bit, memcpy() of
# 0 bytes from NULL, NULL + 0.
undefined=bounds,bool,enum,integer-divide-by-zero,null,object-size,return,shift-exponent
undefined+=,signed-integer-overflow,unreachable,vla-bound

jobs=$(nproc)

# set_flags KIND: the compiler's flags in the array `flags`; in `plain_flags`, those for what is
# compiled to ask the compiler something, which instrumented costs twice and answers the same.
set_flags() {
    plain_flags=(-O1 -fPIC)
    flags=(-O1 -gline-tables-only -fno-omit-frame-pointer -fPIC)
    case $1 in
    instrumented)
        # A copy, so that every checkout finds the same libraries.
        local list
        list=$cache/not-guided-$(short_hash <"$here/not-guided.txt").txt
        cp "$here/not-guided.txt" "$list"
        flags+=("-fsanitize=fuzzer-no-link,address,$undefined" -fno-sanitize-recover=all
            "-fsanitize-coverage-ignorelist=$list")
        ;;
    coverage) flags+=(-fprofile-instr-generate -fcoverage-mapping) ;;
    esac
}

# prepare_source STACK FOLDER: what Debian does to a source before it configures it.
prepare_source() {
    [[ $1 == gnutls ]] || return 0
    # Its patches change what configure is made from. Debian makes all of it anew; what the library
    # alone is built from costs a third.
    (cd "$2" && aclocal -I m4 -I src/gl/m4 -I lib/unistring/m4 && autoconf && autoheader &&
        find gl lib -name Makefile.am | sed 's/\.am$//' | xargs automake)
}

# What a library does while configure and make run its own programs is not what is looked for.
quietly() {
    ASAN_OPTIONS=detect_leaks=0 nice "$@"
}

# Configured as Debian does (debian/rules), but for what is static here, and for what no byte of a
# handshake reaches: other protocols and formats, ciphers that no suite has. Assembly stays: what it
# computes is not parsed.
build_openssl() {
    mkdir -p build lib
    [[ -e build/Makefile ]] || (cd build && CC=clang CFLAGS="${flags[*]}" ../source/Configure \
        linux-"$(uname -m)" no-shared no-module no-tests no-autoload-config no-idea no-mdc2 no-rc5 \
        no-zlib no-ssl3 no-ssl3-method enable-rfc3779 no-capieng no-rdrand \
        no-cmp no-cms no-ts no-engine no-legacy no-ui-console \
        no-bf no-cast no-md4 no-rc2 no-siphash no-sm2 no-sm3 no-sm4 no-whirlpool \
        "$([[ $(uname -m) != x86_64 ]] || echo enable-ec_nistp_64_gcc_128)" \
        --openssldir=/usr/lib/ssl -DOPENSSL_TLS_SECURITY_LEVEL=2)
    quietly make -C build -j"$jobs" build_generated
    quietly make -C build -j"$jobs" libssl.a libcrypto.a
    take_archives build/libssl.a build/libcrypto.a
}

# Debian's tree has its own list of sources, and no use for cmake; Google's has cmake.
build_boringssl() {
    mkdir -p build lib
    if [[ -e source/debian/sources.mk ]]; then
        ln -sfn source/src/include include
        quietly make -C build -f "$here/boringssl.mk" -j"$jobs" SOURCE=../source CC=clang \
            CXX=clang++ FLAGS="${flags[*]}" ARCH="$(dpkg --print-architecture)"
    else
        ln -sfn source/include include
        [[ -e build/build.ninja ]] || cmake -G Ninja -S source/ -B build -DCMAKE_C_COMPILER=clang \
            -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_FLAGS="${flags[*]}" \
            -DCMAKE_CXX_FLAGS="${flags[*]}" -DCMAKE_BUILD_TYPE=None
        quietly ninja -C build -j"$jobs" ssl crypto
    fi
    take_archives "$(find build -name libssl.a)"
    # For random_boringssl.c, which says why.
    objcopy --weaken-symbol=RAND_bytes_with_additional_data \
        --weaken-symbol=CRYPTO_get_fork_generation "$(find build -name libcrypto.a)" \
        build/weakened-libcrypto.a
    take_archives build/weakened-libcrypto.a
}

# Only the library; nettle and GMP below it are the system's. What parses bytes and can be had as a
# part of it (ASN.1, Unicode) is.
build_gnutls() {
    mkdir -p build lib
    [[ -e source/configure ]] || die "gnutls: no configure in the source: run its ./bootstrap"
    # dash is what configure and libtool are quickest with.
    [[ -e build/Makefile ]] || (cd build && CC=clang CFLAGS="${plain_flags[*]}" \
        CONFIG_SHELL=/bin/dash quietly dash ../source/configure --disable-shared --enable-static --with-pic --disable-doc \
        --disable-tools --disable-tests --disable-cxx --disable-guile --disable-nls \
        --disable-libdane --disable-openssl-compatibility --disable-maintainer-mode \
        --disable-padlock --without-p11-kit --without-tpm --without-tpm2 --without-zlib \
        --without-brotli --without-zstd --with-included-libtasn1 --with-included-unistring \
        --with-default-trust-store-file=/etc/ssl/certs/ca-certificates.crt)
    quietly make -C build/gl -j"$jobs" CFLAGS="${flags[*]}"
    quietly make -C build/lib -j"$jobs" CFLAGS="${flags[*]}"
    take_archives build/lib/.libs/libgnutls.a
}

# take_archives ARCHIVE…: into lib/; one that has not changed keeps its time, so that nothing is
# linked anew.
take_archives() {
    local archive to
    for archive in "$@"; do
        to=lib/${archive##*[/-]}
        cmp -s "$archive" "$to" || cp "$archive" "$to"
    done
}
