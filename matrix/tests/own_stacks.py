"""Prefixes for `tlsmatrix stacks add`: the system's own libraries, copied to where a user might have
a build of them. What is copied is what Debian's packages put there."""

import shutil
import subprocess
from pathlib import Path

MULTIARCH = subprocess.run(["gcc", "-print-multiarch"], capture_output=True, text=True,
                           check=True).stdout.strip()
LIBRARIES = Path("/usr/lib") / MULTIARCH
HEADERS = Path("/usr/include")

PATTERNS = {
    "openssl": ["libssl.so*", "libcrypto.so*"],
    "gnutls": ["libgnutls.so*"],
    "boringssl": ["android/libssl.so*", "android/libcrypto.so*"],
}
# What a program cannot be linked or started without.
LIBC = ["libc.so*", "libc_nonshared.a", "libm.so*", "libm-*.a", "libmvec*", "crt*.o", "Scrt1.o",
        "ld-linux*", "libgcc_s.so*", "libjansson.a", "libyaml.a"]


def copy(patterns, to):
    to.mkdir(parents=True, exist_ok=True)
    for pattern in patterns:
        for path in LIBRARIES.glob(pattern):
            shutil.copy2(path, to / path.name, follow_symlinks=False)


def copy_headers(api, to):
    if api == "boringssl":
        shutil.copytree(HEADERS / "android/openssl", to / "openssl")
        return
    shutil.copytree(HEADERS / api, to / api)
    own = HEADERS / MULTIARCH / api
    if own.exists():
        shutil.copytree(own, to / MULTIARCH / api)


def make_prefix(folder, api):
    """As `make install` with a prefix leaves it: include and lib."""
    copy_headers(api, folder / "include")
    copy(PATTERNS[api], folder / "lib")
    return folder


def loader_of(program):
    """What the program asks for: PT_INTERP."""
    done = subprocess.run(["readelf", "-l", program], capture_output=True, text=True, check=True)
    return Path(done.stdout.split("Requesting program interpreter: ")[1].split("]")[0])


def make_root(folder, api, program):
    """As a release of Debian unpacked into a folder: with libc and loader. Headers are the system's,
    by a link."""
    libraries = folder / "usr/lib" / MULTIARCH
    copy(PATTERNS[api] + LIBC, libraries)
    loader = loader_of(program)
    (folder / "usr" / loader.parent.name).mkdir(exist_ok=True)
    (folder / loader.parent.name).symlink_to(f"usr/{loader.parent.name}")
    (folder / "lib").symlink_to("usr/lib")
    own = folder / "usr" / loader.parent.name / loader.name
    if not own.exists():
        own.symlink_to(libraries / loader.resolve().name)
    (folder / "usr/include").symlink_to(HEADERS)
    return folder
