#include "app/cli/transfer_failure.hpp"

#include <fmt/format.h>
#include <openssl/x509_vfy.h>

#include <system_error>

namespace elsec::cli {
namespace {

constexpr auto* node_hint = "Check the address, and ask those who run the node whether it is up.";
constexpr auto* detour_hint =
    "\nWhere the way out of the house is a proxy, set HTTPS_PROXY=http://HOST:PORT, or give --proxy.";

failure made(std::string title, std::string detail, bool may_be_repeated) {
  failure what;
  what.code = exit_code::unreachable;
  what.title = std::move(title);
  what.detail = std::move(detail);
  what.connection_lost = may_be_repeated;
  return what;
}

// One ended transfer, told by who is at fault.
class story {
 public:
  story(const connection& with, const transfer_end& how) : with_(with), how_(how) {}

  [[nodiscard]] failure tell() const {
    if (with_.proxy && how_.connect_status != 0 && !has_tunnel()) return refused_by_proxy();
    if (is_proxys_own_answer()) return answered_by_proxy();
    switch (how_.code) {
      case CURLE_COULDNT_RESOLVE_HOST:
      case CURLE_COULDNT_RESOLVE_PROXY:
        return unknown_name("There is no such name, or no name server answers.");
      case CURLE_COULDNT_CONNECT:
        return not_connected(reason());
      case CURLE_OPERATION_TIMEDOUT:
        return timed_out();
      case CURLE_PEER_FAILED_VERIFICATION:
        return wrong_certificate();
      case CURLE_SSL_CONNECT_ERROR:
        if (verdict() != X509_V_OK) return wrong_certificate();  // all that libcurl says of it through an https proxy
        return how_.tls_objection || is_not_tls() ? no_tls() : closed();  // who hangs up has no objection
      case CURLE_UNSUPPORTED_PROTOCOL:
      case CURLE_WEIRD_SERVER_REPLY:
        return not_http();
      default:
        return is_not_http() ? not_http() : closed();
    }
  }

 private:
  [[nodiscard]] bool has_tunnel() const { return how_.connect_status / 100 == 2; }
  // A body that the proxy announced in its 2xx, where TLS of the node should have come.
  [[nodiscard]] bool is_proxys_own_answer() const {
    return with_.proxy && has_tunnel() && how_.proxy_has_body && !how_.node_spoke_tls;
  }
  // Who libcurl spoke with last.
  [[nodiscard]] bool at_proxy() const { return with_.proxy && !has_tunnel(); }
  [[nodiscard]] std::string who() const { return at_proxy() ? "The proxy " + with_.proxy->str() : with_.node.str(); }
  [[nodiscard]] std::string whom() const { return at_proxy() ? "the proxy " + with_.proxy->str() : with_.node.str(); }
  [[nodiscard]] std::string next_step() const {
    if (at_proxy())
      return fmt::format("Check the proxy's address (--proxy, HTTPS_PROXY), or reach the node without it: NO_PROXY={}.",
                         with_.node.host);
    return with_.proxy ? node_hint : std::string(node_hint) + detour_hint;
  }
  // A proxy may also say that it connects, and then send what it likes: nobody can tell whose it is.
  [[nodiscard]] std::string doubt() const {
    if (!with_.proxy || at_proxy() || how_.node_spoke_tls) return {};
    return fmt::format("\nWhat came may also be from {}: ask those who run it to allow CONNECT to {}.", proxy(),
                       node());
  }
  [[nodiscard]] std::string proxy() const { return "the proxy " + with_.proxy->str(); }
  [[nodiscard]] std::string node() const { return with_.node.host + ':' + with_.node.port; }
  [[nodiscard]] std::string reason() const {
    return how_.system_error != 0 ? std::generic_category().message(how_.system_error)
                                  : std::string(curl_easy_strerror(how_.code));
  }

  // libcurl has the same code for bytes that make no sense where a chunk should start, and for a line without end in
  // the answer to CONNECT, as for a lost connection; and for such a line of the node as for a lack of memory.
  [[nodiscard]] bool is_not_http() const {
    return how_.words.contains("chunked-encoding") || how_.words.contains("response too large") ||
           how_.code == CURLE_OUT_OF_MEMORY;
  }

  // OpenSSL answers no alert to bytes that are none of TLS.
  [[nodiscard]] bool is_not_tls() const { return how_.words.contains("wrong version number"); }

  [[nodiscard]] failure unknown_name(const std::string& why) const {
    const auto title = at_proxy() ? fmt::format("The name of the proxy, {}, cannot be resolved.", with_.proxy->host)
                                  : fmt::format("The name of the node, {}, cannot be resolved.", with_.node.host);
    return made(title, why + " Check how it is written and this computer's network." + (with_.proxy ? "" : detour_hint),
                true);
  }

