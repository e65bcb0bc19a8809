#!/bin/bash -eu
exec "$SRC/tlsmatrix/fuzz/oss-fuzz/build.sh"
