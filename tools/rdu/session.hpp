// What every command does first: a context, the devices in order, an artifact, a program. All handles end with it.
#pragma once

#include <rdu/rdu.h>

#include <rdu/app/error.hpp>
#include <string>
#include <vector>

#include "tools/rdu/error.hpp"
#include "tools/rdu/io/host_tensor.hpp"

namespace rdu::tool {

using ContextPtr = detail::Handle<rdu_context, rdu_context_destroy>;
using DevicePtr = detail::Handle<rdu_device, rdu_device_close>;
using ArtifactPtr = detail::Handle<rdu_artifact, rdu_artifact_close>;
using ProgramPtr = detail::Handle<rdu_program, rdu_program_destroy>;
using PlacementPtr = detail::Handle<rdu_placement, rdu_placement_destroy>;
using StatePtr = detail::Handle<rdu_state, rdu_state_destroy>;

// The options that commands which run something share.
struct SessionOptions {
  std::vector<std::string> devices;   // URIs in order; `cpu:` is appended, see device_list
  std::vector<std::uint32_t> shares;  // of the work, for the first devices; see rdu_program_options
  bool no_fallback = false;
  std::uint32_t threads = 0;
  std::vector<std::string> plugin_paths;
  bool copy = false;    // RDU_LOAD_COPY
  bool hashes = false;  // RDU_LOAD_HASHES
  bool verbose = false;
};

// The devices asked for, then `cpu:` for what they decline, except behind `reference:` or with no_fallback.
std::vector<std::string> device_list(const SessionOptions& options);

class Session {
 public:
  explicit Session(const SessionOptions& options);

  void open_devices();
  void open_artifact(const std::string& path);
  // From memory, which must stay until it is closed; instead of the one that was there.
  void open_artifact(const AlignedBytes& bytes);
  void close_artifact();  // and the program
  void load_program();

  rdu_context* context() { return context_.get(); }
  rdu_artifact* artifact() { return artifact_.get(); }
  rdu_program* program() { return program_.get(); }
  const std::vector<std::string>& uris() const { return uris_; }
  std::vector<rdu_device*> devices() const;

 private:
  SessionOptions options_;
  std::vector<std::string> uris_;
  ContextPtr context_;
  std::vector<DevicePtr> devices_;
  ArtifactPtr artifact_;
  ProgramPtr program_;
};

// The signature's inputs or outputs as the variant sees them.
rdu_signature_info signature_info(const rdu_artifact* artifact, std::uint32_t signature);
rdu_value_info input_info(const rdu_artifact* artifact, std::uint32_t signature,
                          std::uint32_t variant, std::uint32_t index);
rdu_value_info output_info(const rdu_artifact* artifact, std::uint32_t signature,
                           std::uint32_t variant, std::uint32_t index);

// One run of the first signature; the outputs come back owned. `state` may be null.
std::vector<HostTensor> run_once(rdu_program* program, std::vector<HostTensor>& inputs,
                                 rdu_state* state);

// Sections that landed elsewhere than on the device that was first in line, as lines for people; empty when none did.
std::string fallback_text(const rdu_placement* placement);

}  // namespace rdu::tool
