# Scripts and what plays them: tm_play, `fuzz-script`, the targets. The partner is peers/careless on
# the system's libcrypto, and as tm_play without coverage: what guides libFuzzer is the victim.
pkg_check_modules(CARELESS_CRYPTO REQUIRED IMPORTED_TARGET libcrypto>=3.0)
add_library(tm_play STATIC script.c script_text.c structure.c partner.c partner_messages.c
            partner_records.c configuration.c play.c outcome.c victim.c generate.c mutate.c
            mutate_message.c mutate_record.c seeds.c raw_hello.c load.c pipes.c entropy.c
            credentials.c wrapped.c)
# Into each program, so that no order of archives hides it from who calls it.
target_sources(tm_play INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/wrapped_sockets.c)
target_link_libraries(tm_play PUBLIC tm_harness tm_pki PkgConfig::CARELESS_CRYPTO ${CMAKE_DL_LIBS})
wrap_functions(tm_play INTERFACE ${WRAPPED_SOCKETS})
file(GLOB careless CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/peers/careless/*.c)
list(REMOVE_ITEM careless ${PROJECT_SOURCE_DIR}/peers/careless/main.c)
add_library(tm_partner STATIC ${careless})
target_link_libraries(tm_partner PUBLIC tm_harness PkgConfig::CARELESS_CRYPTO)
if(TLSMATRIX_FUZZ)
  target_compile_options(tm_play PRIVATE -fno-sanitize=fuzzer-no-link)
  target_compile_options(tm_partner PRIVATE -fno-sanitize=fuzzer-no-link)
endif()

add_executable(fuzz-script script_main.c)
target_link_libraries(fuzz-script PRIVATE tm_play tm_partner)
set_target_properties(fuzz-script PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)

# script_target(STACK PARTNER): its two roles. Of careless itself the partner is the victim too, and
# has to guide.
function(script_target stack partner)
  foreach(role client server)
    set(name ${stack}-${role})
    fuzz_target(${name} SOURCES ${PROJECT_SOURCE_DIR}/fuzz/stacks/target.c
                        ${PROJECT_SOURCE_DIR}/fuzz/stacks/mutate_input.c
                LIBRARIES tm_play ${partner})
    string(TOUPPER ROLE_${role} role_constant)
    set(program fuzz-${name})
    if(NOT TLSMATRIX_FUZZ)
      set(program fuzz-${name}-replay)
    endif()
    target_compile_definitions(${program} PRIVATE FUZZ_TARGET="${name}" FUZZ_STACK="${stack}"
                               FUZZ_ROLE=${role_constant})
    if(TARGET fuzz-${stack})
      add_dependencies(${program} fuzz-${stack})
    endif()
  endforeach()
endfunction()

script_target(careless tm_stack_careless)
foreach(stack openssl boringssl gnutls)
  if(TARGET fuzz-${stack})
    script_target(${stack} tm_partner)
  endif()
endforeach()

# All of the stacks in one process, each against each.
if(TARGET fuzz-openssl AND TARGET fuzz-boringssl AND TARGET fuzz-gnutls)
  add_executable(stack-handshakes tests/handshakes_test.c)
  target_link_libraries(stack-handshakes PRIVATE tm_play tm_partner)
  set_target_properties(stack-handshakes PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                        ${CMAKE_BINARY_DIR}/fuzz)
  add_dependencies(stack-handshakes fuzz-openssl fuzz-boringssl fuzz-gnutls)
  if(BUILD_TESTING)
    add_test(NAME fuzz.handshakes COMMAND stack-handshakes ${CMAKE_BINARY_DIR}/fuzz/handshakes.pki)
    add_test(NAME fuzz.hangs
             COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tests/hangs_test.sh $<TARGET_FILE:fuzz-script>
                     ${CMAKE_CURRENT_SOURCE_DIR}/tests/hangs openssl boringssl gnutls)
  endif()
endif()

if(BUILD_TESTING)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
  foreach(name script structure play invariants mutate)
    add_executable(fuzz_${name}_test tests/${name}_test.c)
    target_link_libraries(fuzz_${name}_test PRIVATE tm_play tm_partner PkgConfig::CMOCKA)
    set_target_properties(fuzz_${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                          ${CMAKE_BINARY_DIR}/fuzz)
    add_test(NAME fuzz.${name}_test COMMAND fuzz_${name}_test)
  endforeach()
  foreach(stack openssl boringssl gnutls)
    if(TARGET fuzz-${stack})
      add_dependencies(fuzz_play_test fuzz-${stack})
      add_test(NAME fuzz.play_test_${stack} COMMAND fuzz_play_test ${stack})
    endif()
  endforeach()
endif()
