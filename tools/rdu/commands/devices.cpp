// rdu devices: which plugins and devices there are, and which were refused and why.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/rdu/commands/command.hpp"

namespace rdu::tool {

namespace {

using nlohmann::json;

struct DevicesOptions {
  SessionOptions session;
  bool json = false;
};

json list_plugins(rdu_context* context) {
  json plugins = json::array();
  check(rdu_plugin_enumerate(
      context,
      [](void* user, const rdu_plugin_info* info) {
        static_cast<json*>(user)->push_back(
            {{"name", info->name},
             {"path", info->path},
             {"version", info->version},
             {"abi", std::to_string(info->abi_major) + "." + std::to_string(info->abi_minor)},
             {"refused", info->refused == RDU_OK ? "" : info->message}});
      },
      &plugins));
  return plugins;
}

json list_devices(rdu_context* context) {
  json devices = json::array();
  check(rdu_device_enumerate(
      context,
      [](void* user, const rdu_device_info* info) {
        static_cast<json*>(user)->push_back({{"uri", info->uri},
                                             {"name", info->name},
                                             {"plugin", info->plugin},
                                             {"memory_bytes", info->memory_bytes}});
      },
      &devices));
  return devices;
}

int devices(const DevicesOptions& options) {
  Session session(options.session);
  const json plugins = list_plugins(session.context());
  const json found = list_devices(session.context());
  if (options.json) {
    std::printf("%s\n", json{{"plugins", plugins}, {"devices", found}}.dump().c_str());
    return 0;
  }
  for (const json& device : found) {
    std::printf("%-24s %s\n", device["uri"].get<std::string>().c_str(),
                device["name"].get<std::string>().c_str());
  }
  for (const json& plugin : plugins) {
    if (plugin["refused"].get<std::string>().empty()) {
      std::printf("plugin %-17s %s, ABI %s, %s\n", plugin["name"].get<std::string>().c_str(),
                  plugin["version"].get<std::string>().c_str(),
                  plugin["abi"].get<std::string>().c_str(),
                  plugin["path"].get<std::string>().c_str());
    } else {
      std::printf("plugin %-17s refused: %s\n", plugin["name"].get<std::string>().c_str(),
                  plugin["refused"].get<std::string>().c_str());
    }
  }
  return 0;
}

}  // namespace

void add_devices(CLI::App& app, Action& action) {
  auto options = std::make_shared<DevicesOptions>();
  CLI::App* command = app.add_subcommand("devices", "List plugins and the devices that they offer");
  command->add_flag("--json", options->json, "One line of JSON");
  add_session_options(*command, options->session);
  command->footer("Example:\n  rdu devices --plugin-path ./build/my_plugin");
  command->callback([options, &action] { action = [options] { return devices(*options); }; });
}

}  // namespace rdu::tool
