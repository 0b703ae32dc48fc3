#include "app/cli/https.hpp"

#include "app/cli/answer.hpp"
#include "app/cli/curl.hpp"
#include "app/cli/proxy_answer.hpp"
#include "app/cli/tls_policy.hpp"
#include "app/cli/transfer_failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>

namespace elsec::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool is_header_text(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

body_reader reader_of(std::string_view body) {
  return [left = body](std::span<char> into) mutable -> outcome<std::size_t> {
    const auto count = left.copy(into.data(), into.size());
    left.remove_prefix(count);
    return count;
  };
}

// Sends one request and reads its answer. libcurl reads while it sends, so that a refusal in the middle of an upload is
// seen at once; a large body it announces first (Expect: 100-continue), so that one the node does not want is not sent
// at all. Every wait ends: libcurl bounds the way to the node, transfer() what comes after.
class call {
 public:
  call(const connection& with, const request& what)
      : with_(with),
        what_(what),
        left_bytes_(what.open_stream ? what.stream_size_bytes : what.body.size()),
        answer_(what) {}

  outcome<response> run();

 private:
  [[nodiscard]] outcome<void> prepare_header();
  [[nodiscard]] outcome<void> prepare();
  void set_way();
  void set_proxy();
  void set_callbacks();
  void set_body();
  template <class Value>
  void set(CURLoption option, Value value);

  [[nodiscard]] CURLcode transfer();
  [[nodiscard]] bool is_cut_after_the_question(CURLcode code) const;
  [[nodiscard]] CURLcode come_again();
  [[nodiscard]] milliseconds time_left() const;
  [[nodiscard]] long known(CURLINFO what) const;
  [[nodiscard]] transfer_end end_of(CURLcode code) const;

  template <class Step>
  bool guarded(Step&& step) noexcept;
  [[nodiscard]] outcome<std::size_t> give(std::span<char> into);
  static std::size_t on_line(char* text, std::size_t one, std::size_t count, void* self);
  static std::size_t on_body(char* text, std::size_t one, std::size_t count, void* self);
  static std::size_t on_read(char* into, std::size_t one, std::size_t count, void* self);
  static int on_proxy(CURL*, curl_infotype kind, char* text, std::size_t size, void* self);
  static int on_connected(void* self, char*, char*, int, int);
  static CURLcode on_tls(CURL* transfer, void* context, void* self);

  const connection& with_;
  const request& what_;
  std::uint64_t left_bytes_;  // of the body to send
  answer_reader answer_;
  body_reader read_;
  trusted_authorities authorities_;
  curl_list header_;
  std::array<char, CURL_ERROR_SIZE> words_{};
  curl_transfer transfer_ = new_curl_transfer();
  CURLcode set_ = CURLE_OK;  // the first option that was not taken
  bool connected_ = false;
  proxy_answer proxy_;
  tls_alerts proxy_alerts_, node_alerts_;
  steady_clock::time_point moved_ = steady_clock::now();  // when bytes flowed last
  // What ended the transfer from our side.
  bool enough_ = false;
  std::optional<failure> failed_;
  std::exception_ptr thrown_;
};

template <class Value>
void call::set(CURLoption option, Value value) {
  const auto taken = curl_easy_setopt(transfer_.get(), option, value);
  if (set_ == CURLE_OK) set_ = taken;
}

outcome<response> call::run() {
  if (auto ok = prepare_header(); !ok) return std::unexpected(std::move(ok.error()));
  if (auto ok = prepare(); !ok) return std::unexpected(std::move(ok.error()));
  auto code = transfer();
  if (is_cut_after_the_question(code)) code = come_again();
  if (thrown_) std::rethrow_exception(thrown_);
  if (failed_) return std::unexpected(std::move(*failed_));
  if (enough_ || (code == CURLE_OK && answer_.is_whole(node_alerts_.farewell))) return answer_.take();
  if (what_.until && steady_clock::now() >= *what_.until)
    return fail(exit_code::wait_timed_out, "The time to wait is over.");
  if (code == CURLE_OK) code = CURLE_PARTIAL_FILE;
  return std::unexpected(failure_of_transfer(with_, end_of(code)));
}

// Only what the program itself made can be in it, but a token or a target with a line feed would start a header of its
// own, so this is checked where it counts.
outcome<void> call::prepare_header() {
  const bool target_ok =
      what_.target.starts_with('/') && std::ranges::all_of(what_.target, [](char c) { return c > 0x20 && c < 0x7F; });
  auto fields = what_.headers;
  if (!with_.token.empty()) fields.emplace_back("Authorization", "Bearer " + with_.token);
  fields.emplace_back("Connection", "close");
  if (!target_ok || !std::ranges::all_of(fields, [](const auto& field) { return is_header_text(field.second); }))
    return fail(exit_code::usage, "A value holds characters that cannot be sent.", "Check token and arguments.");
  if (left_bytes_ < announced_size_min_bytes) fields.emplace_back("Expect", "");  // leaves it out
  for (const auto& [name, value] : fields)
    if (!append(header_, fmt::format("{}: {}", name, value).c_str()))
      return fail(exit_code::unreachable, "There is not enough memory for a request.");
  return {};
}

outcome<void> call::prepare() {
  auto authorities = load_authorities(with_.ca_file);
  if (!authorities) return std::unexpected(std::move(authorities.error()));
  authorities_ = std::move(*authorities);
  if (!transfer_) return fail(exit_code::unreachable, "libcurl cannot be started.");
  set_way();
  set_callbacks();
  set(CURLOPT_URL, with_.node.str().c_str());
  set(CURLOPT_REQUEST_TARGET, what_.target.c_str());
  set(CURLOPT_CUSTOMREQUEST, what_.method.c_str());
  set(CURLOPT_USERAGENT, "elsec/" ELSEC_VERSION);
  set(CURLOPT_HTTPHEADER, header_.get());
  set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));  // none of it to the proxy
  if (what_.method != "GET") set_body();
  if (set_ != CURLE_OK)
    return fail(exit_code::unreachable, "libcurl cannot do what is needed.", curl_easy_strerror(set_));
  return {};
}

