// Who may come in: CURVE keys, the allow-list, and the proof that the lock works before the door is opened.
#pragma once

#include <optional>
#include <string>

#include "plugins/remote/node/allow_list.hpp"
#include "plugins/remote/wire/keys.hpp"
#include "plugins/remote/wire/zap.hpp"

namespace rdu::remote::node {

// What a peer without keys calls everybody.
inline constexpr const char* kLocalUser = "local";

class Gate {
 public:
  // Without a key file there is no CURVE and nobody is asked.
  static Result<Gate> open(std::shared_ptr<Context> context, const std::string& key_file,
                           const std::string& allow_file);

  bool has_keys() const { return keys_.has_value(); }
  const std::string& public_key() const { return keys_->public_key; }
  std::optional<CurveServer> curve() const;

  // A socket to poll, and the answers to what waits there.
  const Socket& socket() const { return zap_; }
  Status serve();

  // Tries the lock from outside with a key that nobody knows, and with none. Anything but a refusal is an error.
  Status prove(const LinkOptions& options);

  // Reads the allow-list again. An error leaves the old one.
  Status reload();
  // By the User-Id of a message. Nothing: not, or no longer, on the list.
  std::optional<Client> client(const std::string& user) const;
  std::size_t num_clients() const { return allowed_.size(); }
  std::uint64_t num_refused() const { return num_refused_; }

 private:
  Status expect_refusal(const std::string& endpoint, const LinkOptions& options,
                        const std::optional<CurveClient>& curve, const char* who);

  std::shared_ptr<Context> context_;
  std::optional<KeyPair> keys_;
  std::string allow_file_;
  AllowList allowed_;
  ZapServer zap_;
  std::uint64_t num_refused_ = 0;
};

}  // namespace rdu::remote::node
