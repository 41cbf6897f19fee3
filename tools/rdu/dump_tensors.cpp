// Runs window after window with the intermediates as outputs, and names what comes out.
#include "tools/rdu/dump_tensors.hpp"

#include <map>

#include "sdk/artifact/reader.hpp"
#include "sdk/artifact/view.hpp"
#include "tools/rdu/io/npy.hpp"
#include "tools/rdu/probe.hpp"
#include "tools/rdu/stored_tensors.hpp"
#include "tools/rdu/verify_case.hpp"

namespace rdu::tool {

namespace {

using artifact::at;

struct Tensor {
  std::string name;
  std::uint32_t value;  // the probed one, or another shape of it
};

}  // namespace

DumpCounts dump_tensors(Session& session, const std::string& path, std::vector<HostTensor>& inputs,
                        const std::filesystem::path& dir, std::uint64_t memory_bytes) {
  const auto opened = artifact::open_artifact(path);
  if (!opened) throw ToolError(opened.error().message);
  const Probe probe(**opened, find_variant(**opened, inputs));
  std::vector<std::string> names;
  std::map<std::size_t, std::vector<Tensor>> tensors;  // by number of the probed value
  for (const auto& tensor : artifact::each<rdu_origin_tensor>(probe.graph().origin_tensors)) {
    names.emplace_back(tensor.name);
    if (tensor.value == RDU_NONE) continue;
    if (const auto number = probe.find(tensor.value)) {
      tensors[*number].push_back({tensor.name, tensor.value});
    }
  }
  std::vector<ProbedValue> probed;
  for (const auto& [number, list] : tensors) probed.push_back(probe.values()[number]);
  const auto stems = file_stems(names);
  std::filesystem::create_directories(dir);
  DumpCounts counts{0, names.size()};
  auto next = tensors.begin();
  for (const ProbeWindow window : windows_of(probed, memory_bytes)) {
    const AlignedBytes bytes = probe.artifact_with(window);
    session.open_artifact(bytes);
    session.load_program();
    const StatePtr state = make_state(session.program());
    auto values = run_probe(probe, window, session.program(), inputs, state.get(), nullptr);
    for (HostTensor& value : values) {
      for (const Tensor& tensor : (next++)->second) {
        show_as(at<rdu_value>(probe.graph().values, tensor.value), value);
        write_npy(dir / (stems.at(tensor.name) + ".npy"), value);
        ++counts.written;
      }
    }
    session.close_artifact();
  }
  return counts;
}

}  // namespace rdu::tool
