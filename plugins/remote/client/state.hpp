// Variables that live at a peer. Each call has an effect there at most once, however often the connection breaks.
#pragma once

#include <atomic>
#include <memory>
#include <rdu/plugin/status.hpp>

#include "plugins/remote/client/fleet.hpp"

namespace rdu::remote::client {

class State {
 public:
  static plugin::Result<std::unique_ptr<State>> make(Fleet& fleet, const Program& program);
  State(Fleet& fleet, const Program& program, Peer& peer, std::uint64_t id)
      : fleet_(fleet), program_(program), peer_(peer), id_(id) {}
  ~State();

  plugin::Status read(std::uint32_t variable, void* out, std::uint64_t bytes);
  plugin::Status write(std::uint32_t variable, const void* data, std::uint64_t bytes);
  plugin::Status reset();
  plugin::Result<std::unique_ptr<State>> clone();

  StateAt at() { return {&peer_, id_, &unknown_}; }

 private:
  plugin::Result<Reply> call(MessageType type, MessageType expected, std::uint32_t variable = 0,
                             std::uint64_t bytes = 0, std::span<const std::byte> payload = {});
  plugin::Result<std::uint32_t> number_of(std::uint32_t variable) const;

  Fleet& fleet_;
  const Program& program_;
  Peer& peer_;
  std::uint64_t id_;
  // A run with it ended here without the peer's word: whether it happened nobody knows, until it is written anew.
  std::atomic<bool> unknown_ = false;
};

}  // namespace rdu::remote::client
