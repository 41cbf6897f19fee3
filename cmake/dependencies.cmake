# Every third-party package, as one interface target rdu_dep::NAME each, found only by the part that needs it.
#
# Packages are Debian 12's. Where its CMake config asks for more than we use (oneDNN: OpenCL; ONNX: its
# checker and schemas), the library and the header are looked up directly.

find_package(Threads REQUIRED)

function(rdu_dependency name)
  add_library(rdu_dep_${name} INTERFACE)
  add_library(rdu_dep::${name} ALIAS rdu_dep_${name})
  target_link_libraries(rdu_dep_${name} INTERFACE ${ARGN})
endfunction()

# A header-only package: stop with the Debian package's name when the header is missing.
function(rdu_header_dependency name header package)
  find_path(RDU_${name}_INCLUDE ${header})
  mark_as_advanced(RDU_${name}_INCLUDE)
  if(NOT RDU_${name}_INCLUDE)
    message(FATAL_ERROR "${header} not found (Debian package ${package})")
  endif()
  rdu_dependency(${name})
  target_include_directories(rdu_dep_${name} SYSTEM INTERFACE "${RDU_${name}_INCLUDE}")
endfunction()

# A package without a usable CMake config: one header, one library.
function(rdu_library_dependency name header library package)
  rdu_header_dependency(${name} ${header} ${package})
  find_library(RDU_${name}_LIBRARY ${library})
  mark_as_advanced(RDU_${name}_LIBRARY)
  if(NOT RDU_${name}_LIBRARY)
    message(FATAL_ERROR "lib${library} not found (Debian package ${package})")
  endif()
  target_link_libraries(rdu_dep_${name} INTERFACE "${RDU_${name}_LIBRARY}")
endfunction()

# The runtime uses headers only: librdu.so must need nothing but the C and C++ libraries.
rdu_header_dependency(flatbuffers flatbuffers/flatbuffers.h libflatbuffers-dev)
rdu_header_dependency(boost boost/dll.hpp libboost-dev)
target_compile_definitions(rdu_dep_boost INTERFACE BOOST_DLL_USE_STD_FS)
target_link_libraries(rdu_dep_boost INTERFACE ${CMAKE_DL_LIBS})
rdu_header_dependency(dlpack dlpack/dlpack.h libdlpack-dev)
find_program(RDU_FLATC flatc)
mark_as_advanced(RDU_FLATC)
if(NOT RDU_FLATC)
  message(FATAL_ERROR "flatc not found (Debian package flatbuffers-compiler)")
endif()

if(RDU_BUILD_PLUGINS)
  rdu_library_dependency(dnnl oneapi/dnnl/dnnl.hpp dnnl libdnnl-dev)
  rdu_library_dependency(zmq zmq.h zmq libzmq3-dev)
  rdu_library_dependency(sodium sodium.h sodium libsodium-dev)
endif()

if(RDU_BUILD_PLUGINS OR RDU_BUILD_TOOLS OR RDU_BUILD_TESTS)
  rdu_header_dependency(json nlohmann/json.hpp nlohmann-json3-dev)
endif()

if(RDU_BUILD_TOOLS OR RDU_BUILD_TESTS)
  find_package(Protobuf REQUIRED)
  rdu_library_dependency(onnx onnx/onnx_pb.h onnx_proto libonnx-dev)
  target_compile_definitions(rdu_dep_onnx INTERFACE ONNX_NAMESPACE=onnx ONNX_ML=1)
  target_link_libraries(rdu_dep_onnx INTERFACE protobuf::libprotobuf)
  rdu_header_dependency(cli11 CLI/CLI.hpp libcli11-dev)
  rdu_library_dependency(zlib zlib.h z zlib1g-dev)
endif()

if(RDU_BUILD_TESTS)
  find_package(Catch2 2 REQUIRED CONFIG)
  rdu_dependency(catch2 Catch2::Catch2)
  rdu_library_dependency(onnx_text onnx/defs/parser.h onnx libonnx-dev)
  target_link_libraries(rdu_dep_onnx_text INTERFACE rdu_dep::onnx)
  find_package(benchmark REQUIRED CONFIG)
  rdu_dependency(benchmark benchmark::benchmark)
endif()
