/* A device plugin from one C++ class: the table of <rdu/plugin.h>, filled by a template.
 *
 *   struct MyDevice {
 *     static constexpr const char* kName = "mine";        // the URI scheme
 *     static constexpr const char* kVersion = "1.0";
 *     static std::span<const rdu_device_entry> devices();
 *     static rdu::plugin::Result<std::unique_ptr<MyDevice>> open(const rdu_host_api*, const rdu::plugin::Uri&);
 *     const rdu_device_properties& properties() const;
 *     std::uint32_t check(rdu::plugin::Graph, std::uint32_t section, std::string& detail) const;   // a reason
 *     rdu::plugin::Result<std::unique_ptr<MyExecutable>> load(const rdu_load&);
 *     using Executable = MyExecutable;
 *   };
 *   struct MyExecutable {
 *     rdu_memory memory() const;
 *     rdu::plugin::Status run(const rdu_submission&);          // from any thread, many at once; ends when the work is done
 *     rdu::plugin::Status params_changed(std::uint32_t value, std::uint64_t offset, std::uint64_t bytes,
 *                                        std::uint64_t epoch);   // only if weights are copied
 *   };
 *   RDU_PLUGIN_EXPORT(MyDevice)
 *
 * The device is synchronous. An asynchronous one has no `run`, but static void MyDevice::add_events(rdu_plugin_api&), which
 * fills `submit` and the event entries of the table; hosted<MyExecutable>(handle) is what a handle stands for, with its host.
 *
 * It works on host memory, unless it has buffers, from any thread; a binding's is *hosted<MyBuffer>(binding.buffer).object:
 *
 *   struct MyDevice {
 *     …
 *     using Buffer = MyBuffer;
 *     rdu::plugin::Result<std::unique_ptr<MyBuffer>> allocate(std::uint64_t bytes);
 *   };
 *   struct MyBuffer {
 *     rdu::plugin::Status write(std::uint64_t offset, const void* host, std::uint64_t bytes);
 *     rdu::plugin::Status read(std::uint64_t offset, void* host, std::uint64_t bytes);
 *   };
 *
 * A device that keeps variables (RDU_DEVICE_STATE) has states; that of a submission is *hosted<MyState>(submission.state).object:
 *
 *   struct MyDevice {
 *     …
 *     using State = MyState;
 *   };
 *   struct MyExecutable {
 *     …
 *     rdu::plugin::Result<std::unique_ptr<MyState>> make_state();
 *   };
 *   struct MyState {
 *     rdu::plugin::Status read(std::uint32_t variable, void* out, std::uint64_t bytes);
 *     rdu::plugin::Status write(std::uint32_t variable, const void* data, std::uint64_t bytes);
 *     rdu::plugin::Status reset();
 *     rdu::plugin::Result<std::unique_ptr<MyState>> clone();
 *   };
 *
 * A device whose executables prepare constants may keep them in the artifact; what it wrote comes back as rdu_load.packed:
 *
 *   struct MyDevice {
 *     …
 *     static rdu::plugin::Status pack(std::span<MyExecutable* const>, const rdu::plugin::Writer& write);
 *   };
 *
 * A device that works from payloads may take the whole request: check(const rdu_check&, std::string& detail). */
#pragma once

#include <rdu/plugin.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <rdu/plugin/dtype.hpp>
#include <rdu/plugin/graph.hpp>
#include <rdu/plugin/status.hpp>
#include <rdu/plugin/uri.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace rdu::plugin {

// Copies what both sides know of a sized struct; the receiver's header stays its own.
template <class T>
void copy_sized(T* to, const T& from) {
  const std::size_t size = std::min<std::size_t>(to->header.struct_size, sizeof(T));
  if (size <= sizeof(rdu_header)) return;
  std::memcpy(reinterpret_cast<char*>(to) + sizeof(rdu_header),
              reinterpret_cast<const char*>(&from) + sizeof(rdu_header), size - sizeof(rdu_header));
}

// What a handle of the ABI stands for.
template <class T>
struct Hosted {
  const rdu_host_api* host;
  std::unique_ptr<T> object;
};

template <class T, class Handle>
Hosted<T>& hosted(Handle* handle) {
  return *reinterpret_cast<Hosted<T>*>(handle);
}

// Where bytes go that are made piece by piece.
struct Writer {
  rdu_write_fn fn;
  void* user;
  void operator()(std::span<const std::byte> bytes) const { fn(user, bytes.data(), bytes.size()); }
};

