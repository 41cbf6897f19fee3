// The parts of a graph as text, which dump and diff are made of.
#pragma once

#include <rdu/graph.h>

#include <string>
#include <vector>

namespace rdu::artifact {

class GraphText {
 public:
  // `graph` is valid and stays.
  explicit GraphText(const rdu_graph& graph);

  // The value's name; with its number where another has the same; the number alone where it has none.
  const std::string& label(std::uint32_t value) const { return labels_[value]; }
  std::string labels(std::uint32_t first, std::uint32_t count) const;  // of a value list

  // `f32[1, n<=8]`
  std::string type(std::uint32_t value) const;
  // Type, role, storage, encoding, and the content of a constant: itself where it is short, else its hash.
  std::string value(std::uint32_t value) const;
  // `x[i0, 2*i1 + r0 - 1 (fill)]`
  std::string access(const rdu_node& node, std::uint32_t value, std::uint32_t first_index) const;
  // `reads a, writes b, initially 0; grows along 2 by 1, length "past"`
  std::string variable(const rdu_variable& variable) const;
  // `"Reshape_3" Reshape view: shaped`, with the values that its results are.
  std::string origin(const rdu_origin& origin) const;
  // A line each; the first is the pattern and the loops.
  std::vector<std::string> node(const rdu_node& node) const;

 private:
  std::string index(const rdu_node& node, const rdu_index& index) const;
  std::string constant(const rdu_value& value) const;
  std::string encoding(const rdu_value& value) const;
  std::string loops(const rdu_node& node) const;
  std::string read(const rdu_node& node, std::uint32_t number) const;
  std::string port(const rdu_port& port) const;
  std::string origin_names(const rdu_node& node) const;

  const rdu_graph& graph_;
  std::vector<std::string> labels_;
};

}  // namespace rdu::artifact
