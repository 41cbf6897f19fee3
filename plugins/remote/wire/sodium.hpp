// libsodium, ready: its initialisation picks the fast code for this processor.
#pragma once

#include <sodium.h>

namespace rdu::remote {

// Where it fails, hashes still work, only slower; random bytes are libsodium's to refuse.
inline void prepare_sodium() {
  static const int once = sodium_init();
  static_cast<void>(once);
}

}  // namespace rdu::remote
