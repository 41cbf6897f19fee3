# The helpers for tests; targets.cmake lists them. Labels: unit, conformance, abi, e2e, fuzz, bench.
set(RDU_TEST_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests/bin")
set(RDU_TEST_ENVIRONMENT "RDU_PLUGIN_PATH=${RDU_PLUGIN_OUTPUT_DIRECTORY}")

# A program in the tests' own folder: bin/ holds only what is installed.
function(rdu_test_program target)
  add_executable(${target})
  rdu_target_setup(${target} ${ARGN})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${RDU_TEST_OUTPUT_DIRECTORY}")
endfunction()

function(rdu_check_labels name)
  if(NOT ARGN)
    message(FATAL_ERROR "test ${name} has no LABELS")
  endif()
  foreach(label IN LISTS ARGN)
    if(NOT label MATCHES "^(unit|conformance|abi|e2e|fuzz|bench)$")
      message(FATAL_ERROR "test ${name}: unknown label ${label}")
    endif()
  endforeach()
endfunction()

function(rdu_test)
  cmake_parse_arguments(arg "" "NAME;TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  rdu_check_labels(${arg_NAME} ${arg_LABELS})
  rdu_test_program(${arg_NAME} SOURCES ${arg_SOURCES} DEPS ${arg_DEPS} rdu_catch_main)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  catch_discover_tests(${arg_NAME} TEST_PREFIX "${arg_NAME}: "
    PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT} ENVIRONMENT "${RDU_TEST_ENVIRONMENT}")
endfunction()

# Exit code 77 means skipped: the test printed why.
function(rdu_command_test)
  cmake_parse_arguments(arg "" "NAME;TIMEOUT" "COMMAND;LABELS" ${ARGN})
  rdu_check_labels(${arg_NAME} ${arg_LABELS})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_test(NAME ${arg_NAME} COMMAND ${arg_COMMAND})
  set_tests_properties(${arg_NAME} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT}
                       SKIP_RETURN_CODE 77 ENVIRONMENT "${RDU_TEST_ENVIRONMENT}")
endfunction()

function(rdu_fuzzer)
  cmake_parse_arguments(arg "" "NAME;CORPUS" "SOURCES;DEPS" ${ARGN})
  rdu_test_program(${arg_NAME} SOURCES ${arg_SOURCES} DEPS ${arg_DEPS})
  if(RDU_FUZZ)
    target_link_options(${arg_NAME} PRIVATE -fsanitize=fuzzer)
    # libFuzzer writes what it finds into the first folder: never the one in the source tree.
    set(found "${CMAKE_CURRENT_BINARY_DIR}/${arg_NAME}.corpus")
    file(MAKE_DIRECTORY "${found}")
    set(arguments -runs=20000 -seed=1 "${found}")
  else()
    target_sources(${arg_NAME} PRIVATE "${PROJECT_SOURCE_DIR}/tests/support/fuzz_replay.cpp")
  endif()
  rdu_command_test(NAME ${arg_NAME} LABELS fuzz
                   COMMAND ${arg_NAME} ${arguments} ${arg_CORPUS})
endfunction()
