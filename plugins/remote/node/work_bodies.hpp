// The bodies of work that is not a run, as bytes. What comes from a worker is read as carefully as what comes from a client.
#pragma once

#include <compare>

#include "plugins/remote/node/bytes.hpp"
#include "plugins/remote/node/store.hpp"
#include "plugins/remote/wire/messages.hpp"

namespace rdu::remote::node {

// Which sections of which variant of which artifact; a program is one of these on one device.
struct Selection {
  Hash artifact{};
  std::uint32_t signature = 0;
  std::uint32_t variant = 0;
  std::uint32_t first_section = 0;
  std::uint32_t end_section = 0;  // 0: all
  std::uint32_t stateless = 0;    // variables are inputs and outputs
  auto operator<=>(const Selection&) const = default;
};

struct DeviceFacts {
  std::string name;
  std::string target;
  std::uint64_t target_hash = 0;
  std::uint64_t memory_bytes = 0;
  std::uint32_t max_concurrency = 0;
};

// What a worker tells of a program that it loaded.
struct ProgramFacts {
  Loaded ports;              // without `program`
  std::uint32_t trains = 0;  // its signature changes parameters: 1
};

Bytes encode_request(const Selection& selection, const StoredArtifact& artifact);
Status decode_request(ByteSpan body, Selection& selection, StoredArtifact& artifact);

Bytes encode_verdicts(const std::vector<Verdict>& verdicts);
Status decode_verdicts(ByteSpan body, std::vector<Verdict>& verdicts);

Bytes encode_program(const ProgramFacts& program);
Status decode_program(ByteSpan body, ProgramFacts& program);

Bytes encode_device(const DeviceFacts& facts);
Status decode_device(ByteSpan body, DeviceFacts& facts);

}  // namespace rdu::remote::node
