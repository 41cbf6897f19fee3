// Contexts, programs and tensors for tests: released at the end of the scope, failures reported with their message.
#pragma once

#include <rdu/rdu.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "tests/sdk/src/support/models.hpp"
#include "tests/sdk/src/support/test_plugin.hpp"

namespace rdu::test {

template <class T, void (*destroy)(T*)>
struct Destroy {
  void operator()(T* object) const { destroy(object); }
};
template <class T, void (*destroy)(T*)>
using Owner = std::unique_ptr<T, Destroy<T, destroy>>;

using Context = Owner<rdu_context, rdu_context_destroy>;
using Device = Owner<rdu_device, rdu_device_close>;
using Artifact = Owner<rdu_artifact, rdu_artifact_close>;
using Program = Owner<rdu_program, rdu_program_destroy>;
using State = Owner<rdu_state, rdu_state_destroy>;
using Event = Owner<rdu_event, rdu_event_destroy>;
using Buffer = Owner<rdu_buffer, rdu_buffer_destroy>;
using StatusOwner = Owner<rdu_status, rdu_status_destroy>;

// "OK", or the code and the message.
std::string words(rdu_status* status);
rdu_code code(rdu_status* status);

#define RDU_OK_(call) REQUIRE(::rdu::test::words(call) == "OK")
#define RDU_FAILS(expected, call) REQUIRE(::rdu::test::code(call) == (expected))

Context make_context(const rdu_allocator* allocator = nullptr);
Device open_device(const Context& context, const std::string& uri);
Artifact open_artifact(const Context& context, const ArtifactBytes& bytes);

// Everything that is needed to run a model on one list of devices.
struct Fixture {
  explicit Fixture(const artifact::Model& model, const std::vector<std::string>& uris = {"test:"},
                   const rdu_allocator* allocator = nullptr);

  Context context;
  ArtifactBytes bytes;
  std::vector<Device> devices;
  Artifact artifact;
  Program program;
};

rdu_tensor f32(std::vector<float>& data, std::vector<std::int64_t> shape);

// 64-byte aligned floats.
class Floats {
 public:
  explicit Floats(std::size_t count, float start = 0, float step = 1);
  float* data() { return data_.get(); }
  std::size_t size() const { return size_; }
  float operator[](std::size_t i) const { return data_.get()[i]; }
  rdu_tensor tensor(std::vector<std::int64_t> shape);
  std::vector<float> values() const { return {data_.get(), data_.get() + size_}; }

 private:
  struct Free {
    void operator()(float* data) const { std::free(data); }
  };
  std::unique_ptr<float, Free> data_;
  std::size_t size_;
};

rdu_run_args args(const std::vector<rdu_tensor>& inputs, std::vector<rdu_tensor>& outputs);

// Runs chain_model's program on a batch and compares every element.
std::string check_chain(rdu_program* program, std::int64_t batch, float start);

}  // namespace rdu::test
