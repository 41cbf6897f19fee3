// Small models for the runtime's tests. Every node is a section of its own, so every value crosses a border.
#pragma once

#include <cstdint>
#include <vector>

#include "sdk/artifact/model.hpp"

namespace rdu::test {

// Builds one variant of elementwise f32 nodes, each over the whole shape.
class VariantBuilder {
 public:
  VariantBuilder(artifact::Variant& variant, std::vector<std::int64_t> dims)
      : variant_(variant), dims_(std::move(dims)) {
    variant_.graphs.resize(1);
  }

  artifact::ValueId input(const char* name);
  artifact::ValueId constant(const char* name, const std::vector<float>& data);
  artifact::ValueId variable(const char* name);
  artifact::ValueId add(const char* name, artifact::ValueId a, artifact::ValueId b);
  artifact::ValueId mul(const char* name, artifact::ValueId a, artifact::ValueId b);
  artifact::ValueId add_number(const char* name, artifact::ValueId a, double number);
  artifact::ValueId reshape(const char* name, artifact::ValueId of, std::vector<std::int64_t> dims);
  void output(artifact::ValueId value);

  // After the last node: one section each.
  void cut();

 private:
  artifact::ValueId value(const char* name, std::uint32_t role);
  artifact::ValueId node(const char* name, rdu_body_op op, std::vector<artifact::ValueId> operands,
                         double number);
  artifact::Read read(artifact::ValueId value) const;

  artifact::Variant& variant_;
  std::vector<std::int64_t> dims_;
};

// y = (2x + w)(2x + w + 1), z = 2x + w, as four nodes over [batch, 5]; one variant per batch.
artifact::Model chain_model(const std::vector<std::int64_t>& batches);
float chain_y(float x, float w);
inline float chain_w(std::int64_t column) { return 0.5f * static_cast<float>(column); }

// total' = total + x, starting at 10, 20, 30, 40; y = total' + 1; sum = total'.
artifact::Model running_sum_model();

// y = x + k where k, an input of one I64, is folded as 1 or as 2.
artifact::Model specialised_model();

// The bytes of its artifact, 64-byte aligned.
class ArtifactBytes {
 public:
  explicit ArtifactBytes(const artifact::Model& model);
  const void* data() const { return data_; }
  std::uint64_t size() const { return size_; }

 private:
  std::vector<std::byte> storage_;
  const std::byte* data_;
  std::uint64_t size_;
};

}  // namespace rdu::test
