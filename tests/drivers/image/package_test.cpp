// Packages there and back, and every rule about them: what breaks it, and the sentence.
#include "drivers/image/package.hpp"

#include <rdu_hw/package.h>

#include <cstring>
#include <functional>

#include "tests/drivers/image/mutation.hpp"
#include "tests/drivers/image/packages.hpp"
#include "tests/drivers/image/support.hpp"

using namespace image_test;
using namespace rdu_hw::image;

namespace {

struct FreePackage {
  void operator()(rdu_hw_package* package) const { rdu_hw_package_free(package); }
};
using OwnedPackage = std::unique_ptr<rdu_hw_package, FreePackage>;

std::pair<OwnedPackage, std::string> decode(const Bytes& bytes) {
  rdu_hw_package* package = nullptr;
  rdu_hw_image_error error = {};
  const auto code = rdu_hw_package_decode(bytes.data(), bytes.size(), &package, &error);
  return {OwnedPackage(package),
          code == RDU_HW_IMAGE_OK ? "0" : std::to_string(code) + " " + error.text};
}

std::string refused(const std::function<void(Package&)>& change) {
  Package package = sample_package();
  change(package);
  return decode(write_package(package)).second;
}

// A field of the header, or of the table, of bytes that are sealed again.
template <class Field>
std::string patched(std::size_t offset, Field value) {
  Bytes bytes = write_package(sample_package());
  std::memcpy(bytes.data() + offset, &value, sizeof value);
  seal_package(bytes);
  return decode(bytes).second;
}

}  // namespace

TEST_CASE("what is written is what is read, and the data is not copied") {
  const Package parts = sample_package();
  const Bytes bytes = write_package(parts);
  CHECK(bytes == write_package(parts));
  const auto [package, words] = decode(bytes);
  REQUIRE(words == "0");
  CHECK(package->image->num_arguments == parts.bindings.size());
  CHECK(std::memcmp(package->bindings, parts.bindings.data(),
                    parts.bindings.size() * sizeof(rdu_hw_binding)) == 0);
  CHECK(Bytes(static_cast<const std::uint8_t*>(package->image_bytes),
              static_cast<const std::uint8_t*>(package->image_bytes) + package->image_size) ==
        parts.image);
  const auto* data = static_cast<const std::uint8_t*>(package->data);
  CHECK(data >= bytes.data());
  CHECK(data + package->data_size == bytes.data() + bytes.size());
  CHECK((data - bytes.data()) % 64 == 0);
  CHECK(Bytes(data, data + package->data_size) == parts.data);
  CHECK(package->scratch_bytes[0] == parts.scratch_bytes[0]);
  CHECK(package->scratch_bytes[1] == 0);
  CHECK(package->estimated_cycles == 1234);
}

TEST_CASE("a package without bindings and data ends with its image") {
  Package parts;
  parts.image = write_image(Program());
  const Bytes bytes = write_package(parts);
  CHECK(bytes.size() == 96 + parts.image.size());
  CHECK(decode(bytes).second == "0");
}

TEST_CASE("data and scratch grow at their ends") {
  Package package;
  const Bytes bytes(70, 1);
  CHECK(add_data(package, bytes) == 0);
  CHECK(add_data(package, bytes) == 128);
  CHECK(package.data.size() == 198);
  CHECK(add_scratch(package, RDU_HW_TIER_HBM, 10, 64) == 0);
  CHECK(add_scratch(package, RDU_HW_TIER_HBM, 10, 64) == 64);
  CHECK(package.scratch_bytes[RDU_HW_TIER_HBM] == 74);
}

TEST_CASE("a container that is refused") {
  const Bytes good = write_package(sample_package());
  CHECK(decode(Bytes(good.begin(), good.begin() + 95)).second ==
        "2 package size: expected at least 96 bytes, got 95");
  CHECK(decode(Bytes(good.begin(), good.end() - 1)).second ==
        "2 package bytes: expected " + std::to_string(good.size() - 1) + ", got " +
            std::to_string(good.size()));
  Bytes bytes = good;
  bytes[0] = 'X';
  CHECK(decode(bytes).second == "2 package magic: expected RDU_CHIP, got other bytes");
  bytes = good;
  bytes[offsetof(rdu_hw_package_header, minor)] ^= 1;
  CHECK(decode(bytes).second.substr(0, 24) == "2 package hash: expected");
  CHECK(patched<std::uint16_t>(offsetof(rdu_hw_package_header, major), 2) ==
        "3 package major version: expected 1, got 2");
  CHECK(patched<std::uint64_t>(offsetof(rdu_hw_package_header, reserved), 7) ==
        "2 package reserved: expected 0, got 7");
  CHECK(patched<std::uint32_t>(offsetof(rdu_hw_package_header, num_bindings), 1u << 30)
            .substr(0, 38) == "2 package num_bindings: expected 0 to ");
  CHECK(patched<std::uint64_t>(offsetof(rdu_hw_package_header, image_offset), 8).substr(0, 33) ==
        "2 package image_offset: expected ");
  CHECK(patched<std::uint64_t>(offsetof(rdu_hw_package_header, image_bytes), ~std::uint64_t{0}) ==
        "2 package image_bytes: expected an image within the package, got 18446744073709551615");
  CHECK(patched<std::uint64_t>(offsetof(rdu_hw_package_header, data_offset), ~std::uint64_t{63})
            .substr(0, 32) == "2 package data_offset: expected ");
  CHECK(patched<std::uint64_t>(offsetof(rdu_hw_package_header, data_bytes), 1) ==
        "2 package data_bytes: expected the rest of the package, got 1");
}

