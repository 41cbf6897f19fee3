// Small programs by hand, for the sara20 and sn10 presets.
#include "tests/drivers/image/samples.hpp"

#include "tests/drivers/image/operands.hpp"

namespace image_test {

using namespace rdu_hw::image;

namespace {

constexpr std::uint32_t kLanes = 16;

Argument region(const char* name, std::uint32_t access, std::uint64_t bytes) {
  return {{RDU_HW_ARGUMENT_REGION, access, RDU_HW_TIER_DRAM, 64, bytes}, {name, RDU_HW_NONE}};
}

std::vector<rdu_hw_counter> tiled(std::uint32_t tiles, std::uint32_t ts) {
  return {counter(tiles), counter(ts, kLanes)};
}

Context load(const char* name, std::uint32_t agcu, std::uint32_t argument, std::uint32_t tiles,
             std::uint32_t ts) {
  Context context;
  context.program = RDU_HW_PROGRAM_LOAD;
  context.row = agcu;
  context.counters = tiled(tiles, ts);
  context.ports = {output(RDU_HW_VECTOR, 0, 2)};
  context.steps = {{.terms = {counter_term(0, 4 * std::int64_t{ts}), counter_term(1, 4)}}};
  context.transfer = {argument, RDU_HW_TRANSFER_DENSE, RDU_HW_FORMAT_WORD, 0, 0, 0};
  context.label = {name, RDU_HW_NONE};
  return context;
}

// The two sides of a tile's scratchpad: data is port 0, the token that says which half is full is port 1.
Context tile_side(std::uint32_t program, const char* name, rdu_hw_end place, std::uint32_t buffer,
                  std::uint32_t tiles, std::uint32_t ts) {
  Context context;
  context.program = program;
  context.row = place.context;
  context.column = place.port;
  context.counters = tiled(tiles, ts);
  const bool writes = program == RDU_HW_PROGRAM_WRITE;
  if (writes) {
    context.ports = {input(RDU_HW_VECTOR, 0, 2),
                     output(RDU_HW_CONTROL, 0, 1, {}, RDU_HW_ROOM_FIRST)};
  } else {
    context.ports = {input(RDU_HW_CONTROL, 0, 1), output(RDU_HW_VECTOR, 0, 2)};
  }
  context.steps = {{.terms = {counter_term(1, 4)}}};
  context.access = {buffer, writes ? 0u : 1u, RDU_HW_FORMAT_WORD, RDU_HW_NONE, 0, 0, 1, 0};
  context.label = {name, RDU_HW_NONE};
  return context;
}

Buffer tile_buffer(const char* name, std::uint32_t row, std::uint32_t column, std::uint32_t ts) {
  return {{row, column, 2, RDU_HW_BANK_STRIDED, 0, 4 * std::uint64_t{ts}, 1, 0},
          {name, RDU_HW_NONE}};
}

Link wire(std::uint32_t kind, rdu_hw_end from, rdu_hw_end to, std::uint32_t depth) {
  Link link;
  link.kind = kind;
  link.source = from;
  link.sinks = {rdu_hw::image::sink(to, depth)};
  return link;
}

// An access to a buffer of n words, one behind the other, that waits for nobody.
Context plain_side(std::uint32_t program, const char* name, rdu_hw_end place, std::uint32_t n) {
  const bool writes = program == RDU_HW_PROGRAM_WRITE;
  Context context;
  context.program = program;
  context.row = place.context;
  context.column = place.port;
  context.counters = tiled(1, n);
  context.ports = {writes ? input(RDU_HW_VECTOR, 0, 2) : output(RDU_HW_VECTOR, 0, 2)};
  context.steps = {{.terms = {counter_term(1, 4)}}};
  context.access = {0, 0, RDU_HW_FORMAT_WORD, RDU_HW_NONE, 0, 0, 0, 0};
  context.label = {name, RDU_HW_NONE};
  return context;
}

}  // namespace

Program dot_product(std::uint64_t arch_hash, std::uint32_t n, std::uint32_t ts) {
  Program program;
  program.arch_hash = arch_hash;
  program.arguments = {region("a", RDU_HW_ACCESS_READ, 4 * std::uint64_t{n}),
                       region("b", RDU_HW_ACCESS_READ, 4 * std::uint64_t{n}),
                       {{RDU_HW_ARGUMENT_SCALAR, RDU_HW_ACCESS_WRITE, 0, 4, 4}, {"sum", 7}}};
  Section section;
  section.buffers = {tile_buffer("tile_a", 0, 1, ts), tile_buffer("tile_b", 1, 0, ts)};
  const std::uint32_t tiles = n / ts;
  Context product;
  product.counters = tiled(tiles, ts);
  product.ports = {input(RDU_HW_VECTOR, 0, 2), input(RDU_HW_VECTOR, 1, 2),
                   output(RDU_HW_SCALAR, 0, 0, reg(1))};
  product.instructions = {
      compute(RDU_HW_OP_MUL_I32, 0, 0, in(0), in(1)),
      accumulate(RDU_HW_DO_REDUCE, RDU_HW_FOLD_ADD_I32, 1, 1, 0, reg(0), word(0))};
  product.label = {"product", 7};
  Context result;
  result.program = RDU_HW_PROGRAM_RESULT;
  result.row = 2;
  result.ports = {input(RDU_HW_SCALAR, 0, 0)};
  result.transfer = {2, 0, RDU_HW_FORMAT_WORD, 0, 0, 0};
  section.contexts = {load("load_a", 0, 0, tiles, ts),
                      load("load_b", 1, 1, tiles, ts),
                      tile_side(RDU_HW_PROGRAM_WRITE, "write_a", {0, 1}, 0, tiles, ts),
                      tile_side(RDU_HW_PROGRAM_READ, "read_a", {0, 1}, 0, tiles, ts),
                      tile_side(RDU_HW_PROGRAM_WRITE, "write_b", {1, 0}, 1, tiles, ts),
                      tile_side(RDU_HW_PROGRAM_READ, "read_b", {1, 0}, 1, tiles, ts),
                      product,
                      result};
  section.links = {wire(RDU_HW_VECTOR, {0, 0}, {2, 0}, 16), wire(RDU_HW_VECTOR, {1, 0}, {4, 0}, 16),
                   wire(RDU_HW_CONTROL, {2, 1}, {3, 0}, 2), wire(RDU_HW_CONTROL, {4, 1}, {5, 0}, 2),
                   wire(RDU_HW_VECTOR, {3, 1}, {6, 0}, 16), wire(RDU_HW_VECTOR, {5, 1}, {6, 1}, 16),
                   wire(RDU_HW_SCALAR, {6, 2}, {7, 0}, 16)};
  program.sections = {section};
  return program;
}

Program metapipelined_map(std::uint64_t arch_hash, std::uint32_t tiles, std::uint32_t ts) {
  const std::uint64_t bytes = 4 * std::uint64_t{tiles} * ts;
  Program program;
  program.arch_hash = arch_hash;
  program.arguments = {region("x", RDU_HW_ACCESS_READ, bytes),
                       region("y", RDU_HW_ACCESS_WRITE, bytes)};
  Context map;
  map.counters = tiled(tiles, ts);
  map.ports = {input(RDU_HW_VECTOR, 0, 2), output(RDU_HW_VECTOR, 0, 2, reg(0))};
  map.instructions = {compute(RDU_HW_OP_MAX_F32, 0, 0, in(0), word(0))};
  map.label = {"relu", 3};
  Context store = load("store", 1, 1, tiles, ts);
  store.program = RDU_HW_PROGRAM_STORE;
  store.ports = {input(RDU_HW_VECTOR, 0, 2)};
  Section section;
  section.buffers = {tile_buffer("tile_x", 0, 1, ts), tile_buffer("tile_y", 1, 0, ts)};
  section.contexts = {load("load", 0, 0, tiles, ts),
                      tile_side(RDU_HW_PROGRAM_WRITE, "write_x", {0, 1}, 0, tiles, ts),
                      tile_side(RDU_HW_PROGRAM_READ, "read_x", {0, 1}, 0, tiles, ts),
                      map,
                      tile_side(RDU_HW_PROGRAM_WRITE, "write_y", {1, 0}, 1, tiles, ts),
                      tile_side(RDU_HW_PROGRAM_READ, "read_y", {1, 0}, 1, tiles, ts),
                      store};
  section.links = {
      wire(RDU_HW_VECTOR, {0, 0}, {1, 0}, 16), wire(RDU_HW_CONTROL, {1, 1}, {2, 0}, 2),
      wire(RDU_HW_VECTOR, {2, 1}, {3, 0}, 16), wire(RDU_HW_VECTOR, {3, 1}, {4, 0}, 16),
      wire(RDU_HW_CONTROL, {4, 1}, {5, 0}, 2), wire(RDU_HW_VECTOR, {5, 1}, {6, 0}, 16)};
  section.label = {"map", RDU_HW_NONE};
  program.sections = {section};
  return program;
}

Program kept_product(std::uint64_t arch_hash, std::uint32_t n) {
  const std::uint64_t bytes = 4 * std::uint64_t{n};
  Program program;
  program.arch_hash = arch_hash;
  program.arguments = {region("w", RDU_HW_ACCESS_READ, bytes),
                       region("x", RDU_HW_ACCESS_READ, bytes),
                       region("y", RDU_HW_ACCESS_WRITE, bytes)};
  Buffer kept = tile_buffer("kept", 0, 1, (n + kLanes - 1) / kLanes * kLanes);
  kept.record.copies = 1;
  Section setup;
  setup.buffers = {kept};
  setup.contexts = {load("load w", 0, 0, 1, n),
                    plain_side(RDU_HW_PROGRAM_WRITE, "keep w", {0, 1}, n)};
  setup.links = {wire(RDU_HW_VECTOR, {0, 0}, {1, 0}, 16)};
  setup.label = {"set up", RDU_HW_NONE};
  Context product;
  product.counters = tiled(1, n);
  product.ports = {input(RDU_HW_VECTOR, 0, 2), input(RDU_HW_VECTOR, 1, 2),
                   output(RDU_HW_VECTOR, 0, 2, reg(0))};
  product.instructions = {compute(RDU_HW_OP_MUL_F32, 0, 0, in(0), in(1))};
  Context store = load("store y", 1, 2, 1, n);
  store.program = RDU_HW_PROGRAM_STORE;
  store.ports = {input(RDU_HW_VECTOR, 0, 2)};
  Section body;
  body.buffers = {kept};
  body.contexts = {plain_side(RDU_HW_PROGRAM_READ, "read w", {0, 1}, n), load("load x", 0, 1, 1, n),
                   product, store};
  body.links = {wire(RDU_HW_VECTOR, {0, 0}, {2, 0}, 16), wire(RDU_HW_VECTOR, {1, 0}, {2, 1}, 16),
                wire(RDU_HW_VECTOR, {2, 2}, {3, 0}, 16)};
  body.label = {"product", RDU_HW_NONE};
  program.sections = {setup, body};
  program.num_setup_sections = 1;
  return program;
}

Program systolic_tile(std::uint64_t arch_hash, std::uint32_t k) {
  const std::uint32_t pairs = k / 2;
  Program program;
  program.arch_hash = arch_hash;
  Section section;
  section.buffers = {
      {{0, 1, 1, RDU_HW_BANK_STRIDED, 0, 64 * std::uint64_t{pairs}, 1, 0}, {"a", RDU_HW_NONE}},
      {{1, 0, 1, RDU_HW_BANK_STRIDED, 0, 64 * std::uint64_t{pairs}, 1, 0}, {"b", RDU_HW_NONE}},
      {{1, 2, 1, RDU_HW_BANK_DIAGONAL, 0, 64 * 16, 16, 0}, {"c", RDU_HW_NONE}}};
  Context array;
  array.program = RDU_HW_PROGRAM_SYSTOLIC;
  array.row = 1;
  array.column = 1;
  array.counters = {counter(pairs)};
  array.ports = {input(RDU_HW_VECTOR, 0, 1), input(RDU_HW_VECTOR, 1, 1),
                 output(RDU_HW_VECTOR, 0, 0)};
  array.systolic = {16, 6, RDU_HW_SYSTOLIC_BF16_PAIR, 0, 0, 1, 2, 0};
  array.label = {"matmul", 1};
  auto side = [&](std::uint32_t program_kind, std::uint32_t row, std::uint32_t column,
                  std::uint32_t buffer, std::uint32_t rows, std::uint32_t columns) {
    Context context;
    context.program = program_kind;
    context.row = row;
    context.column = column;
    context.counters = {counter(rows), counter(columns, kLanes)};
    const bool writes = program_kind == RDU_HW_PROGRAM_WRITE;
    context.ports = {writes ? input(RDU_HW_VECTOR, 0, 2) : output(RDU_HW_VECTOR, 0, 2)};
    context.steps = {{.terms = {counter_term(0, 64), counter_term(1, 4)}}};
    context.access = {buffer, 0, RDU_HW_FORMAT_WORD, RDU_HW_NONE, 0, 0, 0, 0};
    return context;
  };
  section.contexts = {side(RDU_HW_PROGRAM_READ, 0, 1, 0, pairs, 16),
                      side(RDU_HW_PROGRAM_READ, 1, 0, 1, pairs, 6), array,
                      side(RDU_HW_PROGRAM_WRITE, 1, 2, 2, 16, 6)};
  section.links = {wire(RDU_HW_VECTOR, {0, 0}, {2, 0}, 16), wire(RDU_HW_VECTOR, {1, 0}, {2, 1}, 16),
                   wire(RDU_HW_VECTOR, {2, 2}, {3, 0}, 16)};
  // a leaves by the north-west corner of its unit and makes two hops; the others share a corner.
  section.links[0].hops = {{0, 1, RDU_HW_SIDE_EAST, 0, RDU_HW_NONE},
                           {0, 2, RDU_HW_SIDE_SOUTH, 1, 0}};
  section.links[0].entry_column = 1;
  section.links[0].sinks[0].hop = 1;
  section.links[1].entry_row = 1;
  section.links[1].entry_column = 1;
  section.links[2].entry_row = 2;
  section.links[2].entry_column = 2;
  program.sections = {section};
  return program;
}

}  // namespace image_test
