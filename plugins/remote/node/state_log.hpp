// The journal of one state: what it was made from, and every effect since its last snapshot, in order.
#pragma once

#include <vector>

#include "plugins/remote/node/work.hpp"
#include "plugins/remote/node/work_bodies.hpp"

namespace rdu::remote::node {

// An effect as it is repeated after a crash: all that the worker needs.
struct Effect {
  Op op = Op::kRun;
  std::uint64_t sequence = 0;  // of its key
  Hash payload{};              // of its request: a repeat must have the same
  Selection program;           // of a run
  std::uint32_t variable = 0;  // of a write
  std::vector<Bytes> inputs;
};

// The effect that was answered last, and what its answer held.
struct LastEffect {
  std::uint64_t sequence = 0;
  Hash payload{};
  std::vector<Bytes> outputs;
};

struct StateOrigin {
  std::uint64_t state = 0;
  SessionId session{};
  std::string user;
  std::string device;
  Selection program;
  std::uint64_t create_sequence = 0;
};

// What a log begins with.
struct StateBase {
  StateOrigin origin;
  std::uint64_t snapshot = 0;  // number of the file with the variables; 0: the initial values
  LastEffect last;             // before the first effect of this log
};

// A file of records, each with its length and checksum. The first one is the base. What a crash left half written at the end was
// never answered, and is cut off.
class StateLog {
 public:
  struct Contents {
    StateBase base;
    std::vector<Effect> effects;
    std::uint64_t bytes = 0;  // of whole records
  };

  // Replaces whatever was there.
  static Result<StateLog> begin(const std::string& path, const StateBase& base,
                                Durability durability);
  // Goes on behind `contents`, which `read` gave.
  static Result<StateLog> resume(const std::string& path, const Contents& contents,
                                 Durability durability);
  // IO where not even the base is whole.
  static Result<Contents> read(const std::string& path);

  // The effect is part of the log when this returns, and not at all when it fails.
  Status append(const Effect& effect);
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t num_effects() const { return num_effects_; }

 private:
  StateLog(Descriptor file, std::uint64_t bytes, std::uint64_t num_effects, Durability durability)
      : file_(std::move(file)), bytes_(bytes), num_effects_(num_effects), durability_(durability) {}

  Descriptor file_;
  std::uint64_t bytes_;
  std::uint64_t num_effects_;
  Durability durability_;
};

}  // namespace rdu::remote::node
