// Evaluates elementwise nodes directly on what the host binds.
#include "tests/sdk/src/support/test_plugin.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <rdu/plugin/stop.hpp>
#include <string>
#include <thread>
#include <vector>

#include "sdk/base/uri.hpp"
#include "tests/sdk/src/support/evaluate.hpp"
#include "tests/sdk/src/support/kept_state.hpp"
#include "tests/sdk/src/support/test_event.hpp"

namespace rdu::test {
namespace {

std::atomic<int> num_plugins, num_devices, num_buffers, num_executables, num_states;

struct Plugin {
  rdu_plugin_api api{};
  const rdu_host_api* host;
  std::string name;
  char beyond[64];  // what a later version of the table might have
};

struct Device {
  const rdu_host_api* host;
  base::DeviceUri uri;
  rdu_device_properties properties{};
  std::string refuse, target;
  bool async = false, hang = false, state = false;
  int delay_us = 0, fail_at = 0, concurrency = 0;
  std::atomic<int> submits{0};

  int option(const char* key) const {
    const auto value = uri.option(key);
    return value ? std::atoi(std::string(*value).c_str()) : 0;
  }
};

struct Buffer {
  std::vector<std::byte> owned;
  std::byte* data;
};

struct Executable {
  Device* device;
  const rdu_graph* graph;
  std::uint32_t first_section, end_section;
  std::string packed;  // that it was given
  std::atomic<int> running{0};
};

using State = plugin::Hosted<KeptState>;

template <class T>
T* as(void* handle) {
  return static_cast<T*>(handle);
}

template <class T>
const T& at(const rdu_array& array, std::uint32_t i) {
  return *RDU_AT(T, array, i);
}

rdu_status* failure(const Device& device, rdu_code code, const char* message) {
  return device.host->make_status(device.host, code, message);
}

// No exception leaves a plugin.
template <class Body>
rdu_status* without_exceptions(const rdu_host_api* host, Body&& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return host->make_status(host, RDU_ERR_OUT_OF_MEMORY, "no memory in the test plugin");
  }
}

rdu_status* run_sections(const Executable& executable, const std::vector<rdu_binding>& bindings) {
  Addresses bound;
  for (const rdu_binding& binding : bindings) {
    std::byte* data = binding.buffer ? as<Buffer>(binding.buffer)->data + binding.offset
                                     : static_cast<std::byte*>(binding.data);
    if (reinterpret_cast<std::uintptr_t>(data) % executable.device->properties.alignment != 0) {
      return failure(*executable.device, RDU_ERR_DEVICE, "a binding is not aligned");
    }
    bound[binding.value] = reinterpret_cast<float*>(data);
  }
  const rdu_graph& graph = *executable.graph;
  for (std::uint32_t s = executable.first_section; s < executable.end_section; ++s) {
    const auto& section = at<rdu_section>(graph.sections, s);
    for (std::uint32_t n = section.first_node; n < section.end_node; ++n) {
      if (!run_node(graph, bound, at<rdu_node>(graph.nodes, n))) {
        return failure(*executable.device, RDU_ERR_DEVICE, "a value is not bound");
      }
    }
  }
  return nullptr;
}

rdu_status* list_devices(rdu_plugin*, rdu_array* out) {
  static const rdu_device_entry entries[] = {{"test:", "host memory, synchronous"},
                                             {"test:?memory=device&async=1", "its own memory"}};
  *out = {entries, 2, sizeof(rdu_device_entry)};
  return nullptr;
}

void shutdown(rdu_plugin* plugin) {
  --num_plugins;
  delete reinterpret_cast<Plugin*>(plugin);
}

rdu_status* open_device(rdu_plugin* plugin, const char* text, rdu_plugin_device** out) {
  return without_exceptions(reinterpret_cast<Plugin*>(plugin)->host, [&]() -> rdu_status* {
    const auto& owner = *reinterpret_cast<Plugin*>(plugin);
    auto device = std::make_unique<Device>();
    device->host = owner.host;
    auto uri = base::parse_device_uri(text);
    if (!uri.ok()) return failure(*device, RDU_ERR_INVALID_ARGUMENT, uri.error().message.c_str());
    device->uri = *uri;
    if (device->uri.path == "broken")
      return failure(*device, RDU_ERR_DEVICE, "the device is broken");
    device->async = device->option("async");
    device->hang = device->option("hang");
    device->state = device->option("state");
    device->delay_us = device->option("delay_us");
    device->fail_at = device->option("fail_at");
    device->concurrency = device->option("concurrency");
    device->refuse = device->uri.option("refuse").value_or("");
    device->target = device->uri.option("target").value_or("");
    const bool own_memory = device->uri.option("memory").value_or("") == "device";
    const int alignment = device->option("alignment");
    device->properties = {.header = RDU_HEADER(rdu_device_properties),
                          .name = "a device of the tests",
                          .target = device->target.c_str(),
                          .target_hash = 0,
                          .features = (own_memory ? 0u : RDU_DEVICE_HOST_MEMORY) |
                                      (device->async ? RDU_DEVICE_ASYNCHRONOUS : 0u) |
                                      (device->state ? RDU_DEVICE_STATE : 0u),
                          .memory_bytes = own_memory ? 1u << 20 : 0u,
                          .alignment = alignment ? static_cast<std::uint32_t>(alignment) : 64u,
                          .max_concurrency = static_cast<std::uint32_t>(device->concurrency)};
    ++num_devices;
    *out = reinterpret_cast<rdu_plugin_device*>(device.release());
    return nullptr;
  });
}

void close_device(rdu_plugin_device* device) {
  --num_devices;
  delete as<Device>(device);
}

const rdu_device_properties* properties(rdu_plugin_device* device) {
  return &as<Device>(device)->properties;
}

std::uint32_t check(rdu_plugin_device* handle, const rdu_check* check) {
  const Device& device = *as<Device>(handle);
  const auto& section = at<rdu_section>(check->graph->sections, check->section);
  const auto& node = at<rdu_node>(check->graph->nodes, section.first_node);
  if (device.refuse != node.name) return RDU_REASON_TAKEN;
  std::snprintf(check->detail, check->detail_bytes, "node '%s' was refused by option", node.name);
  return RDU_REASON_OPTION;
}

rdu_status* alloc_buffer(rdu_plugin_device* device, std::uint64_t bytes, rdu_plugin_buffer** out) {
  return without_exceptions(as<Device>(device)->host, [&]() -> rdu_status* {
    auto buffer = std::make_unique<Buffer>();
    buffer->owned.resize(bytes + 4096);
    const auto start = reinterpret_cast<std::uintptr_t>(buffer->owned.data());
    buffer->data = buffer->owned.data() + (4096 - start % 4096) % 4096;
    ++num_buffers;
    *out = reinterpret_cast<rdu_plugin_buffer*>(buffer.release());
    return nullptr;
  });
}

rdu_status* import_buffer(rdu_plugin_device* device, void* host, std::uint64_t,
                          rdu_plugin_buffer** out) {
  return without_exceptions(as<Device>(device)->host, [&]() -> rdu_status* {
    auto buffer = std::make_unique<Buffer>();
    buffer->data = static_cast<std::byte*>(host);
    ++num_buffers;
    *out = reinterpret_cast<rdu_plugin_buffer*>(buffer.release());
    return nullptr;
  });
}

void free_buffer(rdu_plugin_buffer* buffer) {
  --num_buffers;
  delete as<Buffer>(buffer);
}

rdu_status* copy_buffer(rdu_plugin_buffer* handle, std::uint64_t offset, void* host,
                        std::uint64_t bytes, std::uint32_t to_device) {
  std::byte* data = as<Buffer>(handle)->data + offset;
  std::memcpy(to_device ? data : host, to_device ? host : data, bytes);
  return nullptr;
}

rdu_status* load(rdu_plugin_device* device, const rdu_load* load, rdu_plugin_executable** out) {
  return without_exceptions(as<Device>(device)->host, [&]() -> rdu_status* {
    *out = reinterpret_cast<rdu_plugin_executable*>(
        new Executable{as<Device>(device),
                       load->graph,
                       load->first_section,
                       load->end_section,
                       std::string(static_cast<const char*>(load->packed.data), load->packed.size),
                       {}});
    ++num_executables;
    return nullptr;
  });
}

void unload(rdu_plugin_executable* executable) {
  --num_executables;
  delete as<Executable>(executable);
}

// An "x" for each executable that had nothing, else what it had and a "+".
rdu_status* pack(rdu_plugin*, rdu_array executables, rdu_write_fn write, void* user) {
  for (std::uint32_t i = 0; i < executables.count; ++i) {
    using Handle = rdu_plugin_executable*;
    const std::string& had = as<Executable>(*RDU_AT(Handle, executables, i))->packed;
    const std::string text = had.empty() ? "x" : had + "+";
    write(user, text.data(), text.size());
  }
  return nullptr;
}

rdu_status* memory(rdu_plugin_executable*, rdu_memory* out) {
  out->resident = 1000;
  out->per_run = 128;
  out->per_worker = 10;
  return nullptr;
}

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

// Until the delay is over, or, where the device hangs, until it is told to stop.
rdu_status* take_time(const Device& device, const rdu_submission& submission, TestEvent* event) {
  std::this_thread::sleep_for(std::chrono::microseconds(device.delay_us));
  if (!device.hang) return nullptr;
  if (!event) {
    const plugin::Stop stop(submission);
    for (;; std::this_thread::sleep_for(std::chrono::milliseconds(1))) {
      const plugin::Status told = stop.before("of the tests");
      if (!told.ok()) return told.release(device.host);
    }
  }
  std::unique_lock lock(event->mutex);
  while (!event->cancelled) {
    if (submission.deadline_ns && now_ns() > submission.deadline_ns) {
      return failure(device, RDU_ERR_DEADLINE_EXCEEDED, "the device saw the deadline");
    }
    event->changed.wait_for(lock, std::chrono::milliseconds(1));
  }
  return failure(device, RDU_ERR_CANCELLED, "the device was cancelled");
}

rdu_status* work(Executable& executable, const std::vector<rdu_binding>& bindings,
                 const rdu_submission& submission, bool scratch_is_there, KeptState* state,
                 TestEvent* event) {
  Device& device = *executable.device;
  const int running = ++executable.running;
  rdu_status* status = nullptr;
  if (!scratch_is_there) status = failure(device, RDU_ERR_DEVICE, "the scratch is missing");
  if (device.concurrency && running > device.concurrency) {
    status = failure(device, RDU_ERR_DEVICE, "too many runs at once");
  }
  const bool fails = ++device.submits == device.fail_at;
  if (!status) status = take_time(device, submission, event);
  if (!status) {
    status = without_exceptions(device.host, [&] { return run_sections(executable, bindings); });
  }
  if (!status && fails) status = failure(device, RDU_ERR_DEVICE, "the device failed as told");
  if (!status && state) state->commit();
  --executable.running;
  return status;
}

rdu_status* submit(rdu_plugin_executable* handle, const rdu_submission* submission,
                   rdu_plugin_event** out) {
  return without_exceptions(as<Executable>(handle)->device->host, [&]() -> rdu_status* {
    Executable& executable = *as<Executable>(handle);
    std::vector<rdu_binding> bindings;
    for (std::uint32_t i = 0; i < submission->bindings.count; ++i) {
      bindings.push_back(at<rdu_binding>(submission->bindings, i));
    }
    KeptState* state = submission->state ? as<State>(submission->state)->object.get() : nullptr;
    if (state) {
      auto bound = state->bind(*executable.graph, submission->bindings);
      if (!bound.ok()) return bound.status().release(executable.device->host);
      bindings = std::move(*bound);
    }
    const bool scratch = submission->scratch != nullptr;
    *out = nullptr;
    if (!executable.device->async) {
      return work(executable, bindings, *submission, scratch, state, nullptr);
    }
    TestEvent* event = make_event();
    event->host = executable.device->host;
    event->blind = executable.device->option("blind");
    event->worker =
        std::thread([&executable, event, bindings, given = *submission, scratch, state] {
          finish(*event, work(executable, bindings, given, scratch, state, event));
        });
    *out = reinterpret_cast<rdu_plugin_event*>(event);
    return nullptr;
  });
}

rdu_plugin_state* new_state(const rdu_host_api* host, std::unique_ptr<KeptState> kept) {
  ++num_states;
  return reinterpret_cast<rdu_plugin_state*>(new State{host, std::move(kept)});
}

void add_states(rdu_plugin_api& api) {
  api.state_create = [](rdu_plugin_executable* handle, rdu_plugin_state** out) {
    const Executable& executable = *as<Executable>(handle);
    const rdu_host_api* host = executable.device->host;
    return without_exceptions(host, [&]() -> rdu_status* {
      *out = new_state(host, std::make_unique<KeptState>(*executable.graph));
      return nullptr;
    });
  };
  api.state_destroy = [](rdu_plugin_state* state) {
    --num_states;
    delete as<State>(state);
  };
  api.state_read = [](rdu_plugin_state* handle, std::uint32_t variable, void* out,
                      std::uint64_t bytes) {
    const State& state = *as<State>(handle);
    return state.object->read(variable, out, bytes).release(state.host);
  };
  api.state_write = [](rdu_plugin_state* handle, std::uint32_t variable, const void* data,
                       std::uint64_t bytes) {
    const State& state = *as<State>(handle);
    return state.object->write(variable, data, bytes).release(state.host);
  };
  api.state_reset = [](rdu_plugin_state* handle) {
    const State& state = *as<State>(handle);
    return state.object->reset().release(state.host);
  };
  api.state_clone = [](rdu_plugin_state* handle, rdu_plugin_state** out) {
    const State& state = *as<State>(handle);
    return without_exceptions(state.host, [&]() -> rdu_status* {
      *out = new_state(state.host, std::move(*state.object->clone()));
      return nullptr;
    });
  };
}

Plugin* make_plugin(const rdu_host_api* host, const char* name) {
  ++num_plugins;
  auto* plugin = new Plugin;
  plugin->host = host;
  plugin->name = name;
  rdu_plugin_api& api = plugin->api;
  api.header = RDU_HEADER(rdu_plugin_api);
  api.name = plugin->name.c_str();
  api.version = "1 (tests)";
  api.sanitizer = RDU_SANITIZER;
  api.abi = RDU_ABI_VERSION;
  api.self = reinterpret_cast<rdu_plugin*>(plugin);
  api.devices = list_devices;
  api.shutdown = shutdown;
  api.device_open = open_device;
  api.device_close = close_device;
  api.device_properties = properties;
  api.device_check = check;
  api.buffer_alloc = alloc_buffer;
  api.buffer_free = free_buffer;
  api.buffer_copy = copy_buffer;
  api.buffer_import = import_buffer;
  api.executable_load = load;
  api.executable_unload = unload;
  api.executable_memory = memory;
  api.pack = pack;
  api.submit = submit;
  add_events(api);
  add_states(api);
  return plugin;
}

}  // namespace

