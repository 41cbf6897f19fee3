// map: out[i] = f(in_k[A_k i]).
#include "plugins/reference/patterns.hpp"

namespace rdu::reference {

plugin::Status run_map(NodeRun& run) {
  const Program& body = run.plan().body;
  run.walk(0, run.plan().num_loops(), [&] {
    const Scalar* registers = run.evaluate_body();
    for (std::uint32_t k = 0; k < body.results.size(); ++k) {
      run.write(k, body.result_dtype(k), registers[body.results[k]]);
    }
  });
  return run.finish();
}

}  // namespace rdu::reference