template <class Device>
class Table {
 public:
  // One table per host (a process may have several contexts). Tables live as long as the process, as the ABI asks; a
  // table whose host has shut the plugin down serves the next one.
  static const rdu_plugin_api* query(const rdu_host_api* host, std::uint32_t host_abi) noexcept {
    if (rdu_abi_negotiate(host_abi, RDU_ABI_VERSION) == 0) {
      host->log(host, RDU_LOG_ERROR,
                "plugin and host speak different major versions of the plugin ABI");
      return nullptr;
    }
    try {
      static std::mutex mutex;
      // Never destroyed: a host may outlive the static objects of this library.
      static auto& plugins = *new std::deque<Plugin>();
      const std::lock_guard lock(mutex);
      auto free = std::find_if(plugins.begin(), plugins.end(),
                               [](const Plugin& p) { return p.host == nullptr; });
      Plugin& plugin = free != plugins.end() ? *free : plugins.emplace_back();
      plugin.mutex = &mutex;
      plugin.host = host;
      plugin.api = make_api(&plugin);
      return &plugin.api;
    } catch (const std::exception& error) {
      host->log(host, RDU_LOG_ERROR, error.what());
      return nullptr;
    }
  }

 private:
  using Executable = typename Device::Executable;

  struct Plugin {
    rdu_plugin_api api{};
    const rdu_host_api* host = nullptr;
    std::mutex* mutex = nullptr;
  };

  static Plugin* self(rdu_plugin* handle) { return reinterpret_cast<Plugin*>(handle); }
  static Hosted<Device>* self(rdu_plugin_device* handle) { return &hosted<Device>(handle); }
  static Hosted<Executable>* self(rdu_plugin_executable* handle) {
    return &hosted<Executable>(handle);
  }

  static rdu_plugin_api make_api(Plugin* plugin) {
    rdu_plugin_api api{};
    api.header = RDU_HEADER(rdu_plugin_api);
    api.name = Device::kName;
    api.version = Device::kVersion;
    api.sanitizer = RDU_SANITIZER;
    api.abi = RDU_ABI_VERSION;
    api.self = reinterpret_cast<rdu_plugin*>(plugin);
    api.devices = devices;
    api.shutdown = shutdown;
    api.device_open = open;
    api.device_close = close;
    api.device_properties = properties;
    api.device_check = check;
    if constexpr (requires { typename Device::Buffer; }) add_buffers<typename Device::Buffer>(api);
    api.executable_load = load;
    api.executable_unload = unload;
    api.executable_memory = memory;
    if constexpr (requires(Executable & e) { e.params_changed(0u, 0u, 0u, 0u); })
      api.params_changed = params_changed;
    if constexpr (requires(Executable & e, const rdu_submission& s) { e.run(s); }) {
      api.submit = submit;
    } else {
      Device::add_events(api);
    }
    if constexpr (requires { typename Device::State; }) add_states<typename Device::State>(api);
    if constexpr (requires(std::span<Executable* const> all, const Writer& to) {
                    Device::pack(all, to);
                  }) {
      api.pack = pack;
    }
    return api;
  }

  static rdu_status* devices(rdu_plugin* handle, rdu_array* out_entries) {
    return guard(self(handle)->host, [&] {
      const std::span<const rdu_device_entry> entries = Device::devices();
      *out_entries = {entries.data(), static_cast<std::uint32_t>(entries.size()),
                      sizeof(rdu_device_entry)};
      return Status();
    });
  }

  static void shutdown(rdu_plugin* handle) {
    const std::lock_guard lock(*self(handle)->mutex);
    self(handle)->host = nullptr;
  }

  static rdu_status* open(rdu_plugin* handle, const char* text, rdu_plugin_device** out_device) {
    const rdu_host_api* host = self(handle)->host;
    return guard(host, [&]() -> Status {
      Result<Uri> uri = parse_uri(text);
      if (!uri.ok()) return uri.status();
      Result<std::unique_ptr<Device>> device = Device::open(host, *uri);
      if (!device.ok()) return device.status();
      *out_device =
          reinterpret_cast<rdu_plugin_device*>(new Hosted<Device>{host, std::move(*device)});
      return {};
    });
  }

  static void close(rdu_plugin_device* handle) { delete self(handle); }

  static const rdu_device_properties* properties(rdu_plugin_device* handle) {
    return &self(handle)->object->properties();
  }

  static std::uint32_t check(rdu_plugin_device* handle, const rdu_check* request) {
    std::uint32_t reason = RDU_REASON_DEVICE;
    std::string detail;
    try {
      Device& device = *self(handle)->object;
      if constexpr (requires { device.check(*request, detail); }) {
        reason = device.check(*request, detail);
      } else {
        reason = device.check(Graph(request->graph), request->section, detail);
      }
    } catch (const std::exception& error) {
      detail = error.what();
    }
    if (request->detail != nullptr && request->detail_bytes > 0) {
      const std::size_t size = std::min<std::size_t>(detail.size(), request->detail_bytes - 1);
      std::memcpy(request->detail, detail.data(), size);
      request->detail[size] = '\0';
    }
    return reason;
  }

