// Each rule on the container and on ranges: the bytes that break it, and the sentence.
#include <cstring>

#include "tests/drivers/image/mutation.hpp"
#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace image_test;

namespace {

Bytes sample() { return rdu_hw::image::write_image(dot_product(1, 1024, 32)); }

template <typename Value>
void put(Bytes& bytes, std::size_t offset, Value value) {
  REQUIRE(offset + sizeof value <= bytes.size());
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

std::size_t chunk_at(std::size_t number) {
  return sizeof(rdu_hw_image_header) + number * sizeof(rdu_hw_chunk);
}

// Where a field of a record lies.
std::size_t field(const Bytes& bytes, std::uint32_t kind, std::size_t record, std::size_t offset) {
  rdu_hw_image_header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  for (std::uint32_t i = 0; i < header.num_chunks; ++i) {
    rdu_hw_chunk chunk;
    std::memcpy(&chunk, bytes.data() + chunk_at(i), sizeof chunk);
    if (chunk.kind == kind) return chunk.offset + record * chunk.record_bytes + offset;
  }
  FAIL("no chunk " << kind);
  return 0;
}

template <typename Change>
std::string refused(const Change& change) {
  Bytes bytes = sample();
  change(bytes);
  seal(bytes);
  return decode_answer(bytes);
}

// With a field of a table changed.
std::string refused_field(std::uint32_t kind, std::size_t record, std::size_t offset,
                          std::uint32_t value) {
  return refused([&](Bytes& b) { put(b, field(b, kind, record, offset), value); });
}

#define AT(record, member) offsetof(record, member)

}  // namespace

TEST_CASE("headers that are refused") {
  Bytes bytes = sample();
  bytes.resize(39);
  CHECK(decode_answer(bytes) == "2 size: expected at least 40 bytes, got 39");
  bytes = sample();
  bytes.back() ^= 1;
  CHECK(decode_answer(bytes).starts_with("2 hash: expected "));
  bytes = sample();
  bytes.push_back(0);
  CHECK(decode_answer(bytes).starts_with("2 bytes: expected "));
  CHECK(refused([](Bytes& b) { b.push_back(0); }).starts_with("2 bytes: expected a multiple of 8"));
  CHECK(refused([](Bytes& b) {
          b.resize(b.size() + 8);
        }).starts_with("2 end of the last chunk: expected "));
  CHECK(refused([](Bytes& b) { b[0] = 'X'; }) == "2 magic: expected RDUIMAGE, got other bytes");
  CHECK(refused([](Bytes& b) { put<std::uint16_t>(b, AT(rdu_hw_image_header, major), 2); }) ==
        "3 major version: expected 1, got 2");
  CHECK(refused([](Bytes& b) { put(b, AT(rdu_hw_image_header, num_chunks), 1u << 31); }) ==
        "2 num_chunks: expected 0 to 105, got 2147483648");
}

TEST_CASE("a later minor version is read") {
  CHECK(refused([](Bytes& b) { put<std::uint16_t>(b, AT(rdu_hw_image_header, minor), 9); }) == "0");
}

TEST_CASE("chunks that are refused") {
  const auto chunk = [](std::size_t number, std::size_t offset, auto value) {
    return refused([&](Bytes& b) { put(b, chunk_at(number) + offset, value); });
  };
  CHECK(chunk(1, AT(rdu_hw_chunk, kind), 1u) == "2 chunk 1: kind: expected ascending kinds, got 1");
  CHECK(chunk(0, AT(rdu_hw_chunk, kind), 0u) == "2 chunk 0: kind: expected ascending kinds, got 0");
  CHECK(chunk(0, AT(rdu_hw_chunk, flags), 2u) == "2 chunk 0: flags: expected 0, got 2");
  CHECK(chunk(0, AT(rdu_hw_chunk, flags), 1u) == "2 chunk 0: flags: expected 0, got 1");
  CHECK(chunk(0, AT(rdu_hw_chunk, offset), std::uint64_t{8}) ==
        "2 chunk 0: offset: expected 520, got 8");
  CHECK(chunk(0, AT(rdu_hw_chunk, count), std::uint64_t{0}) ==
        "2 chunk 0: count: expected 1 to 120, got 0");
  CHECK(chunk(0, AT(rdu_hw_chunk, count), ~std::uint64_t{0})
            .starts_with("2 chunk 0: count: expected 1 to "));
  CHECK(chunk(0, AT(rdu_hw_chunk, record_bytes), 0u) ==
        "2 chunk 0: record_bytes: expected 24, got 0");
  CHECK(chunk(0, AT(rdu_hw_chunk, record_bytes), 12u) ==
        "2 chunk 0: record_bytes: expected 24, got 12");
  CHECK(chunk(0, AT(rdu_hw_chunk, reserved), 1u) == "2 chunk 0: reserved: expected 0, got 1");
  CHECK(refused([](Bytes& b) { b.back() = 1; }) == "2 chunk 14: padding: expected zeros, got 1");
}

TEST_CASE("unknown chunks are skipped when they may be") {
  const auto with_chunk = [](std::uint32_t flags) {
    return refused([&](Bytes& b) {
      put(b, chunk_at(b[AT(rdu_hw_image_header, num_chunks)] - 1u) + AT(rdu_hw_chunk, kind), 99u);
      put(b, chunk_at(b[AT(rdu_hw_image_header, num_chunks)] - 1u) + AT(rdu_hw_chunk, flags),
          flags);
      for (std::size_t i = 0; i < 12; ++i) {
        put(b, field(b, RDU_HW_CHUNK_LABELS, i, AT(rdu_hw_label, text)), std::uint64_t{0});
      }
    });
  };
  CHECK(with_chunk(RDU_HW_CHUNK_OPTIONAL) == "0");
  CHECK(refused([](Bytes& b) {
          const std::size_t last = chunk_at(b[AT(rdu_hw_image_header, num_chunks)] - 1u);
          put(b, last + AT(rdu_hw_chunk, kind), 99u);
          put(b, last + AT(rdu_hw_chunk, record_bytes), 0u);
        }) == "2 chunk 14: record_bytes: expected 1 to 65536, got 0");
  CHECK(with_chunk(0) == "3 chunk 14: kind: expected a known kind, or an optional one, got 99");
}

TEST_CASE("ranges that are refused") {
  CHECK(refused_field(RDU_HW_CHUNK_SECTIONS, 0, AT(rdu_hw_section, contexts.first), 1) ==
        "5 section 0: contexts: expected 0, got 1");
  CHECK(refused_field(RDU_HW_CHUNK_SECTIONS, 0, AT(rdu_hw_section, contexts.count), 9) ==
        "5 section 0: contexts: expected 0 to 8, got 9");
  CHECK(refused_field(RDU_HW_CHUNK_SECTIONS, 0, AT(rdu_hw_section, contexts.count), 7) ==
        "5 contexts: expected 7, got 8");
  CHECK(refused_field(RDU_HW_CHUNK_SECTIONS, 0, AT(rdu_hw_section, buffers.count), ~0u) ==
        "5 section 0: buffers: expected 0 to 2, got none");
  CHECK(refused_field(RDU_HW_CHUNK_SECTIONS, 0, AT(rdu_hw_section, links.count), 6) ==
        "5 links: expected 6, got 7");
  CHECK(refused_field(RDU_HW_CHUNK_CONTEXTS, 1, AT(rdu_hw_context, detail), 0) ==
        "5 section 0, context 1: detail: expected 1, got 0");
  CHECK(refused_field(RDU_HW_CHUNK_CONTEXTS, 6, AT(rdu_hw_context, detail), 0) ==
        "5 section 0, context 6: detail: expected none, got 0");
  CHECK(refused_field(RDU_HW_CHUNK_CONTEXTS, 7, AT(rdu_hw_context, program), 0) ==
        "5 section 0, context 7: detail: expected none, got 2");
  CHECK(refused_field(RDU_HW_CHUNK_CONTEXTS, 1, AT(rdu_hw_context, counters.first), 0) ==
        "5 section 0, context 1: counters: expected 2, got 0");
  CHECK(refused_field(RDU_HW_CHUNK_CONTEXTS, 0, AT(rdu_hw_context, ports.count), 2) ==
        "5 section 0, context 1: ports: expected 2, got 1");
  CHECK(refused_field(RDU_HW_CHUNK_CONTEXTS, 6, AT(rdu_hw_context, instructions.count), 1) ==
        "5 section 0, context 7: instructions: expected 1, got 2");
  CHECK(refused_field(RDU_HW_CHUNK_CONTEXTS, 5, AT(rdu_hw_context, steps.count), 0) ==
        "5 section 0, context 6: steps: expected 5, got 6");
  CHECK(refused_field(RDU_HW_CHUNK_STEPS, 1, AT(rdu_hw_step, terms.count), 3) ==
        "5 step record 2: terms: expected 5, got 4");
  CHECK(refused_field(RDU_HW_CHUNK_LINKS, 1, AT(rdu_hw_link, sinks.first), 0) ==
        "5 link record 1: sinks: expected 1, got 0");
  CHECK(refused_field(RDU_HW_CHUNK_LINKS, 1, AT(rdu_hw_link, hops.count), 1) ==
        "5 link record 1: hops: expected 0 to 0, got 1");
  CHECK(refused_field(RDU_HW_CHUNK_LABELS, 1, AT(rdu_hw_label, text.count), 99) ==
        "5 label 1: text: expected 0 to 61, got 99");
}

TEST_CASE("ends of links and labels that are refused") {
  CHECK(refused_field(RDU_HW_CHUNK_LINKS, 0, AT(rdu_hw_link, source.context), 8) ==
        "4 section 0, link 0: context: expected a number below 8, got 8");
  CHECK(refused_field(RDU_HW_CHUNK_LINKS, 0, AT(rdu_hw_link, source.port), 1) ==
        "4 section 0, link 0: port: expected a number below 1, got 1");
  CHECK(refused_field(RDU_HW_CHUNK_LINKS, 4, AT(rdu_hw_link, source.port), 0) ==
        "5 section 0, link 4: direction of the port: expected 1, got 0");
  CHECK(refused_field(RDU_HW_CHUNK_LINKS, 0, AT(rdu_hw_link, source.context), 1) ==
        "5 section 0, link 0: link of the port: expected 0, got 1");
  CHECK(refused_field(RDU_HW_CHUNK_SINKS, 0, AT(rdu_hw_sink, end.context), 8) ==
        "4 section 0, link 0, sink 0: context: expected a number below 8, got 8");
  CHECK(refused_field(RDU_HW_CHUNK_PORTS, 0, AT(rdu_hw_port, link), 7) ==
        "4 section 0, context 0, port 0: link: expected a number below 7, got 7");
  CHECK(refused_field(RDU_HW_CHUNK_LABELS, 0, AT(rdu_hw_label, kind), 5) ==
        "4 label 0: kind: expected 0 to 4, got 5");
  CHECK(refused_field(RDU_HW_CHUNK_LABELS, 0, AT(rdu_hw_label, index), 3) ==
        "4 label 0: index: expected a number below 3, got 3");
  CHECK(refused_field(RDU_HW_CHUNK_LABELS, 1, AT(rdu_hw_label, index), 0) ==
        "5 label 1: index: expected ascending (kind, index), got 0");
}

TEST_CASE("a port that no link ends at is refused") {
  auto program = dot_product(1, 1024, 32);
  auto& ports = program.sections[0].contexts[6].ports;
  ports.push_back(rdu_hw::image::output(RDU_HW_CONTROL, 0, 0));
  Bytes bytes = rdu_hw::image::write_image(program);
  put(bytes, field(bytes, RDU_HW_CHUNK_PORTS, 13, AT(rdu_hw_port, link)), 0u);
  seal(bytes);
  CHECK(decode_answer(bytes) ==
        "5 section 0, context 6, port 3: link: expected one that ends here, got 0");
}
