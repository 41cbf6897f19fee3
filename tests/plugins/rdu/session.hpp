// The C API on the real plugins: contexts, devices, programs, and what was placed where.
#pragma once

#include <string>
#include <vector>

#include "tests/sdk/src/support/harness.hpp"

namespace chip_test {

using rdu::test::Artifact;
using rdu::test::ArtifactBytes;
using rdu::test::Context;
using rdu::test::Device;
using rdu::test::Program;

// A context that finds the plugins of the build.
Context plugins_context();

struct Session {
  Session(const rdu::artifact::Model& model, const std::vector<std::string>& uris);

  // Loads; the words of a failure.
  std::string load();
  void must_load() { REQUIRE(load() == "OK"); }

  // "DEVICE" of each section, or "DEVICE not REASON: detail" where the first device declined.
  std::vector<std::string> placed() const;

  Context context;
  ArtifactBytes bytes;
  std::vector<Device> devices;
  std::vector<rdu_device*> list;
  Artifact artifact;
  Program program;
};

// Outputs of a model with float inputs and outputs of one shape.
std::vector<std::vector<float>> run_floats(const Session& session, std::vector<float> x,
                                           std::vector<std::int64_t> shape,
                                           std::size_t num_outputs);

}  // namespace chip_test
