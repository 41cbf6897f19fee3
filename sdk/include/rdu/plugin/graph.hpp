// The graph view of <rdu/graph.h> as ranges: which loops, reads, indices, instructions … belong to what.
#pragma once

#include <rdu/graph.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace rdu::plugin {

// A range of an rdu_array that honours its stride: the host's elements may be longer than ours.
template <class T>
class View {
 public:
  class iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = const T&;

    iterator() = default;
    iterator(const std::byte* at, std::uint32_t stride) : at_(at), stride_(stride) {}
    reference operator*() const { return *reinterpret_cast<const T*>(at_); }
    pointer operator->() const { return reinterpret_cast<const T*>(at_); }
    iterator& operator++() {
      at_ += stride_;
      return *this;
    }
    iterator operator++(int) {
      iterator old = *this;
      ++*this;
      return old;
    }
    bool operator==(const iterator& other) const { return at_ == other.at_; }

   private:
    const std::byte* at_ = nullptr;
    std::uint32_t stride_ = 0;
  };

  View() = default;
  explicit View(const rdu_array& array) : View(array, 0, array.count) {}
  View(const rdu_array& array, std::uint32_t first, std::uint32_t count)
      : data_(static_cast<const std::byte*>(array.data)),
        count_(count),
        stride_(array.stride_bytes) {
    if (count_ != 0) data_ += std::size_t{first} * stride_;
  }

  std::uint32_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  const T& operator[](std::uint32_t i) const {
    return *reinterpret_cast<const T*>(data_ + std::size_t{i} * stride_);
  }
  const T& back() const { return (*this)[count_ - 1]; }
  iterator begin() const { return {data_, stride_}; }
  iterator end() const { return {data_ + std::size_t{count_} * stride_, stride_}; }

 private:
  const std::byte* data_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint32_t stride_ = 0;
};

// A borrowed graph view. Costs one pointer; copy it freely.
class Graph {
 public:
  explicit Graph(const rdu_graph* graph) : graph_(graph) {}
  const rdu_graph& raw() const { return *graph_; }

  View<rdu_value> values() const { return View<rdu_value>(graph_->values); }
  View<rdu_encoding> encodings() const { return View<rdu_encoding>(graph_->encodings); }
  View<rdu_node> nodes() const { return View<rdu_node>(graph_->nodes); }
  View<rdu_subgraph> graphs() const { return View<rdu_subgraph>(graph_->graphs); }
  View<rdu_section> sections() const { return View<rdu_section>(graph_->sections); }
  View<rdu_variable> variables() const { return View<rdu_variable>(graph_->variables); }

  const rdu_value& value(std::uint32_t id) const { return values()[id]; }
  // The value whose bytes `id` uses.
  std::uint32_t storage(std::uint32_t id) const { return value(id).storage; }

  View<rdu_node> nodes(const rdu_subgraph& graph) const {
    return {graph_->nodes, graph.first_node, graph.num_nodes};
  }
  View<rdu_node> nodes(const rdu_section& section) const {
    return {graph_->nodes, section.first_node, section.end_node - section.first_node};
  }
  template <class Owner>  // rdu_subgraph or rdu_section
  View<std::uint32_t> inputs(const Owner& owner) const {
    return {graph_->value_lists, owner.first_input, owner.num_inputs};
  }
  template <class Owner>
  View<std::uint32_t> outputs(const Owner& owner) const {
    return {graph_->value_lists, owner.first_output, owner.num_outputs};
  }

  View<rdu_loop> loops(const rdu_node& node) const {
    return {graph_->loops, node.first_loop, node.num_loops};
  }
  View<rdu_read> reads(const rdu_node& node) const {
    return {graph_->reads, node.first_read, node.num_reads};
  }
  View<rdu_write> writes(const rdu_node& node) const {
    return {graph_->writes, node.first_write, node.num_writes};
  }
  View<rdu_port> ports(const rdu_node& node) const {
    return {graph_->ports, node.first_port, node.num_ports};
  }

  // The index of each dimension; empty for a write without an access (first_index is RDU_NONE).
  template <class Access>  // rdu_read or rdu_write
  View<rdu_index> indices(const Access& access) const {
    return access_of(access.value, access.first_index);
  }
  // The access at which the source of an indirect index is read.
  View<rdu_index> source_indices(const rdu_index& index) const {
    if (index.source == RDU_NONE) return {};
    return access_of(index.source, index.first_source_index);
  }
  View<rdu_term> terms(const rdu_index& index) const {
    return {graph_->terms, index.first_term, index.num_terms};
  }

  View<rdu_instr> instrs(const rdu_program_code& program) const {
    return {graph_->instrs, program.first_instr, program.num_instrs};
  }
  View<std::uint32_t> results(const rdu_program_code& program) const {
    return {graph_->results, program.first_result, program.num_results};
  }

 private:
  View<rdu_index> access_of(std::uint32_t value_id, std::uint32_t first_index) const {
    if (first_index == RDU_NONE) return {};
    return {graph_->indices, first_index, value(value_id).rank};
  }

  const rdu_graph* graph_;
};

// Elements between neighbours of each dimension: dense, row-major, by the bound where a dimension is bounded.
inline std::array<std::int64_t, RDU_MAX_RANK> element_strides(const rdu_value& value) {
  std::array<std::int64_t, RDU_MAX_RANK> strides{};
  std::int64_t stride = 1;
  for (std::uint32_t d = value.rank; d-- > 0;) {
    strides[d] = stride;
    stride *= value.dims[d];
  }
  return strides;
}

inline std::int64_t num_elements(const rdu_value& value) {
  std::int64_t count = 1;
  for (std::uint32_t d = 0; d < value.rank; ++d) count *= value.dims[d];
  return count;
}

}  // namespace rdu::plugin
