// Requests between nodes. They carry no sequence; repeating one is harmless. What is asked and answered is the business
// of whoever registered the kind.

#include "actors/link.hpp"

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
  auto promise = self->make_response_promise<peer_answer>();
  enqueue({.what = what, .then = [promise](peer_answer answer) mutable { promise.deliver(std::move(answer)); }});
  return promise;
}

void link_state::enqueue(request what) {
  what.begun = time();
  const auto id = new_id();
  requests.emplace(id, std::move(what));
  queue.push_back(id);
  if (!connected) return fail_requests(error_code::timed_out, "the peer is away");
  send_requests();
}

// Fills the places under way, repeats what was not answered, and gives up what is too old.
void link_state::send_requests() {
  const auto now = time();
  std::size_t under_way = 0;
  std::vector<std::string> expired;
  for (auto& [id, one] : requests) {
    if (now - one.begun > link_request_deadline) expired.push_back(id);
    if (!one.under_way) continue;
    ++under_way;
    if (now - one.asked < link_request_repeat) continue;
    one.asked = now;
    transmit(one.what.kind.c_str(), 0, id, one.what.question);
  }
  while (!queue.empty() && under_way < link_requests_max) {
    const auto found = requests.find(queue.front());
    if (found != requests.end()) {
      const auto& what = found->second.what;
      if (transmit(what.kind.c_str(), 0, found->first, what.question) != transport::sent::queued) break;
      found->second.under_way = true;
      found->second.asked = now;
      ++under_way;
    }
    queue.pop_front();
  }
  for (const auto& id : expired) {
    requests.extract(id).mapped().then(domain::fail(error_code::timed_out, "the peer did not answer"));
  }
}

void link_state::fail_requests(error_code code, const std::string& why) {
  auto all = std::exchange(requests, {});
  queue.clear();
  for (auto& [id, one] : all) one.then(domain::fail(code, why));
}

void link_state::answer_request(const shared_envelope& arrived) {
  const auto& envelope = *arrived;
  const auto found = requests.find(envelope.header.id);
  if (found == requests.end()) return;  // answered before, or given up
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
