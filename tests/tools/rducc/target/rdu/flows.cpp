// Kernels in a few lines each.
#include "tests/tools/rducc/target/rdu/flows.hpp"

#include <utility>

namespace rdu_test {

using namespace rducc::rdu;

Affine linear(const Chain& chain, std::size_t first, std::int64_t bytes) {
  Affine sum;
  for (std::size_t i = chain.size(); i-- > first;) {
    sum = at(static_cast<std::uint32_t>(i), bytes) + sum;
    bytes *= chain[i].extent;
  }
  return sum;
}

void add_sum_of_squares(Flow& flow, std::uint32_t count, std::uint32_t width) {
  const Region x = flow.region("x", 4 * std::uint64_t{count}, RDU_HW_ACCESS_READ);
  const Scalar sum = flow.result("sum");
  Section& section = flow.section("sum of squares");
  const Chain chain = {lanes(count, width)};
  const Memory load = section.load("load", chain, x, linear(chain));
  Simd squares = section.simd("squares", chain);
  const Value word = squares.input(load.data());
  const Value square = squares.compute(RDU_HW_OP_MUL_I32, word, word);
  const Value total = squares.reduce(RDU_HW_FOLD_ADD_I32, 0, square);
  section.result("sum", {}, sum, squares.scalar(total, 0));
}

void add_buffered_map(Flow& flow, std::uint32_t tiles, std::uint32_t words, std::uint32_t width) {
  const std::uint64_t bytes = 4 * std::uint64_t{tiles} * words;
  const Region in = flow.region("in", bytes, RDU_HW_ACCESS_READ);
  const Region out = flow.region("out", bytes, RDU_HW_ACCESS_WRITE);
  Section& section = flow.section("map");
  const Chain chain = {loop(tiles), lanes(words, width)};
  const Memory load = section.load("load", chain, in, linear(chain));
  const BufferHandle tile = section.buffer("tile", 4 * std::uint64_t{words}, {.copies = 2});
  const Memory write = section.write("fill", chain, tile, load.data(), linear(chain, 1));
  const Memory read = section.read("use", chain, tile, linear(chain, 1));
  section.metapipe(tile, {write, 1}, {read, 1});
  Simd map = section.simd("map", chain);
  const Value x = map.input(read.data());
  const Value y = map.compute(RDU_HW_OP_MAD_I32, x, Simd::integer(3), Simd::integer(1));
  section.store("store", chain, out, map.vector(y), linear(chain));
}

void add_gemm(Flow& flow, std::uint32_t rows, std::uint32_t inner, std::uint32_t columns,
              std::uint32_t width) {
  const auto bytes = [](std::uint64_t a, std::uint64_t b) { return 4 * a * b; };
  const Region a = flow.region("a", bytes(rows, inner), RDU_HW_ACCESS_READ);
  const Region b = flow.region("b transposed", bytes(columns, inner), RDU_HW_ACCESS_READ);
  const Region c = flow.region("c", bytes(rows, columns), RDU_HW_ACCESS_WRITE);
  Section& section = flow.section("gemm");

  const Chain all_b = {loop(columns), lanes(inner, width)};
  const Memory load_b = section.load("load b", all_b, b, linear(all_b));
  const BufferHandle tile_b = section.buffer("b", bytes(columns, inner));
  const Memory write_b = section.write("fill b", all_b, tile_b, load_b.data(), linear(all_b));

  const Chain row_a = {loop(rows), lanes(inner, width)};
  const Memory load_a = section.load("load a", row_a, a, linear(row_a));
  const BufferHandle tile_a = section.buffer("row of a", bytes(1, inner), {.copies = 2});
  const Memory write_a = section.write("fill a", row_a, tile_a, load_a.data(), linear(row_a, 1));

  const Chain dots = {loop(rows), loop(columns), lanes(inner, width)};
  const Memory read_a = section.read("use a", dots, tile_a, at(2, 4));
  const Memory read_b = section.read("use b", dots, tile_b, at(1, 4 * inner) + at(2, 4));
  section.metapipe(tile_b, {write_b, 0}, {read_b, 0});
  section.metapipe(tile_a, {write_a, 1}, {read_a, 1});

  Simd dot = section.simd("dot", dots);
  const Value x = dot.input(read_a.data());
  const Value y = dot.input(read_b.data());
  const Value sum = dot.reduce(RDU_HW_FOLD_ADD_I32, 2, dot.compute(RDU_HW_OP_MUL_I32, x, y));
  const Chain words = {loop(rows), loop(columns)};
  section.store("store c", words, c, dot.scalar(sum, 2), linear(words));
}

void add_outer_product(Flow& flow, std::uint32_t rows, std::uint32_t columns, std::uint32_t width) {
  const Region a = flow.region("a", 4 * std::uint64_t{rows}, RDU_HW_ACCESS_READ);
  const Region b = flow.region("b", 4 * std::uint64_t{columns}, RDU_HW_ACCESS_READ);
  const Region c = flow.region("c", 4 * std::uint64_t{rows} * columns, RDU_HW_ACCESS_WRITE);
  Section& section = flow.section("outer product");
  const auto tile = [&](const char* name, Region region, std::uint32_t words) {
    const Chain chain = {lanes(words, width)};
    const Memory load = section.load(name, chain, region, at(0, 4));
    const BufferHandle buffer = section.buffer(name, 4 * std::uint64_t{words});
    return std::pair(buffer, section.write(name, chain, buffer, load.data(), at(0, 4)));
  };
  const auto [tile_a, write_a] = tile("a", a, rows);
  const auto [tile_b, write_b] = tile("b", b, columns);
  const Chain chain = {loop(rows), lanes(columns, width)};
  const Memory read_a =
      section.read("word of a", {loop(rows)}, tile_a, at(0, 4), {.kind = RDU_HW_SCALAR});
  const Memory read_b = section.read("row of b", chain, tile_b, at(1, 4));
  section.metapipe(tile_a, {write_a, 0}, {read_a, 0});
  section.metapipe(tile_b, {write_b, 0}, {read_b, 0});
  Simd product = section.simd("product", chain);
  const Value x = product.input(read_a.data(), 1);
  const Value y = product.input(read_b.data());
  const Value z = product.compute(RDU_HW_OP_MUL_I32, x, y);
  section.store("c", chain, c, product.vector(z), linear(chain));
}

void add_fabric(Flow& flow, std::uint32_t width, std::uint32_t depth, std::uint32_t chip_lanes) {
  constexpr std::uint32_t kTiles = 4, kWords = 64;
  Section& section = flow.section("fabric");
  const Chain chain = {loop(kTiles), lanes(kWords, chip_lanes)};
  const auto region = [&](const char* name, std::uint32_t access) {
    return flow.region(name, 4 * kTiles * kWords, access);
  };
  std::vector<Stream> row;
  for (std::uint32_t i = 0; i < width; ++i) {
    const Region in = region("in", RDU_HW_ACCESS_READ);
    row.push_back(section.load("load", chain, in, linear(chain)).data());
  }
  for (std::uint32_t step = 0; step < depth; ++step) {
    std::vector<Stream> tiles;
    for (const Stream& stream : row) {
      const BufferHandle tile = section.buffer("tile", 4 * kWords, {.copies = 2});
      const Memory write = section.write("fill", chain, tile, stream, linear(chain, 1));
      const Memory read = section.read("use", chain, tile, linear(chain, 1));
      section.metapipe(tile, {write, 1}, {read, 1});
      tiles.push_back(read.data());
    }
    for (std::uint32_t i = 0; i < width; ++i) {
      Simd sum = section.simd("sum", chain);
      const Value x = sum.input(tiles[i]);
      const Value y = sum.input(tiles[(i + 1) % width]);
      row[i] = sum.vector(sum.compute(RDU_HW_OP_ADD_I32, x, y));
    }
  }
  for (const Stream& stream : row) {
    const Region out = region("out", RDU_HW_ACCESS_WRITE);
    section.store("store", chain, out, stream, linear(chain));
  }
}

}  // namespace rdu_test
