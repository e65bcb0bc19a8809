# libssl_self_test(tm_stack_X): the stack against itself, as the ctests peers.X_claims_test and
# peers.X_behaviour_test.
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
  foreach(test claims behaviour)
    set(target ${name}_${test}_test)
    add_executable(${target} ${tests}/${test}_test.c ${tests}/pair.c ${tests}/agree.c
                   $<TARGET_OBJECTS:${stack}>)
    target_link_libraries(${target} PRIVATE ${stack} PkgConfig::CMOCKA)
    add_test(NAME peers.${target} COMMAND ${target})
    set_tests_properties(peers.${target} PROPERTIES FIXTURES_REQUIRED credentials ENVIRONMENT
      "TLSMATRIX_CREDENTIALS=${credentials};TLSMATRIX_EXPECTED=${PROJECT_SOURCE_DIR}/peers/${name}/expected")
  endforeach()
endfunction()
