# The operator families; families.hpp lists their tables.
set(RDUCC_OPS_SOURCES
  activation.cpp
  contraction.cpp
  convolution.cpp
  elementwise.cpp
  operands.cpp
  unary.cpp
  window.cpp)