// Where the request goes and how: what libcurl would do by itself is named too, where safety rests on it.
void call::set_way() {
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a name server that does not answer holds nobody up
  set(CURLOPT_ERRORBUFFER, words_.data());
  set(CURLOPT_PROTOCOLS_STR, "https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_timeout.count()));
  set_proxy();
  for (const auto option : {CURLOPT_SSL_VERIFYPEER, CURLOPT_PROXY_SSL_VERIFYPEER}) set(option, 1L);
  for (const auto option : {CURLOPT_SSL_VERIFYHOST, CURLOPT_PROXY_SSL_VERIFYHOST}) set(option, 2L);
  // The authorities come with the TLS policy, as do version and groups, and only from there.
  for (const auto option : {CURLOPT_CAINFO, CURLOPT_CAPATH, CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH})
    set(option, static_cast<const char*>(nullptr));
  set(CURLOPT_SSL_CTX_FUNCTION, &call::on_tls);
  set(CURLOPT_SSL_CTX_DATA, this);
}

void call::set_proxy() {
  // The variables of the environment were judged in choose_proxy(): no proxy here is none.
  set(CURLOPT_PROXY, with_.proxy ? with_.proxy->str().c_str() : "");
  set(CURLOPT_NOPROXY, "");
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (!with_.proxy) return;
  // Nothing else shows an answer to CONNECT as it came. Nothing of it is printed or kept.
  set(CURLOPT_DEBUGFUNCTION, &call::on_proxy);
  set(CURLOPT_DEBUGDATA, this);
  set(CURLOPT_VERBOSE, 1L);
  if (with_.proxy->user.empty()) return;
  set(CURLOPT_PROXYUSERNAME, with_.proxy->user.c_str());
  set(CURLOPT_PROXYPASSWORD, with_.proxy->password.c_str());
  // The strongest method that the proxy offers; Kerberos takes no password. To learn what it offers costs each request
  // one more way to the proxy and back than Basic would that is sent unasked. But this hop is mostly not encrypted, and
  // there a proxy that wants only a digest, and everyone who listens, would be told the password itself.
  set(CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC | CURLAUTH_DIGEST | CURLAUTH_NTLM));
}

void call::set_callbacks() {
  set(CURLOPT_HEADERFUNCTION, &call::on_line);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &call::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_READFUNCTION, &call::on_read);
  set(CURLOPT_READDATA, this);
  set(CURLOPT_PREREQFUNCTION, &call::on_connected);
  set(CURLOPT_PREREQDATA, this);
}

