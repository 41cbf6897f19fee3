// What one run of an executable owns: where each value lies, and working memory. Both are part of the scratch that the
// host lends, so a run allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <rdu/plugin/status.hpp>
#include <rdu/plugin/stop.hpp>
#include <vector>

#include "plugins/reference/element.hpp"
#include "plugins/reference/node_plan.hpp"

namespace rdu::reference {

// Memory handed out and taken back like a stack.
class Workspace {
 public:
  static constexpr std::uint64_t kAlignment = 64;

  explicit Workspace(std::byte* memory) : next_(memory) {}

  template <class T>
  static constexpr std::uint64_t bytes(std::uint64_t count) {
    return (count * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
  }

  template <class T>
  T* take(std::uint64_t count) {
    T* taken = reinterpret_cast<T*>(next_);
    std::uninitialized_value_construct_n(taken, count);
    next_ += bytes<T>(count);
    return taken;
  }

  // Gives back, at the end of its life, everything taken since its beginning.
  class Scope {
   public:
    explicit Scope(Workspace& workspace) : workspace_(workspace), mark_(workspace.next_) {}
    ~Scope() { workspace_.next_ = mark_; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Workspace& workspace_;
    std::byte* mark_;
  };

 private:
  std::byte* next_;
};

struct Frame {
  const rdu_host_api* host;
  plugin::Graph graph;
  const std::vector<NodePlan>& nodes;  // by number in the graph view
  std::byte** data;                    // by value: where its storage's owner lies
  Workspace workspace;
  plugin::Stop stop;

  std::byte* at(std::uint32_t value) const { return data[graph.storage(value)]; }
  std::int64_t integer(std::uint32_t value) const { return get<std::int64_t>(at(value), 0); }
  bool boolean(std::uint32_t value) const { return get<std::uint8_t>(at(value), 0) != 0; }
};

// Runs nodes [first, end), which are in topological order. A sub-graph's run starts here, too.
plugin::Status run_nodes(Frame& frame, std::uint32_t first, std::uint32_t end);

}  // namespace rdu::reference
