# The optional target `docs`: the API reference, generated from the public headers by doxygen.
find_program(RDU_DOXYGEN doxygen)
mark_as_advanced(RDU_DOXYGEN)
if(RDU_DOXYGEN)
  set(RDU_DOCS_DIR "${PROJECT_BINARY_DIR}/docs")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/Doxyfile.in" "${PROJECT_BINARY_DIR}/Doxyfile" @ONLY)
  add_custom_target(docs
    COMMAND "${RDU_DOXYGEN}" -q "${PROJECT_BINARY_DIR}/Doxyfile"
    COMMENT "API reference: ${RDU_DOCS_DIR}/html/index.html"
    VERBATIM)
endif()
