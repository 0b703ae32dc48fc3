#pragma once
// A dispatch between nodes: what travels to the recipient's, that it has arrived there, and what its node states about
// it.

#include "capabilities/route.hpp"
#include "domain/wire.hpp"

namespace elsec::capabilities {

// Our envelope about this dispatch reached the peer's disk.
struct envelope_arrived : command {
  explicit envelope_arrived(domain::wire::dispatch_reference what) : about(std::move(what)) {}

  domain::wire::dispatch_reference about;

  [[nodiscard]] subject whom() const override { return {about.organisation, about.document.str()}; }
  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

// This dispatch will not come to anything.
struct dispatch_lost : command {
  dispatch_lost(domain::wire::dispatch_reference what, std::string why)
      : about(std::move(what)), reason(std::move(why)) {}

  domain::wire::dispatch_reference about;
  std::string reason;  // what its sender is told

  [[nodiscard]] subject whom() const override { return {about.organisation, about.document.str()}; }
  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

// A peer's signed statement about a dispatch of ours.
struct peer_statement : command {
  peer_statement(const received_envelope& envelope, domain::wire::statement read)
      : peer(envelope.peer), row(envelope.row), what(envelope.what), said(std::move(read)) {}

  std::string peer;
  std::string row;  // in tables::inbound
  storage::inbound_row what;
  domain::wire::statement said;

  [[nodiscard]] subject whom() const override { return {said.organisation, said.document.str()}; }
  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

[[nodiscard]] wire_kind dispatch_kind();
[[nodiscard]] wire_kind statement_kind();

}  // namespace elsec::capabilities
