// What a client and a peer say to each other, as plain structs: one for each message type. The codec makes them frames.
#pragma once

#include <rdu/types.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace rdu::remote {

using Hash = std::array<std::uint8_t, 32>;  // BLAKE2b-256
using SessionId =
    std::array<std::uint8_t, 16>;  // random, made by the client, kept over reconnections

// The numbers are the wire's; append-only. A reply carries the request id of what it answers.
enum class MessageType : std::uint16_t {
  kHello = 1,    // client: first message of a connection
  kWelcome = 2,  // peer
  kError = 3,    // peer: ends a request that did not succeed
  kCredit = 4,   // peer: more bytes that this client may have under way
  kPing = 5,     // either side; answered by whoever dispatches messages
  kPong = 6,
  kGoAway = 7,  // peer: drains; requests under way end, new ones are refused

  kOffer = 10,      // client: an artifact by its hashes
  kHave = 11,       // peer: which chunks are missing
  kChunk = 12,      // client: one chunk in F2; no reply
  kCommit = 13,     // client
  kCommitted = 14,  // peer: the artifact is stored, verified and open

  kCheck = 20,    // client: which sections does the device take?
  kChecked = 21,  // peer
  kLoad = 22,     // client
  kLoaded = 23,   // peer
  kUnload = 24,   // client
  kDone = 25,     // peer: success of what has nothing else to say

  kRun = 30,     // client: input tensors in F2…
  kResult = 31,  // peer: output tensors in F2…
  kCancel = 32,  // client: names a request; no reply but the request's own end

  kStateCreate = 40,
  kStateCreated = 41,
  kStateDestroy = 42,
  kStateRead = 43,
  kStateData = 44,  // the variable's bytes in F2
  kStateWrite = 45,
  kStateReset = 46,
  kStateClone = 47,  // answered by kStateCreated

  kShareMemory = 50,  // client: asks for memory of the same host
  kSharedMemory = 51,

  kStatus = 60,  // client with the role admin: load, queues, clients, latencies
  kStatusReport = 61,
};

// Bits of Hello::features and Welcome::features. A peer that lacks a required one names it in its error.
inline constexpr std::uint64_t kFeatureSharedMemory = 1;
inline constexpr std::uint64_t kFeatureState = 2;
inline constexpr std::uint64_t kFeatureRoad = 4;  // rings in the shared memory

struct VersionRange {
  std::uint16_t low = 0, high = 0;
};

struct Limits {
  std::uint64_t max_frame_bytes = 1u << 20;
  std::uint64_t max_message_bytes = 0;  // of all frames of one message
  std::uint64_t max_artifact_bytes = 0;
  std::uint32_t max_requests = 0;  // under way, of one client
};

// What makes an effect happen once: the peer answers a key that it has seen with the answer that it gave.
struct EffectKey {
  SessionId session{};
  std::uint64_t sequence = 0;  // ascending within the session, from 1; 0: the request has no effect
};

struct Hello {
  VersionRange versions;
  std::string build;
  SessionId session{};
  std::uint64_t features = 0;
  std::uint64_t required_features = 0;
};

struct DeviceOffer {
  std::string uri;  // "cpu:": what follows the peer's address in a device URI
  std::string name;
  std::string target;
  std::uint64_t target_hash = 0;
  std::uint64_t memory_bytes = 0;
  std::uint32_t max_concurrency = 0;
};

struct Welcome {
  std::uint16_t version = 0;
  std::string build;
  Hash peer{};                   // the same over restarts
  std::uint64_t boot_epoch = 0;  // grows with each start of the peer
  std::uint64_t features = 0;
  Limits limits;
  std::uint64_t credit_bytes = 0;  // to begin with
  std::uint32_t queued_requests = 0;
  std::vector<DeviceOffer> devices;
};

struct Error {
  std::uint32_t code = 0;  // rdu_code
  std::string message;     // without paths and addresses of the peer
  std::uint32_t retry_after_ms = 0;
};

