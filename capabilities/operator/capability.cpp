#include "capabilities/operator/capability.hpp"

#include "capabilities/operator/grant_capabilities.hpp"

namespace elsec::capabilities {
namespace {

// The process answers.
domain::result<shown> show_health(const facts&, const request&) { return shown{.body = R"({"status":"ok"})"}; }

// It can do its work.
domain::result<shown> show_readiness(const facts& given, const request&) {
  readiness state{.ready = given.with.ready != nullptr && given.with.ready->load(), .links = {}};
  for (const auto& [node, up] : given.with.links->all()) state.links.push_back({node, up ? "up" : "down"});
  return shown{.body = codec::to_json(state), .status = state.ready ? 200U : 503U};
}

domain::result<shown> show_metrics(const facts& given, const request&) {
  return shown{.body = given.with.metrics->text(), .media_type = "text/plain; version=0.0.4; charset=utf-8"};
}

route get_health() {
  return {.method = "GET",
          .path = "/health",
          .id = "get_health",
          .summary = "The process answers",
          .group = groups::operation,
          .show = &show_health};
}

route get_readiness() {
  return {.method = "GET",
          .path = "/ready",
          .id = "get_readiness",
          .summary = "The node can do its work",
          .group = groups::operation,
          .answer = body_type_of<readiness>,
          .show = &show_readiness};
}

route get_metrics() {
  return {.method = "GET",
          .path = "/metrics",
          .id = "get_metrics",
          .summary = "Counters, for Prometheus",
          .group = groups::operation,
          .need = access::operator_,
          .media_type = "text/plain",
          .show = &show_metrics};
}

}  // namespace

capability operator_capability() {
  return {.name = "operator",
          .routes = {get_health(), get_readiness(), get_metrics(), grant_capabilities::described()}};
}

}  // namespace elsec::capabilities
