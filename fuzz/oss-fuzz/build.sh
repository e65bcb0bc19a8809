#!/bin/bash -eu
# For OSS-Fuzz and ClusterFuzzLite: the targets of our own parsers into $OUT, each with its corpus and
# dictionary, built as $CC, $CFLAGS and $LIB_FUZZING_ENGINE say. Left out are targets that read
# files of this tree when they start, and those of the stacks, which their own projects fuzz there.
: "${CC:?}" "${LIB_FUZZING_ENGINE:?}" "${OUT:?}"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
build=${WORK:-$root}/build-oss-fuzz

targets=()
for source in "$root"/fuzz/targets/*.c; do
    grep -q 'SOURCE_DIR\|stack_lists' "$source" || targets+=("$(basename "$source" .c)")
done

texts=$(cd "$root/fuzz/driver" && python3 -B -c 'import common; print(*common.TEXTS)')

# The flags are the environment's, and sanitizers among them; libraries lie beside the programs.
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=None -DBUILD_TESTING=OFF \
    -DTLSMATRIX_FUZZ=ON -DTLSMATRIX_FUZZ_ENGINE="$LIB_FUZZING_ENGINE" \
    -DTLSMATRIX_FUZZ_STACKS="$build/none" -DCMAKE_BUILD_RPATH='$ORIGIN/lib' \
    -DCMAKE_EXE_LINKER_FLAGS=-Wl,--disable-new-dtags # of the libraries' libraries too
ninja -C "$build" fuzz-dictionary "${targets[@]/#/fuzz-}"

mkdir -p "$OUT/lib"
for target in "${targets[@]}"; do
    program=$build/fuzz/fuzz-$target
    cp "$program" "$OUT/"
    ldd "$program" | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' |
        grep -v '/\(libc\|libm\|libpthread\|libdl\|librt\|ld-linux[^/]*\)\.so' |
        xargs -r cp -L -u -t "$OUT/lib"
    (cd "$root/fuzz/corpora/$target" && python3 -m zipfile -c "$OUT/fuzz-${target}_seed_corpus.zip" *)
    words=()
    [[ " $texts " != *" $target "* ]] || words=(--text)
    "$build/fuzz/fuzz-dictionary" "${words[@]}" >"$OUT/fuzz-$target.dict"
done
