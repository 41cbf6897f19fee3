# rdu_flatbuffers(TARGET SCHEMA…): generate NAME_generated.h from each NAME.fbs, visible to TARGET alone.
function(rdu_flatbuffers target)
  set(out "${CMAKE_CURRENT_BINARY_DIR}/generated")
  set(schemas "")
  set(headers "")
  foreach(schema IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH schema BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
    cmake_path(GET schema STEM name)
    list(APPEND schemas "${schema}")
    list(APPEND headers "${out}/${name}_generated.h")
  endforeach()
  # All schemas at once and all as dependencies of each: one may include another.
  add_custom_command(
    OUTPUT ${headers}
    COMMAND "${RDU_FLATC}" --cpp --cpp-std c++17 --scoped-enums --gen-mutable -o "${out}" ${schemas}
    DEPENDS ${schemas}
    COMMENT "Generating FlatBuffers headers for ${target}"
    VERBATIM)
  target_sources(${target} PRIVATE ${headers})
  target_include_directories(${target} SYSTEM PRIVATE "${out}")
  target_link_libraries(${target} PRIVATE rdu_dep::flatbuffers)
endfunction()
