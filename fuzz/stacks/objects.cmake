# libfuzz-STACK.so, one shared object per stack (shared_object.h), in two ways:
#   presets fuzz and coverage  with the libraries that fuzz/stacks/build has made, linked in; a stack
#                              that it has not made is left out
#   every other build          with the system's libraries; OpenSSL linked in, as the programs have
#                              its libcrypto already, the others shared
set(WRAPPED_SOCKETS read write recv send sendmsg) # by wrapped_sockets.c
set(WRAPPED_CLOCK time gettimeofday clock_gettime) # by wrapped_clock.c
# wrap_functions(TARGET SCOPE NAME…): every call of NAME from what is linked in goes to __wrap_NAME.
function(wrap_functions target scope)
  foreach(name IN LISTS ARGN)
    target_link_options(${target} ${scope} "LINKER:--wrap=${name}")
  endforeach()
endfunction()

set(stacks_cache $ENV{TLSMATRIX_FUZZ_CACHE})
if(NOT stacks_cache)
  set(stacks_cache $ENV{XDG_CACHE_HOME})
  if(NOT stacks_cache)
    set(stacks_cache $ENV{HOME}/.cache)
  endif()
  string(APPEND stacks_cache /tlsmatrix/fuzz)
endif()
if(TLSMATRIX_COVERAGE)
  string(APPEND stacks_cache /coverage)
else()
  string(APPEND stacks_cache /instrumented)
endif()
set(TLSMATRIX_FUZZ_STACKS ${stacks_cache} CACHE PATH "Folder that fuzz/stacks/build has printed")
set(stacks_instrumented OFF)
if(TLSMATRIX_FUZZ OR TLSMATRIX_COVERAGE)
  set(stacks_instrumented ON)
elseif(TLSMATRIX_SANITIZE MATCHES address)
  message(STATUS "No shared objects of the stacks: sanitizers do not allow what they need (load.c)")
  return()
endif()

