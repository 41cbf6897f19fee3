# Install and export: headers, librdu, plugins, programs, librducc, the CMake packages rdu and rducc, and their
# .pc files; all relocatable.
include(CMakePackageConfigHelpers)

set(RDU_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/rdu")
set(RDU_PLUGIN_INSTALL_DIR "${CMAKE_INSTALL_LIBDIR}/${RDU_PLUGIN_SUBDIR}")

# NAME-config.cmake, which is made already, its version, and NAME.pc.
function(rdu_install_package name cmake_dir)
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/${name}-config-version.cmake" COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/${name}-config.cmake" "${PROJECT_BINARY_DIR}/${name}-config-version.cmake"
          DESTINATION "${cmake_dir}")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/${name}.pc.in" "${PROJECT_BINARY_DIR}/${name}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${name}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()

install(DIRECTORY "${PROJECT_SOURCE_DIR}/sdk/include/rdu" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
set_target_properties(rdu_headers PROPERTIES EXPORT_NAME headers)
install(TARGETS rdu rdu_headers EXPORT rdu-targets LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")

get_property(tools GLOBAL PROPERTY RDU_TOOLS)
if(tools)
  file(RELATIVE_PATH lib_from_bin "/prefix/${CMAKE_INSTALL_BINDIR}" "/prefix/${CMAKE_INSTALL_LIBDIR}")
  set_target_properties(${tools} PROPERTIES INSTALL_RPATH "$ORIGIN/${lib_from_bin}")
  install(TARGETS ${tools} EXPORT rdu-targets RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

get_property(plugins GLOBAL PROPERTY RDU_PLUGINS)
if(plugins)
  install(TARGETS ${plugins} LIBRARY DESTINATION "${RDU_PLUGIN_INSTALL_DIR}")
endif()

install(EXPORT rdu-targets NAMESPACE rdu:: DESTINATION "${RDU_CMAKE_DIR}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/rdu-config.cmake.in"
                              "${PROJECT_BINARY_DIR}/rdu-config.cmake"
                              INSTALL_DESTINATION "${RDU_CMAKE_DIR}" PATH_VARS RDU_PLUGIN_INSTALL_DIR)
file(RELATIVE_PATH RDU_PREFIX_FROM_PC "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
rdu_install_package(rdu "${RDU_CMAKE_DIR}")

# librducc is a package of its own: an application that only runs models never meets it.
if(TARGET librducc)
  set(RDUCC_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/rducc")
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/tools/rducc/include/rducc" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
          FILES_MATCHING PATTERN "*.h")
  set_target_properties(librducc PROPERTIES EXPORT_NAME rducc INSTALL_RPATH "$ORIGIN")
  set_target_properties(librducc_headers PROPERTIES EXPORT_NAME headers)
  install(TARGETS librducc librducc_headers EXPORT rducc-targets LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(EXPORT rducc-targets NAMESPACE rducc:: DESTINATION "${RDUCC_CMAKE_DIR}")
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/rducc-config.cmake.in"
                                "${PROJECT_BINARY_DIR}/rducc-config.cmake" INSTALL_DESTINATION "${RDUCC_CMAKE_DIR}")
  rdu_install_package(rducc "${RDUCC_CMAKE_DIR}")
endif()

if(TARGET rdu_hw_arch)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/drivers/arch/presets" DESTINATION "${CMAKE_INSTALL_DATADIR}/rdu"
          FILES_MATCHING PATTERN "*.json")
endif()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
        DESTINATION "${CMAKE_INSTALL_DOCDIR}")
