// Streams: a recurrent model fed frame by frame, its state carried from step to step.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tools/rdu/verify_case.hpp"

namespace rdu::tool {

// `file` holds frames [T, ...] for the first input, outputs [T, ...] (the first output of each step, flattened) and
// final_<input> for each recurrent input. Recurrent inputs start at zero. Where the artifact keeps them as variables a
// state object carries them, else each is fed the output after the first that is left with its dtype and shape, in
// order. Other inputs come from the first data set in `data`.
class Stream {
 public:
  Stream(rdu_program* program, const std::string& file, const std::vector<std::string>& data);

  std::int64_t num_steps() const;
  // The inputs of a step, valid until feed().
  std::vector<HostTensor>& inputs(std::int64_t step);
  // Takes the outputs that the next step reads.
  void feed(std::vector<HostTensor>& outputs);

  const std::map<std::string, HostTensor>& file() const { return file_; }
  // What the recurrent input would be now; `state` is null where there is none.
  HostTensor recurrent(const std::string& input, rdu_state* state) const;

 private:
  void add_input(const rdu_artifact* artifact, std::uint32_t number, std::uint32_t num_outputs);
  void find_feedback(const rdu_artifact* artifact, const rdu_value_info& input,
                     std::uint32_t number, std::uint32_t num_outputs);

  std::map<std::string, HostTensor> file_;
  std::vector<HostTensor> given_;  // by the data set
  std::vector<HostTensor> inputs_;
  std::map<std::size_t, std::size_t> feedback_;  // input number → output number
};

std::vector<OutputCheck> verify_stream(rdu_program* program, const std::string& file,
                                       const std::vector<std::string>& data,
                                       const Tolerance& tolerance);

}  // namespace rdu::tool
