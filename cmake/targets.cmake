# The helpers for each kind of target. A folder's CMakeLists.txt calls them and sets no flag itself.
#
#   rdu_library(NAME t SOURCES … [DEPS …])              static, position independent, hidden symbols
#   rdu_api_library(SOURCES … [DEPS …])                 librdu.so (target rdu) and rdu_static, for tests
#   rdu_shared_library(NAME t OUTPUT name SOURCES … [DEPS …] HEADERS t EXPORTS map)   any other installed library
#   rdu_plugin(NAME n SOURCES … [DEPS …])               librdu_plugin_n.so, exports rdu_plugin_query alone
#   rdu_tool(NAME t [OUTPUT name] SOURCES … [DEPS …])   an installed program
#   rdu_test(NAME t SOURCES … [DEPS …] LABELS …)        Catch2 program; every TEST_CASE is a ctest test
#   rdu_command_test(NAME t COMMAND … LABELS …)         any command as a ctest test
#   rdu_fuzzer(NAME t SOURCES … [DEPS …] [CORPUS dir])  libFuzzer target; elsewhere replays its corpus
#
# DEPS are visible to whoever links a library. Internal headers are included from the repository's root.

# What every target of the project has: flags, the root as include path, its sources and dependencies.
function(rdu_target_setup target)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  target_sources(${target} PRIVATE ${arg_SOURCES})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:rdu_flags> Threads::Threads)
  if(arg_DEPS)
    get_target_property(type ${target} TYPE)
    if(type MATCHES "STATIC_LIBRARY|OBJECT_LIBRARY")
      target_link_libraries(${target} PUBLIC ${arg_DEPS})
    else()
      target_link_libraries(${target} PRIVATE ${arg_DEPS})
    endif()
  endif()
endfunction()

function(rdu_library)
  cmake_parse_arguments(arg "" "NAME" "SOURCES;DEPS" ${ARGN})
  add_library(${arg_NAME} STATIC)
  rdu_target_setup(${arg_NAME} SOURCES ${arg_SOURCES} DEPS ${arg_DEPS})
endfunction()

function(rdu_api_library)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_library(rdu_objects OBJECT)
  rdu_target_setup(rdu_objects SOURCES ${arg_SOURCES} DEPS ${arg_DEPS} rdu_headers)
  target_compile_definitions(rdu_objects PRIVATE RDU_BUILDING)

  add_library(rdu SHARED)
  rdu_target_setup(rdu SOURCES $<TARGET_OBJECTS:rdu_objects> DEPS ${arg_DEPS})
  target_link_libraries(rdu PUBLIC rdu_headers)
  set_target_properties(rdu PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0 LINKER_LANGUAGE CXX)
  rdu_export_only(rdu "${PROJECT_SOURCE_DIR}/cmake/librdu.map")

  add_library(rdu_static STATIC)
  rdu_target_setup(rdu_static SOURCES $<TARGET_OBJECTS:rdu_objects> DEPS ${arg_DEPS} rdu_headers)
  set_target_properties(rdu_static PROPERTIES LINKER_LANGUAGE CXX)
endfunction()

# HEADERS are visible to whoever links it; DEPS stay inside.
function(rdu_shared_library)
  cmake_parse_arguments(arg "" "NAME;OUTPUT;HEADERS;EXPORTS" "SOURCES;DEPS" ${ARGN})
  add_library(${arg_NAME} SHARED)
  rdu_target_setup(${arg_NAME} SOURCES ${arg_SOURCES} DEPS ${arg_DEPS})
  target_link_libraries(${arg_NAME} PUBLIC ${arg_HEADERS})
  set_target_properties(${arg_NAME} PROPERTIES OUTPUT_NAME ${arg_OUTPUT} VERSION ${PROJECT_VERSION} SOVERSION 0)
  rdu_export_only(${arg_NAME} "${arg_EXPORTS}")
endfunction()

# The version script names the whole interface: nothing of a linked static library leaks out.
function(rdu_export_only target map)
  target_link_options(${target} PRIVATE "-Wl,--version-script=${map}" -Wl,--no-undefined-version)
  if(NOT RDU_SANITIZE)
    target_link_options(${target} PRIVATE -Wl,--no-undefined)
  endif()
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${map}")
endfunction()

function(rdu_plugin)
  cmake_parse_arguments(arg "" "NAME" "SOURCES;DEPS" ${ARGN})
  set(target rdu_plugin_${arg_NAME})
  add_library(${target} MODULE)
  rdu_target_setup(${target} SOURCES ${arg_SOURCES} DEPS ${arg_DEPS} rdu_headers)
  set_target_properties(${target} PROPERTIES PREFIX "lib"
                        LIBRARY_OUTPUT_DIRECTORY "${RDU_PLUGIN_OUTPUT_DIRECTORY}")
  rdu_export_only(${target} "${PROJECT_SOURCE_DIR}/cmake/plugin.map")
  set_property(GLOBAL APPEND PROPERTY RDU_PLUGINS ${target})
endfunction()

function(rdu_tool)
  cmake_parse_arguments(arg "" "NAME;OUTPUT" "SOURCES;DEPS" ${ARGN})
  add_executable(${arg_NAME})
  rdu_target_setup(${arg_NAME} SOURCES ${arg_SOURCES} DEPS ${arg_DEPS})
  if(arg_OUTPUT)
    set_target_properties(${arg_NAME} PROPERTIES OUTPUT_NAME ${arg_OUTPUT})
  endif()
  set_property(GLOBAL APPEND PROPERTY RDU_TOOLS ${arg_NAME})
endfunction()

include(test_targets)
