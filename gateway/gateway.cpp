#include "gateway/gateway.hpp"

#include "gateway/fields.hpp"
#include "gateway/server.hpp"
#include "gateway/tables.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <thread>

namespace elsec::gateway {
namespace {

constexpr std::size_t operator_token_min = 32;
// The operator's listener must answer while the public one is at its limits, and is used by few.
constexpr std::size_t operator_connections_max = 256;
constexpr std::size_t operator_requests_max = 64;

std::string sha256_of(std::string_view text) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size, EVP_sha256(), nullptr);
  digest.resize(size);
  return digest;
}

// Digests are compared, so that not even the token's length shows in the time it takes.
router::operator_check operator_check_of(const std::string& token) {
  return [expected = sha256_of(token)](std::string_view given) {
    return equal_in_constant_time(sha256_of(given), expected);
  };
}

application make_application(std::vector<route> table, const shared_backend& api, const std::string& operator_token) {
  const auto authenticate = [read = api->read](std::string_view token) { return read->authenticate(token); };
  const auto routes = std::make_shared<const router>(std::move(table), api->bounds.json_body_bytes_max, authenticate,
                                                     operator_check_of(operator_token));
  return [routes](exchange& http) { return (*routes)(http); };
}

listener_options listener_of(const listen_address& where, const gateway_options& options, const shared_backend& api) {
  listener_options listener;
  listener.host = where.host;
  listener.port = where.port;
  listener.bounds = options.bounds;
  listener.responded = [read = api->read](unsigned status) { read->count_response(status); };
  listener.refused = [read = api->read](std::string_view reason) { read->count_refusal(reason); };
  return listener;
}

}  // namespace

std::string api_description(const node_profile& node) { return description(node); }

gateway::gateway() = default;
gateway::~gateway() { stop(); }

domain::result<std::unique_ptr<gateway>> gateway::start(gateway_options options, decisions::shared_services with,
                                                        caf::actor_system& system, actors::node_actor node) {
  if (options.operator_token.size() < operator_token_min)
    return domain::fail(domain::error_code::invalid, "the operator's token is too short");
  auto proxies = trusted_proxies::from(options.trusted_proxies);
  if (!proxies) return std::unexpected(std::move(proxies.error()));
  raise_descriptor_limit();
  auto identity = tls_identity::load(options.tls);
  if (!identity) return std::unexpected(std::move(identity.error()));
  const auto api = std::make_shared<const backend>(
      backend{with, std::make_shared<const actors::queries>(with), &system, std::move(node), options.bounds});
  std::unique_ptr<gateway> made(new gateway);
  made->identity_ = *identity;

  auto operators = listener_of(options.operator_api, options, api);
  operators.bounds.connections_max = operator_connections_max;
  operators.bounds.connections_per_address_max = operator_connections_max;
  operators.bounds.requests_in_flight_max = operator_requests_max;
  auto for_operator = server::start(std::move(operators), *identity,
                                    make_application(operator_table(api), api, options.operator_token));
  if (!for_operator) return std::unexpected(std::move(for_operator.error()));
  made->operator_ = std::move(*for_operator);

  auto everyone = listener_of(options.https, options, api);
  everyone.proxies = std::move(*proxies);
  everyone.threads = options.threads != 0 ? options.threads : std::max(std::thread::hardware_concurrency(), 1U);
  auto for_everyone = server::start(std::move(everyone), *identity,
                                    make_application(public_table(api, options.node), api, options.operator_token));
  if (!for_everyone) return std::unexpected(std::move(for_everyone.error()));
  made->public_ = std::move(*for_everyone);
  return made;
}

std::uint16_t gateway::https_port() const noexcept { return public_->port(); }
std::uint16_t gateway::operator_port() const noexcept { return operator_->port(); }

void gateway::reload_certificates() { identity_->reload(); }

void gateway::stop() {
  if (public_ != nullptr) public_->stop();
  if (operator_ != nullptr) operator_->stop();
}

}  // namespace elsec::gateway
