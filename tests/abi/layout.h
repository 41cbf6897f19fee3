/* Checks the tables while compiling, in C and in C++. */
#include <rdu/plugin.h>
#include <rdu/rdu.h>
#include <rducc/rducc.h>
#include <stddef.h>

#ifdef __cplusplus
#define RDU_ASSERT static_assert
#else
#define RDU_ASSERT _Static_assert
#endif

#if UINTPTR_MAX == UINT64_MAX
#define RDU_SIZE(type, bytes) RDU_ASSERT(sizeof(type) == (bytes), "size of " #type);
#define RDU_OFFSET(type, field, bytes) \
  RDU_ASSERT(offsetof(type, field) == (bytes), "offset of " #type "." #field);
#include "layout_app.inc"
#include "layout_compiler.inc"
#include "layout_plugin.inc"
#endif
