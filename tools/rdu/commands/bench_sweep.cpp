// Compiles a model for each point of a sweep and runs it on the emulated chip, timing only.
#include "tools/rdu/commands/bench_sweep.hpp"

#include <cstdio>

#include "sdk/artifact/reader.hpp"
#include "tools/rdu/chip/compiler.hpp"
#include "tools/rdu/chip/measure.hpp"
#include "tools/rdu/chip/sweep.hpp"
#include "tools/rdu/error.hpp"
#include "tools/rdu/io/file.hpp"

namespace rdu::tool {

namespace {

void check_request(const SweepRequest& request) {
  if (request.devices.size() != 1 || !request.devices[0].starts_with("rdu:")) {
    throw ToolError("--sweep needs one chip to change: --device rdu:sn10");
  }
  const auto artifact = artifact::open_artifact(request.model);
  if (!artifact && !is_chip_file(read_beginning(request.model, 8))) return;
  throw ToolError(request.model +
                  " is compiled for one chip, and a sweep compiles for many: give the "
                  "ONNX model that it was made from");
}

}  // namespace

void bench_sweep(const SweepRequest& request) {
  check_request(request);
  std::vector<SweepAxis> axes;
  for (const std::string& axis : request.axes) axes.push_back(parse_axis(axis));
  std::vector<std::string> data;
  if (!request.data.empty()) data.push_back(request.data);
  const Compiler compiler;
  const std::vector<SweepRow> rows = sweep(axes, [&](const SweepPoint& point) {
    const std::string target = with_point(request.devices[0], point);
    ChipRequest chip;
    chip.chip = target.substr(target.find(':') + 1);
    ChipWork work = chip_work_of(compiler.compile(request.model, target, data), chip);
    measure_work(work, Trace::kOff);
    return sweep_figures(work);
  });
  if (request.json) {
    std::printf("%s\n", sweep_json(rows).dump().c_str());
  } else {
    std::fputs(sweep_table(rows).c_str(), stdout);
  }
}

}  // namespace rdu::tool