TEST_CASE("the data is anything, and what lies before it is not") {
  Bytes bytes = write_package(sample_package());
  bytes.back() ^= 0xff;
  CHECK(decode(bytes).second == "0");
  rdu_hw_package_header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  REQUIRE(header.data_offset > header.image_offset + header.image_bytes);
  bytes[header.data_offset - 1] = 1;
  seal_package(bytes);
  CHECK(decode(bytes).second == "2 package padding: expected zeros, got 1");
  bytes = write_package(sample_package());
  bytes[header.image_offset + 50] ^= 1;
  seal_package(bytes);
  CHECK(decode(bytes).second != "0");
}

TEST_CASE("bindings that are refused whatever their argument") {
  CHECK(refused([](Package& p) { p.bindings.pop_back(); }) ==
        "5 package num_bindings: expected 6, got 5");
  CHECK(refused([](Package& p) { p.bindings[0].source = 6; }) ==
        "4 binding 0: source: expected 0 to 5, got 6");
  CHECK(refused([](Package& p) { p.bindings[0].reserved = 1; }) ==
        "4 binding 0: reserved: expected 0, got 1");
  CHECK(refused([](Package& p) { p.bindings[0].word = 1; }) ==
        "4 binding 0: word: expected 0, got 1");
}

TEST_CASE("values that are refused") {
  CHECK(refused([](Package& p) { p.bindings[kX].moves = 4; }) ==
        "4 binding 0: moves: expected 1 to 3, got 4");
  CHECK(refused([](Package& p) { p.bindings[kX].moves = RDU_HW_MOVE_OUT; }) ==
        "5 binding 0: moves: expected out exactly where the chip writes, got 2");
  CHECK(refused([](Package& p) { p.bindings[kY].moves = RDU_HW_MOVE_IN; }) ==
        "5 binding 1: moves: expected out exactly where the chip writes, got 1");
  CHECK(refused([](Package& p) { p.bindings[kY].moves = 3; }) == "0");
  CHECK(refused([](Package& p) { p.bindings[kCount].moves = 3; }) ==
        "5 binding 5: moves: expected one way for a scalar, got 3");
  CHECK(refused([](Package& p) { p.bindings[kX].conversion = 13; }) ==
        "4 binding 0: conversion: expected 0 to 12, got 13");
  CHECK(refused([](Package& p) { p.bindings[kX].value = RDU_HW_NONE; }) ==
        "4 binding 0: value: expected a number, got none");
  CHECK(refused([](Package& p) { p.bindings[kX].elements = 0; }) ==
        "5 binding 0: elements: expected 1 to 256, got 0");
  CHECK(refused([](Package& p) { p.bindings[kX].elements = 257; }) ==
        "5 binding 0: elements: expected 1 to 256, got 257");
  CHECK(refused([](Package& p) { p.bindings[kX].offset = ~std::uint64_t{0} - 100; }) ==
        "4 binding 0: offset: expected a place in 64 bits, got 18446744073709551515");
  CHECK(refused([](Package& p) { p.bindings[kCount].elements = 2; }) ==
        "5 binding 5: elements: expected 1 to 1, got 2");
  CHECK(refused([](Package& p) {
          p.bindings[kCount] = bind_value(3, RDU_HW_MOVE_OUT, 2, RDU_HW_CONVERT_F32_BF16);
        }) == "5 binding 5: conversion: expected one to a word, got 12");
}

