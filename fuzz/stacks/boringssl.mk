# Debian's BoringSSL as static libraries, out of tree: its own list of sources (debian/sources.mk)
# and its own defines (debian/rules). make -f boringssl.mk SOURCE=… FLAGS=…, in the build's folder.
include $(SOURCE)/debian/sources.mk

vpath %.c $(SOURCE)
vpath %.cc $(SOURCE)
vpath %.S $(SOURCE)

DEFINES := -DNDEBUG -DBORINGSSL_ANDROID_SYSTEM -DBORINGSSL_IMPLEMENTATION \
  -DBORINGSSL_SHARED_LIBRARY -DOPENSSL_SMALL -fno-exceptions -fno-strict-aliasing \
  -fvisibility=hidden -fPIC -I$(SOURCE)/src/crypto -I$(SOURCE)/src/include

ASSEMBLY_amd64 := $(linux_x86_64_sources)
ASSEMBLY_arm64 := $(linux_aarch64_sources)
CRYPTO := $(addsuffix .o,$(basename $(crypto_sources) $(ASSEMBLY_$(ARCH))))
SSL := $(addsuffix .o,$(basename $(ssl_sources)))

all: libssl.a libcrypto.a

libssl.a: $(SSL)
libcrypto.a: $(CRYPTO)
libssl.a libcrypto.a:
	$(AR) rcs $@.new $^
	mv $@.new $@

%.o: %.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(FLAGS) $(DEFINES) -MMD -c -o $@ $<
%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) -std=gnu++2a $(FLAGS) $(DEFINES) -MMD -c -o $@ $<
%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(DEFINES) -Wa,--noexecstack -c -o $@ $<

-include $(CRYPTO:.o=.d) $(SSL:.o=.d)
