// Control: tokens between contexts, and the patterns that are made of them.
#include "tools/rducc/target/rdu/flow.hpp"

namespace rducc::rdu {

bool Section::owns(const Turn& turn) {
  if (&turn.context.section() == this) return true;
  refuse("a token to or from a context of another section");
  return false;
}

void Section::token(const Turn& from, std::span<const Turn> to, const TokenOptions& options) {
  if (!owns(from)) return;
  const std::uint32_t source = from.context.number();
  const Stream stream = send(source, {RDU_HW_CONTROL, from.level, options.room, {}, 0});
  Link& link = parts_.links[stream.link];
  link.initial = options.initial;
  for (const Turn& turn : to) {
    if (!owns(turn)) return;
    receive(turn.context.number(), stream, turn.level, options.depth);
    parts_.links[stream.link].sinks.back().pace = options.pace;
  }
}

void Section::token(const Turn& from, const Turn& to, const TokenOptions& options) {
  token(from, {&to, 1}, options);
}

// The token is the filled copy, its credit the free one.
void Section::metapipe(BufferHandle buffer, std::span<const Turn> writers,
                       std::span<const Turn> readers) {
  if (buffer.number >= parts_.buffers.size()) return refuse("a metapipe of no buffer");
  const std::uint32_t copies = parts_.buffers[buffer.number].copies;
  for (const std::span<const Turn> turns : {writers, readers}) {
    for (const Turn& turn : turns) {
      if (!owns(turn)) return;
      const std::uint32_t number = turn.context.number();
      rdu_hw_access& access = parts_.contexts[number].access;
      if (access.buffer != buffer.number) refuse(number, "is no access to the metapipe's buffer");
      access.swap_level = turn.level;
    }
  }
  for (const Turn& writer : writers) {
    token(writer, readers, {.depth = copies, .room = RDU_HW_ROOM_FIRST});
  }
}

void Section::metapipe(BufferHandle buffer, const Turn& writer, const Turn& reader) {
  metapipe(buffer, {&writer, 1}, {&reader, 1});
}

void Section::sequence(std::span<const Turn> turns) {
  for (std::size_t i = 0; i < turns.size(); ++i) {
    const bool closes = i + 1 == turns.size();
    token(turns[i], turns[closes ? 0 : i + 1], {.initial = closes ? 1u : 0u});
  }
}

void Section::fork_join(const Turn& from, std::span<const Turn> branches, const Turn& to) {
  token(from, branches);
  for (const Turn& branch : branches) token(branch, to);
}

}  // namespace rducc::rdu
