// The tenant's feed: as a stream, or as a list. The feed on disk is the stream's queue: a slow reader is cut off with a
// gap marker and goes on later from its last position, where it misses nothing.

#include "gateway/credential_watch.hpp"
#include "gateway/event_text.hpp"
#include "gateway/fields.hpp"
#include "gateway/streams/streams.hpp"

#include <limits>

namespace elsec::gateway {

namespace {

// What of the query a stream understands.
struct stream_parameters {
  std::optional<domain::bounded<0, std::numeric_limits<std::int64_t>::max()>> after{};
  std::optional<domain::bounded<1, capabilities::page_limit_max>> limit{};
};
BOOST_DESCRIBE_STRUCT(stream_parameters, (), (after, limit))

using clock = std::chrono::steady_clock;
using domain::error_code;

constexpr std::string_view stream_type = "text/event-stream";

// Everything a stream needs after its handler has returned.
struct event_stream {
  std::shared_ptr<const actors::queries> read;
  domain::organisation_id tenant;
  std::uint64_t position = 0;
  clock::time_point ends = clock::time_point::max();
  std::shared_ptr<wake_signal> wake;
  std::shared_ptr<void> feed_watch;
  std::optional<credential_watch> credential;
};

// The next events as text, and the position after them; empty when there are none.
domain::result<std::string> next_events(event_stream& feed) {
  const auto events = feed.read->events(feed.tenant, feed.position, event_batch);
  if (!events) return std::unexpected(events.error());
  std::string text;
  for (const auto& event : *events) {
    const auto position = parse_position(event.id);
    if (!position) return domain::fail(error_code::internal);
    if (*position > feed.position + 1) text += gap_text(feed.position + 1, *position - 1);
    text += event_text(event.id, event.type, codec::to_json(static_cast<const domain::event&>(event)));
    feed.position = *position;
  }
  return text;
}

// To a reader that did not keep up: what it does not get on this stream any more.
asio::awaitable<void> tell_lag(const event_stream& feed, body_writer& out) {
  const auto last = feed.read->last_event(feed.tenant);
  if (last && *last > feed.position) co_await out.write_last(lag_text(feed.position + 1, *last));
}

asio::awaitable<bool> send_events(std::shared_ptr<event_stream> feed, std::string first, body_writer& out) {
  out.wake_on_stop(feed->wake);
  // The first bytes tell the client at once that the stream is open.
  bool taken = co_await out.write(first + std::string(event_comment));
  auto next_comment = clock::now() + event_comment_interval;
  while (taken && !out.stopping() && !feed->credential->revoked() && clock::now() < feed->ends) {
    const auto text = next_events(*feed);
    if (!text) co_return false;
    if (!text->empty()) {
      taken = co_await out.write(*text);
      next_comment = clock::now() + event_comment_interval;
      continue;
    }
    const bool woken = co_await feed->wake->wait_until(std::min(next_comment, feed->ends));
    if (woken || clock::now() < next_comment) continue;
    taken = co_await out.write(event_comment);
    next_comment = clock::now() + event_comment_interval;
  }
  if (!taken) co_await tell_lag(*feed, out);
  co_return taken;
}

// A stream ends with its credential. It does not renew a session, so under a session it also ends after the time an
// unused session lives: coming back shows whether the session still does.
clock::time_point end_of(const domain::principal& who, const limits& bounds) {
  auto ends = clock::time_point::max();
  if (who.session_id) ends = clock::now() + bounds.session_idle;
  if (who.expires_at)
    ends = std::min<clock::time_point>(ends, clock::now() + std::chrono::duration_cast<clock::duration>(
                                                                *who.expires_at - std::chrono::system_clock::now()));
  return ends;
}

// Where a stream begins: after the position the client names (Last-Event-ID, else the query), else at the end of the
// feed.
domain::result<std::optional<std::uint64_t>> position_of(const call& request, const stream_parameters& query) {
  const auto field = request.field("Last-Event-ID");
  // Empty is what a client sends that has not seen any id (WHATWG HTML, server-sent events).
  if (!field || field->empty())
    return query.after ? std::optional(static_cast<std::uint64_t>(query.after->value())) : std::nullopt;
  const auto position = parse_position(*field);
  if (!position) return domain::fail_field(error_code::invalid, "/Last-Event-ID", "must be the id of an event");
  return position;
}

reply open_stream(const backend& api, const call& request, const stream_parameters& query) {
  if (query.limit) return domain::fail_field(error_code::invalid, "/limit", "belongs to the JSON form");
  const auto wanted = position_of(request, query);
  if (!wanted) return std::unexpected(wanted.error());
  const auto last = api.read->last_event(request.who->organisation_id);
  if (!last) return std::unexpected(last.error());
  const auto feed = std::make_shared<event_stream>();
  feed->read = api.read;
  feed->tenant = request.who->organisation_id;
  feed->position = std::min(wanted->value_or(*last), *last);
  feed->ends = end_of(*request.who, api.bounds);
  feed->wake = std::make_shared<wake_signal>(request.http.executor);
  const auto poke = feed->wake->remote(request.http.anchor.lock());
  feed->feed_watch = api.read->watch_feed(feed->tenant, poke);
  auto credential = credential_watch::begin(*api.read, request.who->credential, poke);
  if (!credential) return std::unexpected(std::move(credential.error()));
  feed->credential = std::move(*credential);
  // Where the stream stands goes first: a client that is cut off before any event comes back to there. A position the
  // feed has not reached was given by another life of this node: say so.
  const auto first = wanted->value_or(0) > *last ? gap_text(*last, *last) : position_text(feed->position);
  response result;
  result.content_type = stream_type;
  result.endless = true;
  result.producer = [feed, first](body_writer& out) { return send_events(feed, first, out); };
  return result;
}

}  // namespace

asio::awaitable<reply> list_events(const backend& api, call& request) {
  const auto query = codec::from_json_value<stream_parameters>(request.query);
  if (!query) co_return std::unexpected(query.error());
  const auto accept = request.field("Accept");
  const auto as_stream = quality_of(accept, stream_type);
  const auto as_list = quality_of(accept, "application/json");
  if (as_stream <= 0 && as_list <= 0)
    co_return domain::fail(error_code::not_acceptable, "Available: text/event-stream, application/json.");
  co_return as_list > as_stream ? view(api, request) : open_stream(api, request, *query);
}

}  // namespace elsec::gateway
