// The part of rdu bench that compares designs of a chip.
#pragma once

#include <string>
#include <vector>

namespace rdu::tool {

struct SweepRequest {
  std::string model;                 // ONNX
  std::vector<std::string> devices;  // one chip, as "rdu:sn10"
  std::vector<std::string> axes;     // "pcu.lanes=8,16"
  std::string data;                  // a folder of samples, or ""
  bool json = false;
};

// Prints a table, or one line of JSON.
void bench_sweep(const SweepRequest& request);

}  // namespace rdu::tool
