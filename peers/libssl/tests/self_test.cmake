# libssl_self_test(tm_stack_X): the stack against itself, as the ctest peers.X_self_test.
function(libssl_self_test stack)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
  set(tests ${PROJECT_SOURCE_DIR}/peers/libssl/tests)
  set(credentials ${CMAKE_BINARY_DIR}/peers/self-test-credentials)
  if(NOT TARGET forge_credentials)
    add_executable(forge_credentials ${tests}/forge_credentials.c)
    target_link_libraries(forge_credentials PRIVATE tm_pki)
    add_test(NAME peers.forge_credentials COMMAND forge_credentials ${credentials})
    set_tests_properties(peers.forge_credentials PROPERTIES FIXTURES_SETUP credentials)
  endif()
  string(REPLACE tm_stack_ "" name ${stack})
  add_executable(${name}_self_test ${tests}/self_test.c ${tests}/pair.c
                 $<TARGET_OBJECTS:${stack}>)
  target_link_libraries(${name}_self_test PRIVATE ${stack} PkgConfig::CMOCKA)
  add_test(NAME peers.${name}_self_test COMMAND ${name}_self_test)
  set_tests_properties(peers.${name}_self_test PROPERTIES FIXTURES_REQUIRED credentials
                       ENVIRONMENT "TLSMATRIX_CREDENTIALS=${credentials};TLSMATRIX_EXPECTED=${PROJECT_SOURCE_DIR}/peers/${name}/expected")
endfunction()
