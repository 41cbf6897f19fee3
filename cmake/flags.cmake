# The interface target rdu_flags: every compile and link flag of this project is set here and nowhere else.
# (A plugin may add one for a single file, such as -O3 or -mavx2, with a sentence that says why.)
add_library(rdu_flags INTERFACE)

# Contraction of a*b+c changes bits from one compiler to the next; answers must not depend on it.
target_compile_options(rdu_flags INTERFACE -Wall -Wextra -ffp-contract=off -fno-math-errno
                                           -ffunction-sections -fdata-sections)
target_link_options(rdu_flags INTERFACE -Wl,--gc-sections -Wl,-z,relro,-z,now,-z,noexecstack)
if(RDU_WERROR)
  target_compile_options(rdu_flags INTERFACE -Werror)
endif()

target_compile_options(rdu_flags INTERFACE -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|i.86")
  target_compile_options(rdu_flags INTERFACE -fcf-protection)
endif()

set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g")
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

if(RDU_SANITIZE)
  target_compile_options(rdu_flags INTERFACE -fsanitize=${RDU_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(rdu_flags INTERFACE -fsanitize=${RDU_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Instrumented code defeats GCC's flow analysis: it warns inside std::regex and std::function.
    target_compile_options(rdu_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
  if(RDU_SANITIZE MATCHES "undefined")
    target_compile_options(rdu_flags INTERFACE -fno-sanitize-recover=undefined)
  endif()
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  # The sanitizers check more than this macro and are confused by it; without optimisation it has no effect.
  target_compile_options(rdu_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()

if(RDU_COVERAGE)
  target_compile_options(rdu_flags INTERFACE --coverage)
  target_link_options(rdu_flags INTERFACE --coverage)
endif()

if(RDU_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "RDU_FUZZ needs clang (libFuzzer); the compiler is ${CMAKE_CXX_COMPILER_ID}")
  endif()
  target_compile_options(rdu_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