const rdu_plugin_api* test_plugin(const rdu_host_api* host, std::uint32_t) {
  return &make_plugin(host, "test")->api;
}

const rdu_plugin_api* short_plugin(const rdu_host_api* host, std::uint32_t) {
  Plugin* plugin = make_plugin(host, "short");
  plugin->api.header.struct_size = offsetof(rdu_plugin_api, event_wait);
  return &plugin->api;
}

const rdu_plugin_api* long_plugin(const rdu_host_api* host, std::uint32_t) {
  Plugin* plugin = make_plugin(host, "long");
  plugin->api.header.struct_size = sizeof(rdu_plugin_api) + sizeof(plugin->beyond);
  plugin->api.header.minor = RDU_ABI_MINOR + 7;
  plugin->api.abi = RDU_ABI_VERSION + 7;
  return &plugin->api;
}

const rdu_plugin_api* truncated_plugin(const rdu_host_api* host, std::uint32_t) {
  Plugin* plugin = make_plugin(host, "truncated");
  plugin->api.header.struct_size = offsetof(rdu_plugin_api, submit);
  return &plugin->api;
}

// The host must not touch anything of it, not even `shutdown`.
const rdu_plugin_api* alien_plugin(const rdu_host_api*, std::uint32_t) {
  static rdu_plugin_api api{};
  api.header = {sizeof(rdu_plugin_api), RDU_ABI_MAJOR + 1, 0};
  return &api;
}

const rdu_plugin_api* sanitized_plugin(const rdu_host_api* host, std::uint32_t) {
  Plugin* plugin = make_plugin(host, "sanitized");
  plugin->api.sanitizer = RDU_SANITIZER + 1;
  return &plugin->api;
}

const rdu_plugin_api* refusing_plugin(const rdu_host_api*, std::uint32_t) { return nullptr; }

Alive alive() {
  return {num_plugins, num_devices, num_buffers, num_executables, events_alive(), num_states};
}

}  // namespace rdu::test
