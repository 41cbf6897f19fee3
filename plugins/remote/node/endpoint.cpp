// Text of endpoints, taken apart and put together.
#include "plugins/remote/node/endpoint.hpp"

#include <unistd.h>

#include <sstream>

namespace rdu::remote::node {

namespace {

constexpr std::uint64_t kMaxFile = 64u << 10;

std::string host_of(const std::string& endpoint) {
  const std::string rest = endpoint.substr(std::min<std::size_t>(6, endpoint.size()));
  return rest.substr(0, rest.rfind(':'));
}

bool safe_in_option(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

}  // namespace

bool is_local(const std::string& endpoint) {
  if (endpoint.starts_with("ipc://")) return true;
  const std::string host = host_of(endpoint);
  return endpoint.starts_with("tcp://") &&
         (host.starts_with("127.") || host == "localhost" || host == "[::1]");
}

std::string plain_endpoint(std::string endpoint) {
  constexpr std::string_view kMapped = "[::ffff:";
  const std::size_t at = endpoint.find(kMapped);
  if (at == std::string::npos) return endpoint;
  endpoint.erase(endpoint.find(']', at), 1);
  return endpoint.erase(at, kMapped.size());
}

std::string connectable(const std::string& endpoint) {
  const std::string host = host_of(endpoint);
  if (!endpoint.starts_with("tcp://") || (host != "0.0.0.0" && host != "*" && host != "[::]"))
    return endpoint;
  char name[256] = {};
  const bool named = ::gethostname(name, sizeof name - 1) == 0;
  return concat("tcp://", named ? name : "127.0.0.1", endpoint.substr(endpoint.rfind(':')));
}

std::string percent_encode(const std::string& text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (safe_in_option(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 15];
  }
  return encoded;
}

Result<Descriptor> claim_ipc(const std::string& endpoint) {
  const std::string path = endpoint.substr(6);
  if (!path.starts_with("/")) {
    return fail(RDU_ERR_INVALID_ARGUMENT, endpoint,
                ": an absolute path is needed (names that begin with @ have no permissions)");
  }
  RDU_NODE_TRY(make_private_folder(path.substr(0, path.rfind('/'))));
  Result<Descriptor> lock = lock_file(path + ".lock");
  // ZeroMQ would take the path from whoever listens there; with the lock, nobody does.
  if (lock.ok()) ::unlink(path.c_str());
  return lock;
}

Status write_endpoints(const std::string& folder, const std::vector<std::string>& endpoints,
                       std::uint16_t http_port) {
  std::string text = std::to_string(http_port) + "\n";
  for (const std::string& endpoint : endpoints) text += endpoint + "\n";
  return replace_file(folder + "/endpoints", std::as_bytes(std::span(text)), Durability::kProcess);
}

LastEndpoints read_endpoints(const std::string& folder) {
  LastEndpoints last;
  const Result<Bytes> bytes = read_file(folder + "/endpoints", kMaxFile);
  if (!bytes.ok()) return last;
  std::istringstream text(std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()));
  text >> last.http_port;
  for (std::string line; text >> line;) last.endpoints.push_back(line);
  return last;
}

}  // namespace rdu::remote::node
