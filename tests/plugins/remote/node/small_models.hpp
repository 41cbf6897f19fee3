// Models that show at once what a peer did with them.
#pragma once

#include <rdu/rdu.hpp>
#include <string>
#include <vector>

namespace rdu::remote::testing {

// y = total + x, and total becomes y; f32[width]. What is done twice or not at all is seen in every later answer.
void write_running_total(const std::string& path, std::int64_t width,
                         const std::string& signature = "");

// y = tanh of tanh of … of x, `depth` times; f32[width].
void write_tanh(const std::string& path, std::int64_t width, int depth);
float tanh_of(float x, int depth);

// The same as one node that repeats itself.
void write_loop(const std::string& path, std::int64_t width, std::int64_t trips);

// y = x; f32[width].
void write_identity(const std::string& path, std::int64_t width);

// A program on one device, in a context of its own.
struct LoadedModel {
  LoadedModel(const std::string& uri, const std::string& path)
      : artifact(context.open_artifact(path)), program(artifact, {context.open_device(uri)}) {}

  // One input and one output of this width.
  std::vector<float> run(const std::vector<float>& x, const State* state = nullptr,
                         std::uint64_t timeout_us = 0) const;

  rdu::Context context;
  Artifact artifact;
  Program program;
};

}  // namespace rdu::remote::testing