void call::set_body() {
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(left_bytes_));
  set(CURLOPT_UPLOAD_BUFFERSIZE, static_cast<long>(block_size_bytes));
}

CURLcode call::transfer() {
  const curl_loop loop(curl_multi_init());
  if (!loop || curl_multi_add_handle(loop.get(), transfer_.get()) != CURLM_OK) return CURLE_FAILED_INIT;
  auto code = CURLE_FAILED_INIT;
  for (int running = 1; curl_multi_perform(loop.get(), &running) == CURLM_OK;) {
    int more = 0;
    if (failed_ || thrown_) break;
    if (running == 0) {
      if (const auto* ended = curl_multi_info_read(loop.get(), &more)) code = ended->data.result;
      break;
    }
    const auto left = time_left();
    if (left <= milliseconds(0)) {
      code = CURLE_OPERATION_TIMEDOUT;
      break;
    }
    if (curl_multi_poll(loop.get(), nullptr, 0, static_cast<int>(left.count()), nullptr) != CURLM_OK) break;
  }
  curl_multi_remove_handle(loop.get(), transfer_.get());
  return code;
}

// A proxy that asked for credentials and then hung up, though it had not said that it would: older ones do, and here
// libcurl gives up.
bool call::is_cut_after_the_question(CURLcode code) const {
  const bool cut = code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR;
  return cut && !failed_ && !thrown_ && with_.proxy && !with_.proxy->user.empty() && proxy_.only_asked();
}

// With one method alone, which libcurl then uses at once. What Digest needs from the question it has kept.
CURLcode call::come_again() {
  const auto offered = static_cast<unsigned long>(known(CURLINFO_PROXYAUTH_AVAIL));
  for (const auto method : {CURLAUTH_BASIC, CURLAUTH_NTLM, CURLAUTH_DIGEST})
    if ((offered & method) != 0) set(CURLOPT_PROXYAUTH, static_cast<long>(method));
  if (set_ != CURLE_OK) return set_;
  proxy_ = {};
  proxy_alerts_ = {};
  words_.fill('\0');
  moved_ = steady_clock::now();
  return transfer();
}

milliseconds call::time_left() const {
  auto end = moved_ + (left_bytes_ == 0 && !answer_.has_head() ? answer_timeout : silence_max);
  if (what_.until) end = std::min(end, *what_.until);
  return std::chrono::ceil<milliseconds>(end - steady_clock::now());
}

long call::known(CURLINFO what) const {
  long value = 0;
  return curl_easy_getinfo(transfer_.get(), what, &value) == CURLE_OK ? value : 0;
}

transfer_end call::end_of(CURLcode code) const {
  curl_off_t name_found = 0;
  curl_easy_getinfo(transfer_.get(), CURLINFO_NAMELOOKUP_TIME_T, &name_found);
  const auto methods = static_cast<unsigned long>(known(CURLINFO_PROXYAUTH_AVAIL));
  return {.code = code,
          .words = words_[0] != '\0' ? words_.data() : curl_easy_strerror(code),
          .system_error = static_cast<int>(known(CURLINFO_OS_ERRNO)),
          .connect_status = proxy_.status(),
          .proxy_has_body = proxy_.has_body(),
          .proxy_takes_password = (methods & (CURLAUTH_BASIC | CURLAUTH_DIGEST | CURLAUTH_NTLM)) != 0,
          .node_verdict = node_alerts_.verdict,
          .proxy_verdict = proxy_alerts_.verdict,
          .name_found = name_found > 0,
          .node_spoke_tls = node_alerts_.spoke,
          .request_begun = connected_,
          .answer_begun = answer_.has_head(),
          .tls_objection = proxy_alerts_.objection || node_alerts_.objection};
}

// libcurl is C: what a stream or sink fails with or throws waits here until the transfer has ended.
template <class Step>
bool call::guarded(Step&& step) noexcept {
  try {
    moved_ = steady_clock::now();
    auto more = step();
    if (more && *more) return true;
    if (more)
      enough_ = true;
    else
      failed_ = std::move(more.error());
  } catch (...) {
    thrown_ = std::current_exception();
  }
  return false;
}