TEST_CASE("constants, data, scratch and words that are refused") {
  CHECK(refused([](Package& p) {
          p.bindings[kX] = bind_constant(1, 256, RDU_HW_CONVERT_I64_I32);
        }) == "0");
  CHECK(refused([](Package& p) { p.bindings[kY] = bind_constant(1, 1024); }) ==
        "5 binding 1: source: expected one that the chip may write, got 1");
  CHECK(refused([](Package& p) {
          p.bindings[kX] = bind_constant(1, 1024);
          p.bindings[kX].moves = 0;
        }) == "4 binding 0: moves: expected 1, got 0");
  CHECK(refused([](Package& p) { p.bindings[kTable].offset = 32; }) ==
        "4 binding 2: offset: expected a multiple of 64, got 32");
  CHECK(refused([](Package& p) { p.bindings[kTable].offset = 64; }) ==
        "5 binding 2: offset: expected a range of the data, got 64");
  CHECK(refused([](Package& p) { p.bindings[kTable].elements = 1023; }) ==
        "5 binding 2: elements: expected 1024, got 1023");
  CHECK(refused([](Package& p) { p.bindings[kTable].value = 0; }) ==
        "4 binding 2: value: expected none, got 0");
  CHECK(refused([](Package& p) { p.bindings[kY] = bind_data(0, 1024); }) ==
        "5 binding 1: source: expected one that the chip may write, got 2");
  CHECK(refused([](Package& p) { p.bindings[kScale] = bind_data(0, 4); }) ==
        "5 binding 4: source: expected one for a scalar, got 2");
  CHECK(refused([](Package& p) { p.bindings[kMiddle].offset = 4; }) ==
        "5 binding 3: offset: expected a multiple of the argument's alignment, got 4");
  CHECK(refused([](Package& p) { p.scratch_bytes[0] -= 1; }) ==
        "5 binding 3: offset: expected a range of the tier's scratch, got 0");
  CHECK(refused([](Package& p) { p.bindings[kScale] = bind_scratch(0); }) ==
        "5 binding 4: source: expected one for a scalar, got 3");
  CHECK(refused([](Package& p) { p.bindings[kX] = bind_word(1); }) ==
        "5 binding 0: source: expected one for a region, got 4");
  CHECK(refused([](Package& p) { p.bindings[kCount] = bind_word(1); }) ==
        "5 binding 5: source: expected one that the chip may write, got 4");
  CHECK(refused([](Package& p) { p.bindings[kScale].offset = 1; }) ==
        "4 binding 4: offset: expected 0, got 1");
}

TEST_CASE("checks that are refused") {
  CHECK(refused([](Package& p) { p.bindings[kCount] = bind_check(3, 1, 7); }) == "0");
  CHECK(refused([](Package& p) { p.bindings[kCount] = bind_check(RDU_HW_NONE, 1, 7); }) == "0");
  CHECK(refused([](Package& p) { p.bindings[kCount] = bind_check(3, 1, 0); }) ==
        "4 binding 5: elements: expected an extent, got 0");
  CHECK(refused([](Package& p) { p.bindings[kY] = bind_check(3, 1, 7); }) ==
        "5 binding 1: source: expected one for what the chip does not write as a word, got 5");
  CHECK(refused([](Package& p) { p.bindings[kScale] = bind_check(3, 1, 7); }) ==
        "5 binding 4: source: expected one for what the chip does not write as a word, got 5");
  CHECK(refused([](Package& p) {
          p.bindings[kCount] = bind_check(3, 1, 7);
          p.bindings[kCount].moves = RDU_HW_MOVE_OUT;
        }) == "4 binding 5: moves: expected 0, got 2");
}

TEST_CASE("a package as text") {
  const auto [package, words] = decode(write_package(sample_package()));
  REQUIRE(words == "0");
  std::string text(rdu_hw_package_print(package.get(), nullptr, 0), '\0');
  rdu_hw_package_print(package.get(), text.data(), text.size() + 1);
  const std::string image = text_of(*package->image);
  REQUIRE(text.size() > image.size());
  CHECK(text.substr(text.size() - image.size()) == image);
  CHECK(text.substr(0, text.size() - image.size()) ==
        "package: image of " + std::to_string(package->image_size) +
            " bytes, data of 1024 bytes, scratch of 1024 bytes in dram and 0 in hbm, 1234 cycles "
            "estimated\n"
            "binding 0: 256 elements of value 7 from byte 16 as I64_I32, in\n"
            "binding 1: 1024 bytes of value 9, out\n"
            "binding 2: data from byte 0\n"
            "binding 3: scratch from byte 0\n"
            "binding 4: word 1065353216\n"
            "binding 5: 1 elements of value 11 as I64_I32, out\n");
}

TEST_CASE("damaged packages are refused or decoded, never followed") {
  const Bytes good = write_package(sample_package());
  std::size_t decoded = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Bytes bytes = mutated(good, seed);
    seal_package(bytes);
    decoded += decode(bytes).second == "0";
  }
  CHECK(decoded < 2000);
}

TEST_CASE("arguments that are NULL") {
  rdu_hw_package* package = nullptr;
  rdu_hw_image_error error = {};
  CHECK(rdu_hw_package_decode(nullptr, 1, &package, &error) == RDU_HW_IMAGE_ERR_ARGUMENT);
  CHECK(std::string(error.text) == "bytes is NULL");
  CHECK(rdu_hw_package_decode("", 0, nullptr, nullptr) == RDU_HW_IMAGE_ERR_ARGUMENT);
  CHECK(rdu_hw_package_print(nullptr, nullptr, 0) == 0);
  rdu_hw_package_free(nullptr);
}
