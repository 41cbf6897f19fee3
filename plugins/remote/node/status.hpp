// How the peer reports failures inside itself: a code and a sentence, as plugins do.
#pragma once

#include <rdu/plugin/status.hpp>

#define RDU_NODE_TRY(expression)                                               \
  do {                                                                         \
    if (::rdu::plugin::Status tried = (expression); !tried.ok()) return tried; \
  } while (false)

namespace rdu::remote::node {

using plugin::concat;
using plugin::fail;
using plugin::Result;
using plugin::Status;

}  // namespace rdu::remote::node