std::size_t call::on_line(char* text, std::size_t one, std::size_t count, void* self) {
  auto& me = *static_cast<call*>(self);
  const bool more = me.guarded([&] {
    long status = 0;
    curl_easy_getinfo(me.transfer_.get(), CURLINFO_RESPONSE_CODE, &status);
    return me.answer_.take_line({text, one * count}, static_cast<unsigned>(status));
  });
  return more ? one * count : CURL_WRITEFUNC_ERROR;
}

std::size_t call::on_body(char* text, std::size_t one, std::size_t count, void* self) {
  auto& me = *static_cast<call*>(self);
  return me.guarded([&] { return me.answer_.take_body({text, one * count}); }) ? one * count : CURL_WRITEFUNC_ERROR;
}

std::size_t call::on_read(char* into, std::size_t one, std::size_t count, void* self) {
  auto& me = *static_cast<call*>(self);
  std::size_t given = 0;
  const bool more = me.guarded([&]() -> outcome<bool> {
    const auto some = me.give({into, one * count});
    if (!some) return std::unexpected(some.error());
    given = *some;
    return true;
  });
  return more ? given : CURL_READFUNC_ABORT;
}

outcome<std::size_t> call::give(std::span<char> into) {
  if (answer_.has_head() || left_bytes_ == 0) return 0U;  // answered: the node wants no more
  if (!read_) {
    auto opened = what_.open_stream ? what_.open_stream() : outcome<body_reader>(reader_of(what_.body));
    if (!opened) return std::unexpected(std::move(opened.error()));
    read_ = std::move(*opened);
  }
  const auto wanted = std::min<std::uint64_t>(left_bytes_, into.size());
  const auto count = read_(into.first(static_cast<std::size_t>(wanted)));
  if (!count) return count;
  if (*count == 0) return fail(exit_code::local_file, "The file became shorter while it was sent.");
  left_bytes_ -= *count;
  return count;
}

// Everything that libcurl has to tell until TLS with the node stands; of it, what went to and fro in plain HTTP.
int call::on_proxy(CURL*, curl_infotype kind, char* text, std::size_t size, void* self) {
  auto& me = *static_cast<call*>(self);
  if (me.connected_ || me.failed_) return 0;
  if (kind == CURLINFO_HEADER_OUT) me.proxy_.begin();
  if (kind != CURLINFO_HEADER_IN) return 0;
  try {
    const auto taken = me.proxy_.take_line({text, size});
    if (!taken) me.failed_ = failure_of_transfer(me.with_, {.code = CURLE_WEIRD_SERVER_REPLY, .words = taken.error()});
  } catch (...) {
    me.thrown_ = std::current_exception();
  }
  return 0;
}

int call::on_connected(void* self, char*, char*, int, int) {
  auto& me = *static_cast<call*>(self);
  if (me.failed_ || me.thrown_) return CURL_PREREQFUNC_ABORT;
  me.connected_ = true;
  me.moved_ = steady_clock::now();
  return CURL_PREREQFUNC_OK;
}

// Called for every TLS connection: the one to an https proxy, then, through it, the one to the node.
CURLcode call::on_tls(CURL* transfer, void* context, void* self) {
  auto& me = *static_cast<call*>(self);
  long connect_status = 0;
  curl_easy_getinfo(transfer, CURLINFO_HTTP_CONNECTCODE, &connect_status);
  const bool to_proxy = me.with_.proxy && connect_status / 100 != 2;
  const auto& host = to_proxy ? me.with_.proxy->host : me.with_.node.host;
  auto* rules = static_cast<SSL_CTX*>(context);
  auto& heard = to_proxy ? me.proxy_alerts_ : me.node_alerts_;
  note_alerts(rules, heard);
  if (enforce_tls_policy(rules, me.authorities_.get(), host, heard)) return CURLE_OK;
  me.failed_ = fail(exit_code::unreachable, "TLS cannot be set up.").error();
  return CURLE_ABORTED_BY_CALLBACK;
}

}  // namespace

outcome<response> exchange(const connection& with, const request& what) {
  try {
    return call(with, what).run();
  } catch (const std::exception& broken) {
    return fail(exit_code::unreachable, "The connection cannot be used.", broken.what());
  }
}

}  // namespace elsec::cli