  template <class Buffer>
  static void add_buffers(rdu_plugin_api& api) {
    api.buffer_alloc = [](rdu_plugin_device* handle, std::uint64_t bytes,
                          rdu_plugin_buffer** out_buffer) {
      const rdu_host_api* host = self(handle)->host;
      return guard(host, [&]() -> Status {
        Result<std::unique_ptr<Buffer>> buffer = self(handle)->object->allocate(bytes);
        if (!buffer.ok()) return buffer.status();
        *out_buffer =
            reinterpret_cast<rdu_plugin_buffer*>(new Hosted<Buffer>{host, std::move(*buffer)});
        return {};
      });
    };
    api.buffer_free = [](rdu_plugin_buffer* handle) { delete &hosted<Buffer>(handle); };
    api.buffer_copy = [](rdu_plugin_buffer* handle, std::uint64_t offset, void* data,
                         std::uint64_t bytes, std::uint32_t to_device) {
      const Hosted<Buffer>& buffer = hosted<Buffer>(handle);
      return guard(buffer.host, [&] {
        return to_device != 0 ? buffer.object->write(offset, data, bytes)
                              : buffer.object->read(offset, data, bytes);
      });
    };
  }

  template <class State>
  static Status give(const rdu_host_api* host, Result<std::unique_ptr<State>> state,
                     rdu_plugin_state** out_state) {
    if (!state.ok()) return state.status();
    *out_state = reinterpret_cast<rdu_plugin_state*>(new Hosted<State>{host, std::move(*state)});
    return {};
  }

  template <class State>
  static void add_states(rdu_plugin_api& api) {
    api.state_create = [](rdu_plugin_executable* handle, rdu_plugin_state** out_state) {
      return guard(self(handle)->host, [&] {
        return give<State>(self(handle)->host, self(handle)->object->make_state(), out_state);
      });
    };
    api.state_destroy = [](rdu_plugin_state* handle) { delete &hosted<State>(handle); };
    api.state_read = [](rdu_plugin_state* handle, std::uint32_t variable, void* out,
                        std::uint64_t bytes) {
      const Hosted<State>& state = hosted<State>(handle);
      return guard(state.host, [&] { return state.object->read(variable, out, bytes); });
    };
    api.state_write = [](rdu_plugin_state* handle, std::uint32_t variable, const void* data,
                         std::uint64_t bytes) {
      const Hosted<State>& state = hosted<State>(handle);
      return guard(state.host, [&] { return state.object->write(variable, data, bytes); });
    };
    api.state_reset = [](rdu_plugin_state* handle) {
      const Hosted<State>& state = hosted<State>(handle);
      return guard(state.host, [&] { return state.object->reset(); });
    };
    api.state_clone = [](rdu_plugin_state* handle, rdu_plugin_state** out_state) {
      const Hosted<State>& state = hosted<State>(handle);
      return guard(state.host,
                   [&] { return give<State>(state.host, state.object->clone(), out_state); });
    };
  }

  static rdu_status* load(rdu_plugin_device* handle, const rdu_load* request,
                          rdu_plugin_executable** out_executable) {
    const rdu_host_api* host = self(handle)->host;
    return guard(host, [&]() -> Status {
      Result<std::unique_ptr<Executable>> executable = self(handle)->object->load(*request);
      if (!executable.ok()) return executable.status();
      *out_executable = reinterpret_cast<rdu_plugin_executable*>(
          new Hosted<Executable>{host, std::move(*executable)});
      return {};
    });
  }

  static void unload(rdu_plugin_executable* handle) { delete self(handle); }

  static rdu_status* memory(rdu_plugin_executable* handle, rdu_memory* out_memory) {
    return guard(self(handle)->host, [&] {
      copy_sized(out_memory, self(handle)->object->memory());
      return Status();
    });
  }

  static rdu_status* params_changed(rdu_plugin_executable* handle, std::uint32_t value,
                                    std::uint64_t offset, std::uint64_t bytes,
                                    std::uint64_t epoch) {
    return guard(self(handle)->host,
                 [&] { return self(handle)->object->params_changed(value, offset, bytes, epoch); });
  }

  static rdu_status* pack(rdu_plugin* handle, rdu_array handles, rdu_write_fn write, void* user) {
    return guard(self(handle)->host, [&] {
      using Handle = rdu_plugin_executable*;
      std::vector<Executable*> executables;
      for (std::uint32_t i = 0; i < handles.count; ++i) {
        executables.push_back(self(*RDU_AT(Handle, handles, i))->object.get());
      }
      return Device::pack(executables, Writer{write, user});
    });
  }

  static rdu_status* submit(rdu_plugin_executable* handle, const rdu_submission* request,
                            rdu_plugin_event** out_event) {
    *out_event = nullptr;
    return guard(self(handle)->host, [&] { return self(handle)->object->run(*request); });
  }
};

}  // namespace rdu::plugin

// Defines the plugin's one export.
#define RDU_PLUGIN_EXPORT(Device)                                                           \
  extern "C" __attribute__((visibility("default"))) const rdu_plugin_api* rdu_plugin_query( \
      const rdu_host_api* host, uint32_t host_abi) {                                        \
    return rdu::plugin::Table<Device>::query(host, host_abi);                               \
  }
