// Who makes and who uses each storage of the graph, by sections.
#include "tools/rdu/chip/crossing.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "sdk/artifact/view.hpp"

namespace rdu::tool {

namespace {

constexpr std::uint64_t kWord = 4;
constexpr std::uint32_t kElsewhere = RDU_NONE;  // nodes that no section has, and the caller

struct Storage {
  std::set<std::uint32_t> makers;                   // sections
  std::map<std::uint32_t, std::uint64_t> elements;  // that sections read
  std::uint64_t size = 0;                           // elements
  std::uint64_t element_bytes = kWord;
  std::uint32_t role = RDU_ROLE_INTERMEDIATE;

  bool is_constant() const { return role == RDU_ROLE_PARAMETER || role == RDU_ROLE_CONSTANT; }
};

class Crossings {
 public:
  explicit Crossings(const ChipWork& work) : work_(work), graph_(*work.graph) {}

  std::vector<std::uint64_t> run() && {
    find_sections();
    const auto& main = artifact::at<rdu_subgraph>(graph_.graphs, 0);
    for (std::uint32_t n = 0; n < main.num_nodes; ++n) note(main.first_node + n);
    for (const std::uint32_t output : artifact::list(graph_, main.first_output, main.num_outputs)) {
      read(output, kElsewhere, UINT64_MAX);
    }
    for (const rdu_variable& variable : artifact::each<rdu_variable>(graph_.variables)) {
      read(variable.write, kElsewhere, UINT64_MAX);
    }
    std::vector<std::uint64_t> bytes;
    for (std::uint32_t s = 0; s < num_sections_; ++s) bytes.push_back(bytes_of(s));
    return bytes;
  }

 private:
  void find_sections() {
    for (const ChipProgram& program : work_.programs) {
      const rdu_hw_image& image = *program.image;
      for (std::uint32_t i = 0; i < image.num_labels; ++i) {
        const rdu_hw_label& label = image.labels[i];
        if (label.kind != RDU_HW_LABEL_CONTEXT || label.node == RDU_HW_NONE) continue;
        const auto* end = image.sections + image.num_sections;
        const auto* section = std::find_if(image.sections, end, [&](const rdu_hw_section& each) {
          return label.index - each.contexts.first < each.contexts.count;
        });
        if (section == end) continue;
        const auto number = static_cast<std::uint32_t>(section - image.sections);
        sections_of_[label.node].insert(num_sections_ + number);
      }
      const std::uint32_t setups = rdu_hw_image_num_setup_sections(&image);
      for (std::uint32_t s = 0; s < setups; ++s) setups_.insert(num_sections_ + s);
      num_sections_ += image.num_sections;
    }
  }

  Storage& storage(std::uint32_t value) {
    const std::uint32_t owner = artifact::at<rdu_value>(graph_.values, value).storage;
    const auto [found, is_new] = storages_.try_emplace(owner);
    if (is_new) {
      const auto& shape = artifact::at<rdu_value>(graph_.values, owner);
      found->second.size = 1;
      for (std::uint32_t d = 0; d < shape.rank; ++d) {
        found->second.size *= static_cast<std::uint64_t>(shape.dims[d]);
      }
      const bool is_half = shape.dtype == RDU_DTYPE_BF16 || shape.dtype == RDU_DTYPE_F16;
      found->second.element_bytes = is_half ? kWord / 2 : kWord;
      found->second.role = shape.role;
    }
    return found->second;
  }

  void read(std::uint32_t value, std::uint32_t section, std::uint64_t times) {
    if (value == RDU_NONE) return;
    Storage& from = storage(value);
    std::uint64_t& elements = from.elements[section];
    elements = std::max(elements, std::min(times, from.size));
  }

  // The values of index words, and whether there are any.
  bool read_sources(std::uint32_t value, std::uint32_t first_index, std::uint32_t section) {
    if (first_index == RDU_NONE) return false;
    bool any = false;
    const std::uint32_t rank = artifact::at<rdu_value>(graph_.values, value).rank;
    for (const rdu_index& index : artifact::slice<rdu_index>(graph_.indices, first_index, rank)) {
      if (index.source == RDU_NONE) continue;
      any = true;
      read(index.source, section, UINT64_MAX);
    }
    return any;
  }

