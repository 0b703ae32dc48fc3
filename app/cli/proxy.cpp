#include "app/cli/proxy.hpp"

#include "app/cli/curl.hpp"

#include <initializer_list>
#include <netinet/in.h>

namespace elsec::cli {
namespace {

std::string first_set(const environment& env, std::initializer_list<const char*> names) {
  for (const auto* name : names)
    if (auto value = env(name)) return *value;
  return {};
}

std::optional<std::string> part_of(const curl_address& url, CURLUPart part, unsigned flags) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return std::nullopt;
  return std::string(curl_text(text).get());
}

// Whether `exempt` (the value of NO_PROXY) names the node. libcurl knows the rules, with suffixes, addresses and
// networks, but has no function for its verdict. So it gets ready for a request to the node and tells where it would
// connect to, port 1 or 2; there it ends, before a name is looked up or a socket is made.
bool is_exempt(const node_url& node, const std::string& exempt) {
  const auto trial = new_curl_transfer();
  curl_list detour;
  if (!trial || !append(detour, "::127.0.0.1:2")) return false;
  int port = 0;
  curl_easy_setopt(trial.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(trial.get(), CURLOPT_URL, node.str().c_str());
  curl_easy_setopt(trial.get(), CURLOPT_CONNECT_TO, detour.get());
  curl_easy_setopt(trial.get(), CURLOPT_PROXY, "http://127.0.0.1:1");
  curl_easy_setopt(trial.get(), CURLOPT_NOPROXY, exempt.c_str());
  curl_easy_setopt(trial.get(), CURLOPT_OPENSOCKETDATA, &port);
  curl_easy_setopt(
      trial.get(), CURLOPT_OPENSOCKETFUNCTION, +[](void* into, curlsocktype, curl_sockaddr* where) -> curl_socket_t {
        *static_cast<int*>(into) = ntohs(reinterpret_cast<const sockaddr_in&>(where->addr).sin_port);
        return CURL_SOCKET_BAD;
      });
  static_cast<void>(curl_easy_perform(trial.get()));
  return port == 2;
}

}  // namespace

std::string proxy_url::str() const {
  const auto name = host.find(':') == std::string::npos ? host : '[' + host + ']';
  return scheme + "://" + name + ':' + port;
}

outcome<proxy_url> parse_proxy_url(const std::string& text) {
  const auto wrong = [](std::string why) {
    return fail(exit_code::usage, "The proxy's address is not usable.", std::move(why));
  };
  constexpr auto* form = "Write it like http://proxy.example:3128 or http://USER:PASSWORD@proxy.example:3128.";
  const auto whole = text.find("://") == std::string::npos ? "http://" + text : text;
  const curl_address url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, whole.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    return wrong(form);
  const auto scheme = part_of(url, CURLUPART_SCHEME, 0);
  auto host = part_of(url, CURLUPART_HOST, 0);
  if (!scheme || !host) return wrong(form);
  if (*scheme != "http" && *scheme != "https") return wrong("Only http:// and https:// proxies are possible.");
  if (host->starts_with('[')) *host = host->substr(1, host->size() - 2);
  // A password with an escaped line feed, for one, cannot be decoded.
  const auto user = part_of(url, CURLUPART_USER, CURLU_URLDECODE);
  const auto password = part_of(url, CURLUPART_PASSWORD, CURLU_URLDECODE);
  const bool decoded = (user || !part_of(url, CURLUPART_USER, 0)) && (password || !part_of(url, CURLUPART_PASSWORD, 0));
  if (!decoded) return wrong("Its user or password holds characters that cannot be sent.");
  if (password && user.value_or("").empty()) return wrong("It has a password, but no user.");
  return proxy_url{*scheme, std::move(*host),
                   part_of(url, CURLUPART_PORT, 0).value_or(*scheme == "https" ? "443" : "1080"), user.value_or(""),
                   password.value_or("")};
}

outcome<std::optional<proxy_url>> choose_proxy(const std::string& option, const environment& env,
                                               const node_url& node) {
  const auto chosen =
      option.empty() ? first_set(env, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) : option;
  if (chosen.empty()) return std::nullopt;
  const auto exempt = first_set(env, {"no_proxy", "NO_PROXY"});
  if (!exempt.empty() && is_exempt(node, exempt)) return std::nullopt;
  auto proxy = parse_proxy_url(chosen);
  if (!proxy) return std::unexpected(std::move(proxy.error()));
  return std::move(*proxy);
}

}  // namespace elsec::cli