  [[nodiscard]] failure not_connected(const std::string& why) const {
    return made(fmt::format("{} cannot be reached: {}.", who(), why), next_step(), true);
  }

  [[nodiscard]] failure timed_out() const {
    if (!how_.name_found) return unknown_name("No name server answered in time.");
    if (!how_.request_begun) return not_connected("it did not answer in time");
    return made(who() + " did not answer in time.", next_step(), true);
  }

  [[nodiscard]] failure closed() const {
    const auto* when = at_proxy()           ? "instead of answering to CONNECT"
                       : how_.answer_begun  ? "in the middle of its answer"
                       : how_.request_begun ? "before it answered"
                                            : "while it was being secured";
    return made(fmt::format("{} closed the connection {}.", who(), when), how_.words + '\n' + next_step() + doubt(),
                true);
  }

  [[nodiscard]] failure refused_by_proxy() const {
    if (how_.connect_status == 407) return credentials_missing();
    const bool tried = how_.connect_status >= 500;  // it would have, but could not: that may pass
    return made(
        fmt::format("The proxy {} did not connect to {}: status {}.", with_.proxy->str(), node(), how_.connect_status),
        tried ? node_hint : fmt::format("Ask those who run the proxy to allow CONNECT to {}.", node()), tried);
  }

  [[nodiscard]] failure credentials_missing() const {
    const auto* hint = !how_.proxy_takes_password
                           ? "It takes no user and password in a way that is known here (Digest, "
                             "NTLM, Basic): ask those who run it for another way."
                       : with_.proxy->user.empty() ? "Set HTTPS_PROXY with them, like http://USER:PASSWORD@HOST:PORT."
                                                   : "Those in its address were not accepted: check user and password.";
    return made(fmt::format("The proxy {} asks for credentials (status 407).", with_.proxy->str()), hint, false);
  }

  [[nodiscard]] failure answered_by_proxy() const {
    return made(
        fmt::format("The proxy {} did not connect to {}, but sent an answer of its own.", with_.proxy->str(), node()),
        fmt::format("Ask those who run the proxy to allow CONNECT to {}.", node()), false);
  }

  [[nodiscard]] long verdict() const { return at_proxy() ? how_.proxy_verdict : how_.node_verdict; }

  [[nodiscard]] failure wrong_certificate() const {
    const auto [what, hint] = about(verdict());
    const auto why = verdict() == X509_V_OK ? how_.words : std::string(X509_verify_cert_error_string(verdict()));
    return made(fmt::format("The certificate of {} {}.", whom(), what), fmt::format("It says: {}.\n{}", why, hint),
                false);
  }

  [[nodiscard]] std::pair<std::string, std::string> about(long why) const {
    switch (why) {
      case X509_V_ERR_CERT_HAS_EXPIRED:
        return {"has expired", "Tell those who run it, and check the clock of this computer."};
      case X509_V_ERR_CERT_NOT_YET_VALID:
        return {"is not valid yet", "Check the clock of this computer."};
      case X509_V_ERR_HOSTNAME_MISMATCH:
      case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return {"is for another name",
                "Check the address: it must be one that the certificate is made for." + inspection_hint()};
      case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
      case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      case X509_V_ERR_CERT_SIGNATURE_FAILURE:  // one of the same name
        return {"is from an unknown authority", authority_hint()};
      default:
        return {"is not accepted", "Tell those who run it."};
    }
  }

  [[nodiscard]] std::string authority_hint() const {
    return "One of your own organisation may need --ca FILE." + inspection_hint();
  }

  [[nodiscard]] std::string inspection_hint() const {
    if (!with_.proxy || at_proxy()) return {};
    return "\nA proxy that opens TLS to look inside shows a certificate of its own: have it exempt the node.";
  }

  [[nodiscard]] failure no_tls() const {
    return made(fmt::format("There is no secure connection to {}.", whom()),
                how_.words + "\nIt has to speak TLS 1.3; check the address and its port." + doubt(), false);
  }

  [[nodiscard]] failure not_http() const {
    if (at_proxy()) return made(who() + " does not answer like a proxy.", how_.words + '\n' + next_step(), false);
    auto what = made("The node's answer is not proper HTTP.", how_.words, false);
    what.code = exit_code::node_failed;
    return what;
  }

  const connection& with_;
  const transfer_end& how_;
};

}  // namespace

failure failure_of_transfer(const connection& with, const transfer_end& how) { return story(with, how).tell(); }

}  // namespace elsec::cli