# What the peers stand on, for all of them once.
file(GLOB stack_base CONFIGURE_DEPENDS
     ${PROJECT_SOURCE_DIR}/harness/*.c ${PROJECT_SOURCE_DIR}/harness/wire/*.c
     ${PROJECT_SOURCE_DIR}/harness/control/*.c)
add_library(tm_fuzz_stack_base STATIC ${stack_base}
            ${PROJECT_SOURCE_DIR}/peers/common/peer_description.c)
set_target_properties(tm_fuzz_stack_base PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_link_libraries(tm_fuzz_stack_base PUBLIC PkgConfig::JANSSON)

# stack_object(NAME PEERS folder… [DEFINITIONS definition…] INCLUDE folder… LIBRARIES library…
#              [WRAP function…] [SHARED])
# SHARED: the library is, so that nothing in it can be wrapped; what it calls is replaced where the
# loader looks for it (wrapped.c).
function(stack_object name)
  cmake_parse_arguments(PARSE_ARGV 1 stack "SHARED" ""
                        "PEERS;DEFINITIONS;INCLUDE;LIBRARIES;WRAP")
  set(sources wrapped.c wrapped_sockets.c wrapped_clock.c control.c)
  foreach(peer IN LISTS stack_PEERS)
    file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/peers/${peer}/*.c)
    list(APPEND sources ${files})
  endforeach()
  add_library(fuzz-${name} MODULE ${sources})
  set_target_properties(fuzz-${name} PROPERTIES PREFIX lib
                        LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  target_compile_definitions(fuzz-${name} PRIVATE ${stack_DEFINITIONS}
                             FUZZ_INSTRUMENTED=$<BOOL:${stacks_instrumented}>)
  target_include_directories(fuzz-${name} BEFORE PRIVATE ${stack_INCLUDE})
  target_link_libraries(fuzz-${name} PRIVATE tm_fuzz_stack_base ${stack_LIBRARIES}
                        ${CMAKE_DL_LIBS})
  if(stack_SHARED)
    set(exports exports_interposed.map)
    target_compile_definitions(fuzz-${name} PRIVATE FUZZ_INTERPOSED)
  else()
    set(exports exports.map)
    target_sources(fuzz-${name} PRIVATE random_${name}.c)
    wrap_functions(fuzz-${name} PRIVATE ${WRAPPED_SOCKETS} ${WRAPPED_CLOCK} ${stack_WRAP})
  endif()
  target_link_options(fuzz-${name} PRIVATE LINKER:-Bsymbolic LINKER:--gc-sections
                      "LINKER:--version-script=${CMAKE_CURRENT_SOURCE_DIR}/${exports}")
  set_property(TARGET fuzz-${name} APPEND PROPERTY LINK_DEPENDS
               ${CMAKE_CURRENT_SOURCE_DIR}/${exports})
endfunction()

# made(VARIABLE NAME): the folder in which fuzz/stacks/build has made the stack; "" if it has not.
function(made variable name)
  set(${variable} "" PARENT_SCOPE)
  if(EXISTS ${TLSMATRIX_FUZZ_STACKS}/${name}/made-from)
    set(${variable} ${TLSMATRIX_FUZZ_STACKS}/${name} PARENT_SCOPE)
  elseif(stacks_instrumented)
    message(STATUS "No libfuzz-${name}.so: fuzz/stacks/build has not made "
                   "'${TLSMATRIX_FUZZ_STACKS}/${name}'")
  endif()
endfunction()

set(openssl PEERS openssl libssl DEFINITIONS OPENSSL_SUPPRESS_DEPRECATED
    WRAP RAND_bytes RAND_priv_bytes RAND_bytes_ex RAND_priv_bytes_ex RSA_setup_blinding
         BN_BLINDING_convert_ex SSL_CTX_new)
set(boringssl PEERS boringssl libssl)
set(gnutls PEERS gnutls)

if(stacks_instrumented)
  made(folder openssl)
  if(folder)
    stack_object(openssl ${openssl} INCLUDE ${folder}/build/include ${folder}/source/include
                 LIBRARIES ${folder}/lib/libssl.a ${folder}/lib/libcrypto.a pthread)
  endif()
  made(folder boringssl)
  if(folder)
    stack_object(boringssl ${boringssl} INCLUDE ${folder}/include
                 LIBRARIES ${folder}/lib/libssl.a ${folder}/lib/libcrypto.a stdc++ pthread)
  endif()
  made(folder gnutls)
  if(folder)
    stack_object(gnutls ${gnutls} WRAP gnutls_rnd
                 INCLUDE ${folder}/build/lib/includes ${folder}/source/lib/includes
                 LIBRARIES ${folder}/lib/libgnutls.a hogweed nettle gmp idn2 pthread)
  endif()
else()
  pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET libssl>=3.0)
  find_library(OPENSSL_STATIC_SSL libssl.a REQUIRED)
  find_library(OPENSSL_STATIC_CRYPTO libcrypto.a REQUIRED)
  stack_object(openssl ${openssl} INCLUDE ${OPENSSL_INCLUDE_DIRS}
               LIBRARIES ${OPENSSL_STATIC_SSL} ${OPENSSL_STATIC_CRYPTO} pthread)
  if(EXISTS ${BORINGSSL_LIBRARY_DIR}/libssl.so)
    stack_object(boringssl ${boringssl} SHARED INCLUDE ${BORINGSSL_INCLUDE_DIR}
                 LIBRARIES ${BORINGSSL_LIBRARY_DIR}/libssl.so ${BORINGSSL_LIBRARY_DIR}/libcrypto.so)
  endif()
  pkg_check_modules(GNUTLS REQUIRED IMPORTED_TARGET gnutls>=3.7)
  stack_object(gnutls ${gnutls} SHARED LIBRARIES PkgConfig::GNUTLS)
endif()