  std::uint64_t points(const rdu_node& node) const {
    std::uint64_t points = 1;
    for (const rdu_loop& loop :
         artifact::slice<rdu_loop>(graph_.loops, node.first_loop, node.num_loops)) {
      points *= static_cast<std::uint64_t>(loop.extent);
    }
    return points;
  }

  void note(std::uint32_t number) {
    const auto& node = artifact::at<rdu_node>(graph_.nodes, number);
    const auto known = sections_of_.find(number);
    const std::set<std::uint32_t> nowhere = {kElsewhere};
    for (const std::uint32_t section : known == sections_of_.end() ? nowhere : known->second) {
      for (const rdu_read& each :
           artifact::slice<rdu_read>(graph_.reads, node.first_read, node.num_reads)) {
        const bool looks_up = read_sources(each.value, each.first_index, section);
        read(each.value, section, looks_up ? points(node) : UINT64_MAX);
        read(each.fill_value, section, UINT64_MAX);
      }
      for (const rdu_write& each :
           artifact::slice<rdu_write>(graph_.writes, node.first_write, node.num_writes)) {
        read_sources(each.value, each.first_index, section);
        make(each.value, section);
      }
      for (const rdu_port& port :
           artifact::slice<rdu_port>(graph_.ports, node.first_port, node.num_ports)) {
        read(port.outer, section, UINT64_MAX);
        if (port.result != RDU_NONE) make(port.result, section);
      }
      read(node.base, section, UINT64_MAX);
      read(node.condition, section, UINT64_MAX);
      for (const std::uint32_t body : node.graphs) read_constants(body, section);
    }
  }

  // What a node's body uses without a port.
  void read_constants(std::uint32_t body, std::uint32_t section) {
    if (body == RDU_NONE) return;
    const auto& graph = artifact::at<rdu_subgraph>(graph_.graphs, body);
    for (std::uint32_t n = 0; n < graph.num_nodes; ++n) {
      const auto& node = artifact::at<rdu_node>(graph_.nodes, graph.first_node + n);
      for (const rdu_read& each :
           artifact::slice<rdu_read>(graph_.reads, node.first_read, node.num_reads)) {
        if (storage(each.value).is_constant()) read(each.value, section, UINT64_MAX);
      }
      for (const std::uint32_t inner : node.graphs) read_constants(inner, section);
    }
  }

  void make(std::uint32_t value, std::uint32_t section) {
    if (!setups_.contains(section)) storage(value).makers.insert(section);
  }

  std::uint64_t bytes_of(std::uint32_t section) const {
    std::uint64_t bytes = 0;
    for (const auto& [owner, each] : storages_) {
      if (setups_.contains(section) && !each.is_constant()) continue;
      const bool makes = each.makers.contains(section);
      const bool makes_all = makes && each.makers.size() == 1 && each.role != RDU_ROLE_VARIABLE;
      const auto reads = each.elements.find(section);
      if (reads != each.elements.end() && !makes_all) bytes += reads->second * each.element_bytes;
      const bool others_read =
          std::any_of(each.elements.begin(), each.elements.end(), [&](const auto& reader) {
            return reader.first != section && !setups_.contains(reader.first);
          });
      if (makes && others_read) bytes += each.size * each.element_bytes;
    }
    return bytes;
  }

  const ChipWork& work_;
  const rdu_graph& graph_;
  std::map<std::uint32_t, std::set<std::uint32_t>> sections_of_;  // of nodes
  std::set<std::uint32_t> setups_;
  std::uint32_t num_sections_ = 0;
  std::map<std::uint32_t, Storage> storages_;  // by owner
};

}  // namespace

std::vector<std::uint64_t> crossing_bytes(const ChipWork& work) {
  return work.graph == nullptr ? std::vector<std::uint64_t>() : Crossings(work).run();
}

}  // namespace rdu::tool
