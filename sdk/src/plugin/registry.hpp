// The plugins of a context: found by name, loaded once, kept until the context goes.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sdk/src/plugin/library.hpp"
#include "sdk/src/plugin/search_path.hpp"

namespace rdu::runtime::plugin {

class Registry {
 public:
  Registry(const HostServices& services, SearchPath path)
      : services_(services), path_(std::move(path)) {}

  Status link(const std::string& name, rdu_plugin_query_fn query);

  // Loads on first use. The plugin lives as long as the registry.
  Status find(const std::string& name, const Plugin*& out);

  // Loads every plugin that there is; a refused one has its status.
  struct Entry {
    std::string name;
    std::string path;
    const Plugin* plugin = nullptr;
    Status refusal;
  };
  std::vector<Entry> all();

 private:
  Status find_locked(const std::string& name, const Plugin*& out);
  Status load_candidate(Candidate candidate, const Plugin*& out);
  Status not_found(const std::string& name) const;

  const HostServices services_;
  const SearchPath path_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Plugin>, std::less<>> loaded_;
};

}  // namespace rdu::runtime::plugin
