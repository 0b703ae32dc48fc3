// Requests between nodes. They carry no sequence; repeating one is harmless, but not for a slow line: an answer that
// has not left yet is not sent twice (`transport/outbox.hpp`). What is asked and answered is the business of whoever
// registered the kind.

#include "actors/link.hpp"

#include <algorithm>
#include <limits>

namespace elsec::actors {

using domain::error_code;

namespace {

error_code code_of(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(error_code::internal); ++i)
    if (domain::name_of(static_cast<error_code>(i)) == name) return static_cast<error_code>(i);
  return error_code::internal;
}

}  // namespace

link_state::answer_promise link_state::ask(const ask_peer& what) {
  const auto* sender = self->current_sender().get();
  const auto asker = sender != nullptr ? sender->id() : caf::actor_id{0};  // the promise takes the sender away
  auto promise = self->make_response_promise<peer_answer>();
  enqueue({.what = what,
           .then = [promise](peer_answer answer) mutable { promise.deliver(std::move(answer)); },
           .asker = asker});
  return promise;
}

void link_state::enqueue(request what) {
  what.begun = time();
  what.number = ++requests_made;
  const auto id = new_id();
  requests.emplace(id, std::move(what));
  queue.push_back(id);
  if (!connected) return fail_requests(error_code::timed_out, "the peer is away");
  send_requests();
}

// Gives up what is too old, takes back what is overdue, and fills the places.
void link_state::send_requests() {
  give_up_requests();
  take_back_overdue();
  std::erase_if(queue, [this](const std::string& id) { return !requests.contains(id); });
  auto taken = count_under_way();
  for (auto next = next_in_queue(taken); next != queue.end(); next = next_in_queue(taken)) {
    auto& one = requests.at(*next);
    if (transmit(one.what.kind.c_str(), 0, *next, one.what.question) != transport::sent::queued) return;
    one.asked = time();
    if (one.times_asked++ == 0) one.first_asked = one.asked;
    one.under_way = true;
    ++taken.of_kind[one.what.kind];
    ++taken.of_asker[one.asker];
    queue.erase(next);
  }
}

// Measured from the last answer, whosever it was: on a slow line many wait long, and none of them in vain.
void link_state::give_up_requests() {
  const auto now = time();
  std::vector<std::string> expired;
  for (const auto& [id, one] : requests) {
    const bool is_silent = now - std::max(one.begun, answered_last) > link_request_deadline;
    const bool is_hopeless = one.times_asked >= link_asked_max && now - one.first_asked > link_request_deadline;
    if (is_silent || is_hopeless) expired.push_back(id);
  }
  for (const auto& id : expired)
    requests.extract(id).mapped().then(domain::fail(error_code::timed_out, "the peer did not answer"));
}

// They wait for a place as the others do, behind them: what did not get through is not poured out once more all at
// once, and one that is never answered leaves the last place to others in between.
void link_state::take_back_overdue() {
  const auto now = time();
  std::set<std::string> kinds;
  std::vector<std::string> overdue;
  for (auto& [id, one] : requests) {
    if (!one.under_way || now - one.asked < paces[one.what.kind].repeat_after()) continue;
    one.under_way = false;
    kinds.insert(one.what.kind);
    overdue.push_back(id);
  }
  std::ranges::sort(overdue, {}, [this](const std::string& id) { return requests.at(id).number; });
  queue.insert(queue.end(), overdue.begin(), overdue.end());
  for (const auto& kind : kinds) paces[kind].timed_out();
}

link_state::places_taken link_state::count_under_way() const {
  places_taken taken;
  for (const auto& [id, one] : requests) {
    if (!one.under_way) continue;
    ++taken.of_kind[one.what.kind];
    ++taken.of_asker[one.asker];
  }
  return taken;
}

// Of a kind that has a place, the oldest of whoever has the fewest under way: a large document holds up no small one.
std::deque<std::string>::iterator link_state::next_in_queue(const places_taken& taken) {
  const auto count = [](const auto& of, const auto& key) {
    const auto found = of.find(key);
    return found == of.end() ? std::size_t{0} : found->second;
  };
  auto best = queue.end();
  auto fewest = std::numeric_limits<std::size_t>::max();
  for (auto at = queue.begin(); at != queue.end(); ++at) {
    const auto& one = requests.at(*at);
    if (count(taken.of_kind, one.what.kind) >= paces[one.what.kind].places()) continue;
    const auto under_way = count(taken.of_asker, one.asker);
    if (under_way >= fewest) continue;
    best = at;
    fewest = under_way;
  }
  return best;
}

// The next connection may take another way.
void link_state::fail_requests(error_code code, const std::string& why) {
  auto all = std::exchange(requests, {});
  queue.clear();
  paces.clear();
  for (auto& [id, one] : all) one.then(domain::fail(code, why));
}

void link_state::answer_request(const shared_envelope& arrived) {
  const auto& envelope = *arrived;
  const auto found = requests.find(envelope.header.id);
  if (found == requests.end()) return;  // answered before, or given up
  const auto& kind = found->second.what.kind;
  auto& pace = paces[kind];
  const bool all_in_use = count_under_way().of_kind[kind] >= pace.places();
  answered_last = time();
  pace.answered(found->second.times_asked == 1 ? std::optional(answered_last - found->second.asked) : std::nullopt,
                all_in_use);
  auto one = std::move(found->second);
  requests.erase(found);
  if (envelope.header.kind == wire::kind_answer) {
    one.then(shared_bytes(arrived, &envelope.body));
  } else {
    const auto refusal = codec::from_cbor<wire::refusal>(envelope.body);
    one.then(domain::fail(refusal ? code_of(refusal->code) : error_code::internal, "the peer refused"));
  }
  send_requests();
}

void link_state::serve(const request_kind& kind, const transport::envelope& envelope) {
  auto answer = kind.answer(*with->with, peer, envelope.body);
  if (answer) {
    transmit(wire::kind_answer, 0, envelope.header.id, std::move(*answer));
    return;
  }
  const wire::refusal refusal{std::string(domain::name_of(answer.error().code))};
  transmit(wire::kind_refusal, 0, envelope.header.id, codec::to_cbor(refusal));
}

}  // namespace elsec::actors
