// Loads the artifact as each processor named would, asks librdu for what that packed, and writes the artifact anew.
#include "tools/rducc/pack_weights.hpp"

#include <rdu/rdu.h>

#include <memory>

#include "sdk/artifact/reader.hpp"
#include "sdk/artifact/restore.hpp"
#include "sdk/artifact/writer.hpp"

namespace rducc {
namespace {

template <auto kDestroy>
struct Destroy {
  template <class T>
  void operator()(T* handle) const {
    kDestroy(handle);
  }
};
using Context = std::unique_ptr<rdu_context, Destroy<rdu_context_destroy>>;
using Artifact = std::unique_ptr<rdu_artifact, Destroy<rdu_artifact_close>>;
using Device = std::unique_ptr<rdu_device, Destroy<rdu_device_close>>;
using Program = std::unique_ptr<rdu_program, Destroy<rdu_program_destroy>>;

struct Trouble {
  std::string message;
};

void check(rdu_status* status) {
  if (status == nullptr) return;
  Trouble trouble{rdu_status_message(status)};
  rdu_status_destroy(status);
  throw trouble;
}

// The artifact on one device after the other.
class Loads {
 public:
  explicit Loads(const std::string& path) {
    rdu_context* context = nullptr;
    check(rdu_context_create(nullptr, &context));
    context_.reset(context);
    rdu_artifact* artifact = nullptr;
    check(rdu_artifact_open(context, path.c_str(), nullptr, &artifact));
    artifact_.reset(artifact);
  }

  void add(const std::string& uri) {
    rdu_device* device = nullptr;
    check(rdu_device_open(context_.get(), uri.c_str(), &device));
    devices_.emplace_back(device);
    rdu_program* program = nullptr;
    check(rdu_program_load(artifact_.get(), &device, 1, nullptr, &program));
    programs_.emplace_back(program);
  }

  // Lives as long as this.
  std::span<const std::byte> pack() {
    std::vector<rdu_program*> programs;
    for (const Program& program : programs_) programs.push_back(program.get());
    rdu_bytes packed{};
    check(rdu_program_pack(programs.data(), static_cast<std::uint32_t>(programs.size()), &packed));
    return {static_cast<const std::byte*>(packed.data), packed.size};
  }

 private:
  Context context_;
  Artifact artifact_;
  std::vector<Device> devices_;
  std::vector<Program> programs_;
};

void add_to_artifact(const std::string& path, const std::string& made_for,
                     std::span<const std::byte> packed) {
  const auto opened = rdu::artifact::open_artifact(path);
  if (!opened) throw Trouble{opened.error().message};
  rdu::artifact::Model model = rdu::artifact::restore(**opened);
  model.packed.push_back({"cpu", made_for, {packed, nullptr}});
  const auto written = rdu::artifact::write_artifact(model, path);
  if (!written) throw Trouble{written.error().message};
}

}  // namespace

std::string pack_weights(const std::string& path, const std::vector<std::string>& cpus) try {
  Loads loads(path);
  std::string made_for;
  for (const std::string& cpu : cpus) {
    loads.add(cpu == "native" ? "cpu:" : "cpu:?isa=" + cpu);
    made_for += (made_for.empty() ? "" : ",") + cpu;
  }
  const auto packed = loads.pack();
  if (!packed.empty()) add_to_artifact(path, made_for, packed);
  return {};
} catch (const Trouble& trouble) {
  return trouble.message;
}

}  // namespace rducc
