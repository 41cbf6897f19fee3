# The helpers for tests; targets.cmake lists them. Labels: unit, conformance, abi, e2e, fuzz, bench, and for every test
# the folder below tests/ that it lies in. A target tests_FOLDER (tests_sdk_src) builds the programs of one folder.
set(RDU_TEST_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests/bin")
set(RDU_TEST_ENVIRONMENT "RDU_PLUGIN_PATH=${RDU_PLUGIN_OUTPUT_DIRECTORY}")

# A program in the tests' own folder: bin/ holds only what is installed.
function(rdu_test_program target)
  add_executable(${target})
  rdu_target_setup(${target} ${ARGN})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${RDU_TEST_OUTPUT_DIRECTORY}")
  rdu_test_folder(folder)
  string(REPLACE "/" "_" folder_target "tests_${folder}")
  if(NOT TARGET ${folder_target})
    add_custom_target(${folder_target})
  endif()
  add_dependencies(${folder_target} ${target})
endfunction()

function(rdu_test_folder out)
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/tests" OUTPUT_VARIABLE folder)
  set(${out} "${folder}" PARENT_SCOPE)
endfunction()

# The properties of a test, as arguments of set_tests_properties.
function(rdu_test_properties out name timeout)
  rdu_check_labels(${name} ${ARGN})
  rdu_test_folder(folder)
  if(NOT timeout)
    set(timeout 300)
  endif()
  # Exit code 77 means skipped: the test printed why.
  set(${out} "LABELS \"${ARGN};${folder}\" TIMEOUT ${timeout} SKIP_RETURN_CODE 77
      ENVIRONMENT \"${RDU_TEST_ENVIRONMENT}\"" PARENT_SCOPE)
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
  rdu_test_properties(properties ${arg_NAME} "${arg_TIMEOUT}" ${arg_LABELS})
  rdu_test_program(${arg_NAME} SOURCES ${arg_SOURCES} DEPS ${arg_DEPS} rdu_catch_main)
  catch_discover_tests(${arg_NAME} TEST_PREFIX "${arg_NAME}/")
  # Catch's own PROPERTIES argument flattens lists, so that a test could have one label only.
  set(script "${CMAKE_CURRENT_BINARY_DIR}/${arg_NAME}_properties.cmake")
  file(WRITE "${script}"
       "if(${arg_NAME}_TESTS)\n  set_tests_properties(\${${arg_NAME}_TESTS} PROPERTIES ${properties})\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${script}")
endfunction()

function(rdu_command_test)
  cmake_parse_arguments(arg "" "NAME;TIMEOUT" "COMMAND;LABELS" ${ARGN})
  rdu_test_properties(properties ${arg_NAME} "${arg_TIMEOUT}" ${arg_LABELS})
  add_test(NAME ${arg_NAME} COMMAND ${arg_COMMAND})
  cmake_language(EVAL CODE "set_tests_properties(${arg_NAME} PROPERTIES ${properties})")
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
