// Puts the compiled variants together into one model and its report.
#pragma once

#include <span>
#include <vector>

#include "tools/rducc/import/onnx/import_graph.hpp"
#include "tools/rducc/import/onnx/load_model.hpp"
#include "tools/rducc/pipeline.hpp"

namespace rducc {

class Assembler {
 public:
  Assembler(const CompileRequest& request, const import_onnx::LoadedModel& model);

  const std::vector<rdu::artifact::Variant>& variants() const { return signature().variants; }
  // Makes the outputs and inputs that --state names one variable each; before the passes.
  void bind_states(rdu::artifact::Variant& variant,
                   std::span<const import_onnx::GrowthResult> growth) const;
  void add(rdu::artifact::Variant variant, std::vector<PassTime> times,
           std::vector<ChipReport> chips);
  Compiled finish();

 private:
  const rdu::artifact::Signature& signature() const { return compiled_.model.signatures[0]; }
  void settle_output_dims();

  const CompileRequest& request_;
  Compiled compiled_;
};

}  // namespace rducc
