// Builds small models by hand: values, the common nodes, and one signature around them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "sdk/artifact/model.hpp"

namespace rdu::testing {

using artifact::Access;
using artifact::Index;
using artifact::kNone;
using artifact::Node;
using artifact::Program;
using artifact::Read;
using artifact::ValueId;
using Dims = std::vector<std::int64_t>;

// A fixed position; coef · loop + offset; the same with another outside rule.
Index at(std::int64_t position);
Index along(std::uint32_t loop, std::int64_t coef = 1, std::int64_t offset = 0);
Index outside(std::uint32_t rule, Index index);
// Loop d along dimension d.
Access identity(std::size_t rank);

Read read(ValueId value, Access access);
artifact::Instr instr(rdu_body_op op, rdu_dtype dtype, std::uint32_t a = 0, std::uint32_t b = 0,
                      std::uint32_t c = 0);
artifact::Instr constant(rdu_dtype dtype, double f, std::int64_t i = 0);
// Its last register is the result.
Program program(std::vector<artifact::Instr> code);

class ModelBuilder {
 public:
  ModelBuilder();

  ValueId value(const std::string& name, rdu_dtype dtype, Dims dims,
                std::uint32_t role = RDU_ROLE_INTERMEDIATE);
  // Of the graph that nodes are added to; of the signature too, where that is graph 0.
  ValueId input(const std::string& name, rdu_dtype dtype, Dims dims);
  // `elements` as they lie in memory.
  template <class T>
  ValueId constant(const std::string& name, rdu_dtype dtype, Dims dims,
                   const std::vector<T>& elements) {
    const auto* bytes = reinterpret_cast<const std::byte*>(elements.data());
    return constant_bytes(name, dtype, std::move(dims),
                          {bytes, bytes + elements.size() * sizeof(T)});
  }
  ValueId constant_bytes(const std::string& name, rdu_dtype dtype, Dims dims,
                         std::vector<std::byte> bytes);
  // Shares the bytes of `owner`.
  ValueId reshape(const std::string& name, ValueId owner, Dims dims);

  // Marks the result of a node of the current graph.
  void output(ValueId value);

  Node& add(Node node);
  // Each writes a new value that has the node's name.
  ValueId map(const std::string& name, rdu_dtype dtype, Dims dims, std::vector<Read> reads,
              Program body);
  // Elementwise of operands that have the shape `dims`: `op` of read 0 (and 1, 2).
  ValueId elementwise(const std::string& name, rdu_body_op op, std::vector<ValueId> operands);
  // Along the last dimension.
  ValueId reduce_last(const std::string& name, rdu_combine_op combine, ValueId operand);
  // [m, k] · [k, n]
  ValueId matmul(const std::string& name, ValueId a, ValueId b);

  // Later inputs, outputs and nodes go to a new graph; begin_graph says which, end_graph returns to graph 0.
  std::uint32_t begin_graph();
  void end_graph() { current_ = 0; }

  // Where each section of the portable cut ends; without a call every node is a section.
  void sections(std::initializer_list<std::uint32_t> ends) { section_ends_ = ends; }

  artifact::Variant& variant() { return variant_; }
  const artifact::Value& operator[](ValueId id) const { return variant_.values[id]; }

  artifact::Model build(const std::string& name = "model") const;

 private:
  artifact::Variant variant_;
  std::uint32_t current_ = 0;
  std::vector<std::uint32_t> section_ends_;
};

}  // namespace rdu::testing
