// The tensors of one run, sorted into the order of its signature, and the variant that they fit.
#pragma once

#include <rdu/run.h>

#include <vector>

#include "sdk/src/runtime/artifact.hpp"

namespace rdu::runtime {

// Kept and reused, so that reading a call allocates only the first time.
struct Call {
  std::uint32_t signature = 0;
  std::uint32_t variant = 0;
  std::uint64_t timeout_us = 0;
  std::uint64_t user_tag = 0;
  rdu_state* state = nullptr;
  std::vector<rdu_tensor> inputs;     // by number in the signature; dtype NONE: not given
  std::vector<rdu_tensor> outputs;    // likewise
  std::vector<rdu_tensor*> delivery;  // the caller's output structs, NULL where not asked for
};

// Everything that can be said about `args` without touching tensor data, except the values of specialised inputs.
Status read_call(const Artifact& artifact, const rdu_run_args* args, Call& out);

// Checks the data and sizes of inputs and outputs against the variant.
Status check_memory(const VariantSpec& variant, const Call& call);

// Is the tensor row-major without gaps?
bool is_row_major(const rdu_tensor& tensor);

}  // namespace rdu::runtime
