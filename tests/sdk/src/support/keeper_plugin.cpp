// Binds the variables to memory of its own and lets the reference do the rest.
#include "tests/sdk/src/support/keeper_plugin.hpp"

#include <rdu/plugin.hpp>

#include "plugins/reference/check.hpp"
#include "plugins/reference/executable.hpp"
#include "tests/sdk/src/support/kept_state.hpp"

namespace rdu::test {
namespace {

class KeeperExecutable {
 public:
  KeeperExecutable(const rdu_load& load, std::unique_ptr<reference::Executable> inner)
      : graph_(*load.graph), keeps_(load.flags & RDU_LOAD_STATE), inner_(std::move(inner)) {}

  rdu_memory memory() const { return inner_->memory(); }

  plugin::Status run(const rdu_submission& submission) const {
    if (keeps_ != (submission.state != nullptr)) {
      return plugin::fail(RDU_ERR_PLUGIN, "the load and the submission differ about a state");
    }
    if (!submission.state) return inner_->run(submission);
    KeptState& state = *plugin::hosted<KeptState>(submission.state).object;
    auto bindings = state.bind(graph_, submission.bindings);
    if (!bindings.ok()) return bindings.status();
    rdu_submission bound = submission;
    bound.bindings = {bindings->data(), static_cast<std::uint32_t>(bindings->size()),
                      sizeof(rdu_binding)};
    plugin::Status status = inner_->run(bound);
    if (status.ok()) state.commit();
    return status;
  }

  plugin::Result<std::unique_ptr<KeptState>> make_state() const {
    return std::make_unique<KeptState>(graph_);
  }

 private:
  const rdu_graph& graph_;
  const bool keeps_;
  std::unique_ptr<reference::Executable> inner_;
};

class Keeper {
 public:
  using Executable = KeeperExecutable;
  using State = KeptState;
  static constexpr const char* kName = "keeper";
  static constexpr const char* kVersion = "1 (tests)";

  Keeper(const rdu_host_api* host, bool keeps)
      : host_(host),
        properties_{RDU_HEADER(rdu_device_properties),
                    "keeper",
                    "",
                    0,
                    RDU_DEVICE_HOST_MEMORY | (keeps ? RDU_DEVICE_STATE : 0u),
                    0,
                    64,
                    0} {}

  static std::span<const rdu_device_entry> devices() { return {}; }

  static plugin::Result<std::unique_ptr<Keeper>> open(const rdu_host_api* host,
                                                      const plugin::Uri& uri) {
    return std::make_unique<Keeper>(host, uri.options.empty());
  }

  const rdu_device_properties& properties() const { return properties_; }

  std::uint32_t check(plugin::Graph graph, std::uint32_t section, std::string& detail) const {
    return reference::check_section(graph, section, detail);
  }

  plugin::Result<std::unique_ptr<Executable>> load(const rdu_load& load) const {
    auto inner = reference::Executable::load(host_, load);
    if (!inner.ok()) return inner.status();
    return std::make_unique<Executable>(load, std::move(*inner));
  }

 private:
  const rdu_host_api* host_;
  rdu_device_properties properties_;
};

}  // namespace

const rdu_plugin_api* keeper_plugin(const rdu_host_api* host, std::uint32_t host_abi) {
  return plugin::Table<Keeper>::query(host, host_abi);
}

}  // namespace rdu::test
