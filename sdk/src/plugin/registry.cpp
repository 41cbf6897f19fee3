// A plugin is looked up by the scheme of a device URI; linked-in ones come first.
#include "sdk/src/plugin/registry.hpp"

namespace rdu::runtime::plugin {

Status Registry::link(const std::string& name, rdu_plugin_query_fn query) {
  const std::lock_guard lock(mutex_);
  if (loaded_.contains(name)) {
    return fail(RDU_ERR_BUSY, "plugin '", name, "' is there already");
  }
  std::unique_ptr<Plugin> plugin;
  RDU_TRY(Plugin::link(services_, name, query, plugin));
  loaded_.emplace(name, std::move(plugin));
  return {};
}

Status Registry::find(const std::string& name, const Plugin*& out) {
  const std::lock_guard lock(mutex_);
  return find_locked(name, out);
}

Status Registry::find_locked(const std::string& name, const Plugin*& out) {
  if (const auto found = loaded_.find(name); found != loaded_.end()) {
    out = found->second.get();
    return {};
  }
  Candidate candidate;
  if (!path_.find(name, candidate)) return not_found(name);
  return load_candidate(std::move(candidate), out);
}

Status Registry::load_candidate(Candidate candidate, const Plugin*& out) {
  RDU_TRY(std::move(candidate.refusal));
  std::unique_ptr<Plugin> plugin;
  RDU_TRY(Plugin::load(services_, candidate.name, candidate.path, plugin));
  out = plugin.get();
  loaded_.emplace(candidate.name, std::move(plugin));
  return {};
}

Status Registry::not_found(const std::string& name) const {
  std::string searched;
  for (const std::string& entry : path_.entries()) {
    if (!searched.empty()) searched += ", ";
    searched += entry;
  }
  return fail_with_hint(RDU_ERR_NOT_FOUND, "set RDU_PLUGIN_PATH to the directory of the plugins",
                        "there is no plugin '", name,
                        "'; searched: ", searched.empty() ? "nothing" : searched);
}

std::vector<Registry::Entry> Registry::all() {
  const std::lock_guard lock(mutex_);
  std::map<std::string, Entry> entries;
  for (Candidate& candidate : path_.all()) {
    Entry entry{candidate.name, candidate.path, nullptr, {}};
    if (!loaded_.contains(candidate.name)) {
      entry.refusal = load_candidate(std::move(candidate), entry.plugin);
    }
    std::string name = entry.name;
    entries.emplace(std::move(name), std::move(entry));
  }
  for (const auto& [name, plugin] : loaded_) {
    entries.insert_or_assign(name, Entry{name, plugin->path(), plugin.get(), {}});
  }
  std::vector<Entry> sorted;
  for (auto& [name, entry] : entries) sorted.push_back(std::move(entry));
  return sorted;
}

}  // namespace rdu::runtime::plugin
