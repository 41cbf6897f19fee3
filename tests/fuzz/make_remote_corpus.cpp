// Writes the seeds of the remote protocol's fuzzer: a header of each kind, and a whole message.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "plugins/remote/wire/prefix.hpp"
#include "tests/plugins/remote/wire/samples.hpp"

namespace {

bool write(const std::filesystem::path& path, const std::vector<std::byte>& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  return file.good();
}

std::vector<std::byte> whole_message(const std::vector<std::byte>& header) {
  rdu::remote::Prefix prefix{.version = 1, .type = rdu::remote::MessageType::kRun, .request = 3};
  prefix.num_frames = 1;
  prefix.payload_bytes = 4;
  const auto f0 = rdu::remote::encode_prefix(prefix, header);
  std::vector<std::byte> message(2 + f0.size() + header.size() + prefix.payload_bytes);
  message[0] = static_cast<std::byte>(f0.size());
  message[1] = static_cast<std::byte>(header.size() / 8);
  std::copy(f0.begin(), f0.end(), message.begin() + 2);
  std::copy(header.begin(), header.end(), message.begin() + 2 + f0.size());
  return message;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_remote_corpus FOLDER\n");
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  for (const auto& header : rdu::testing::sample_headers()) {
    if (!write(folder / header.name, header.bytes)) return 1;
    if (header.name == "run" && !write(folder / "message", whole_message(header.bytes))) return 1;
  }
  return 0;
}
