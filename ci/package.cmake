# What CPack makes a Debian package of: ci/package. The libraries that the programs were linked with
# become its dependencies (dpkg-shlibdeps).
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tlsmatrix)
set(CPACK_PACKAGE_CONTACT "The tlsmatrix project <tlsmatrix@tlsmatrix.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "runs real TLS stacks against each other and judges by the RFCs")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Drives OpenSSL, BoringSSL and GnuTLS against each other through every combination of protocol
version, cipher suite, group, credential, authentication and pinning, decides from the RFCs what must
happen at each end, and checks what did happen at both ends and on the wire. Explains and reproduces
failures out of captures.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS tcpdump) # without it runs see only the ends' own words
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "tshark, wireshark")
include(CPack)