struct Credit {
  std::uint64_t bytes = 0;
};

struct GoAway {
  std::uint32_t remaining_ms = 0;
};

// An artifact is its metadata and its segments (rdu_graph_source), in this order, each cut into chunks of `chunk_bytes`,
// the last one shorter. `artifact` is the hash of sizes and chunk hashes (README).
struct Offer {
  Hash artifact{};
  std::uint32_t chunk_bytes = 0;
  std::vector<std::uint64_t> part_bytes;  // metadata first
  std::vector<Hash> chunks;
};

struct Have {
  std::vector<std::uint32_t> missing;  // indices into Offer::chunks
};

struct Chunk {
  Hash artifact{};
  std::uint32_t index = 0;
};

struct Commit {
  Hash artifact{};
};

// Sections [first_section, end_section) of the portable cut; 0, 0: all.
struct Check {
  Hash artifact{};
  std::string device;
  std::uint32_t signature = 0;
  std::uint32_t variant = 0;
};

struct Verdict {
  std::uint32_t reason = 0;  // RDU_REASON_…
  std::string detail;
};

struct Checked {
  std::vector<Verdict> sections;  // of the portable cut
};

struct Load {
  Hash artifact{};
  std::string device;
  std::uint32_t signature = 0;
  std::uint32_t variant = 0;
  std::uint32_t first_section = 0;
  std::uint32_t end_section = 0;
  bool stateless = false;  // variables are inputs and outputs like other values
};

struct Port {
  std::string name;
  std::uint32_t value = 0;  // of the graph that the client has
  std::uint32_t dtype = 0;
  std::uint64_t bytes = 0;  // bound
};

// Loading the same sections again gives the same id: programs are counted.
struct Loaded {
  std::uint64_t program = 0;
  std::vector<Port> inputs, outputs, variables;
  std::uint64_t resident_bytes = 0, per_run_bytes = 0, state_bytes = 0;
};

struct Unload {
  std::uint64_t program = 0;
};

// Where a tensor's bytes are: in the frames behind F1, in order, or in the shared memory of the connection.
struct TensorSpan {
  std::uint32_t port = 0;  // index into Loaded::inputs or outputs
  std::uint64_t bytes = 0;
  std::uint64_t shared_offset = 0;
  bool shared = false;
};

struct Run {
  std::uint64_t program = 0;
  std::uint64_t state = 0;         // 0: none
  EffectKey key;                   // of runs with a state
  std::uint32_t remaining_ms = 0;  // 0: no deadline
  bool traced = false;
  std::vector<TensorSpan> inputs;
  std::vector<TensorSpan> outputs;  // those with `shared` say where the peer shall put them
};

struct RunResult {
  std::uint64_t queue_ns = 0;   // from arrival to start
  std::uint64_t device_ns = 0;  // of the run
  std::vector<TensorSpan> outputs;
};

struct Cancel {
  std::uint64_t request = 0;
};

struct StateCreate {
  std::uint64_t program = 0;
  EffectKey key;
};

struct StateCreated {
  std::uint64_t state = 0;
};

// kStateDestroy, kStateRead, kStateWrite, kStateReset, kStateClone.
struct StateCall {
  std::uint64_t state = 0;
  std::uint32_t variable = 0;  // index into Loaded::variables
  std::uint64_t bytes = 0;
  EffectKey key;
};

struct StateData {
  std::uint64_t bytes = 0;
};

struct ShareMemory {
  std::uint64_t bytes = 0;
};

// The peer makes the memory and names it; `proof` lies in its first bytes, so a client that cannot read it is elsewhere.
// Where there is a road, tensors end at `rings_at`, and the bells are named.
struct SharedMemory {
  std::string name;
  std::uint64_t bytes = 0;
  SessionId proof{};
  std::uint64_t rings_at = 0;  // 0: there is none
  std::string request_bell, reply_bell;
};

struct StatusReport {
  std::string json;  // one line
};

}  // namespace rdu::remote
