#pragma once
// The traffic with one peer. This node is its own peer, too: then nothing touches the wire.
//
//   outbox rows --(window)--> peer            rows go when the peer's cumulative acknowledgement is here
//   set aside ----------> outbox rows         what the peer does not understand yet, once its hello names the kind
//   peer --(in order)--> inbound rows + last sequence, one commit --> acknowledgement --> effects: what announces files
//                        is brought by a transfer, any other kind becomes the command its capability registered
//   requests: of the kinds capabilities registered, as many under way as the line carries, those who ask in turn,
//   repeated when an answer is overdue, until it is there or the peer is gone
//
// Nothing here is trusted to memory: after a start, or when the peer comes back, both sides say what they hold
// (`hello`) and go on from there. That also heals nodes that were put back to older copies of themselves, both of them
// and however often. The receiver names where it stands and some of what it applied before, each with its id; the
// sender goes on after the last of them that is in its own outbox, and so sends again what the receiver has forgotten
// or has had from another life of the sender. If that is not where the receiver stands, its outbox begins a new epoch,
// because its numbers have been given before. The receiver takes nothing until it has been heard so. What was applied
// already is known by its own id and changes nothing.

#include "actors/context.hpp"
#include "actors/pacing.hpp"
#include "domain/wire.hpp"

#include <deque>
#include <map>
#include <set>

namespace elsec::actors {

struct link_state {
  explicit link_state(link_actor::pointer own_self) : self(own_self) {}

  using clock = std::chrono::steady_clock;
  using answer_promise = caf::typed_response_promise<peer_answer>;

  void start();
  void set_connected(bool up);
  void receive(const shared_envelope& arrived);
  void pump();
  void tick();
  void tell_cards() { say_hello({.resend = false, .answer = !heard}); }
  answer_promise ask(const ask_peer& what);

  link_actor::pointer self;
  shared_context with;
  std::string peer;
  bool is_self = false;
  bool connected = false;   // our socket to the peer
  bool acquainted = false;  // the peer's hello has come since then

  // --- outbound (link_outbound.cpp)
  storage::outbox_mark mark;            // written after `sent` has moved on; on disk it may be behind, never ahead
  std::optional<wire::position> heard;  // of the peer; there it has all up to mark.acknowledged
  bool epoch_is_new = false;            // since this start: no other life of this node has counted in it
  std::deque<std::uint64_t> sent;
  std::uint64_t sent_up_to = 0;
  std::uint64_t arrived_up_to = 0;   // so far those who wait were told since the start
  clock::time_point sent_again{};    // when the peer last had us send again what it had acknowledged
  std::set<std::string> hopeless;    // ids of rows whose end nobody can be told any more
  std::set<std::string> unsendable;  // ids of rows whose object is damaged and, as far as possible, given up
  bool emptying = false;             // a row is on its way to hold nothing
  bool giving_up_damaged = false;    // the command of such a row is under way
  clock::time_point outbox_trimmed{};
  bool trimming = false;  // a batch is on its way to the disk
  clock::time_point last_progress{};
  clock::time_point last_hello{};

  // --- inbound (link_inbound.cpp)
  storage::peer_row received;               // what is on disk
  std::deque<transport::envelope> inbound;  // in order, not yet committed
  bool committing = false;
  bool ack_owed = false;
  bool agreed = false;  // the peer knows where we stand, and what it sends follows on it
  clock::time_point gap_told{};
  std::set<std::string> working;           // rows of transfers under way
  std::set<std::string> hearing;           // rows whose command is under way
  std::set<std::string> leaving;           // rows whose end is on its way to the disk
  std::set<domain::dispatch_id> arriving;  // dispatches of the transfers under way
  struct retry {
    clock::time_point at{};
    std::chrono::milliseconds wait{0};  // should the row not say: it could not be written
    std::uint32_t waited_for = 0;       // the row's attempts after which `at` has come, or is waited for
  };
  std::map<std::string, retry> retries;  // transfers that failed for a passing reason, by row
  bool fetching_cards = false;
  std::size_t card_pages = 0;  // since then

  // --- what the peer understands (link_kinds.cpp)
  std::map<std::string, std::vector<std::string>> understood;  // kinds with their fields, as on disk
  bool learning = false;                                       // another hello's words are on their way to the disk
  clock::time_point learned{};                                 // since the link is up
  bool sending_set_aside = false;
  std::set<std::string> giving_up;  // rows whose end is under way

  // --- what cannot be read any more (link_damaged.cpp)
  std::set<std::string> taking_out;  // rows on their way out

  // --- what comes to nothing at the other side (link_rejections.cpp)
  clock::time_point rejections_since{};
  std::size_t rejections = 0;  // told since then

  // --- requests (link_requests.cpp)
  struct request {
    ask_peer what;
    std::function<void(peer_answer)> then;
    caf::actor_id asker = 0;   // none: the link itself
    std::uint64_t number = 0;  // of its making
    clock::time_point begun{};
    clock::time_point first_asked{};
    clock::time_point asked{};
    unsigned times_asked = 0;
    bool under_way = false;
  };
  std::map<std::string, request> requests;  // by id
  std::uint64_t requests_made = 0;
  std::deque<std::string> queue;        // to be sent, those that are overdue once more
  std::map<std::string, pacing> paces;  // by kind
  clock::time_point answered_last{};

 private:
  struct hello_wish {
    bool resend;
    bool answer;
  };
  transport::sent transmit(const char* kind, std::uint64_t sequence, const std::string& id, domain::bytes body);
  void say_hello(hello_wish wish);
  [[nodiscard]] std::string new_id() const;

  [[nodiscard]] clock::time_point time() const { return self->clock().now(); }
  std::uint64_t lowest_held() const;
  [[nodiscard]] std::optional<bool> gave(const storage::snapshot& read, std::uint64_t sequence,
                                         const std::optional<std::string>& id) const;
  [[nodiscard]] std::uint64_t last_in_common(const storage::snapshot& read, const wire::hello& hello) const;
  void begin_epoch();
  void hear_received(const wire::hello& hello);
  [[nodiscard]] bool hear_held(const wire::hello& hello);
  [[nodiscard]] storage::peer_row standing_at(const std::string& epoch, std::uint64_t after) const;
  void go_on_in(const std::string& epoch, std::uint64_t after);
  void store_mark(storage::change_set changes = {});
  bool move_mark(std::uint64_t sequence);
  void trim_outbox();
  void write_trimmed(storage::change_set changes, bool more);
  void ask_for_ends(const std::map<std::string, shared_command>& of);
  [[nodiscard]] bool may_send_again();
  [[nodiscard]] std::size_t trim_rejected(const storage::snapshot& snapshot, storage::change_set& changes) const;
  [[nodiscard]] domain::result<domain::bytes> build(const storage::outbox_row& row) const;
  [[nodiscard]] bool send_row(std::uint64_t sequence, const storage::outbox_row& row);
  void put_nothing_for(std::uint64_t sequence, const storage::outbox_row& row, storage::change_set changes = {});
  void give_up_damaged(const storage::outbox_row& row);
  [[nodiscard]] domain::result<std::vector<storage::outbox_row>> not_yet_arrived_up_to(std::uint64_t sequence) const;
  void acknowledged(const std::string& epoch, std::uint64_t sequence, const std::optional<std::string>& id);
  void rewind();

  void hear_hello(const wire::hello& hello);
  void take_in_order(const transport::envelope& envelope);
  bool may_ask_again();
  void report_gap();
  void commit_inbound();
  void add_effect(storage::change_set& changes, const storage::snapshot& before, const transport::envelope& envelope);
  void acknowledge();
  void hear_inbound();
  void hear(const std::string& row, const storage::inbound_row& what, const wire_kind& kind);
  void hear_kind(const storage::snapshot& snapshot, const wire_kind& kind);
  void start_transfers();
  void start_transfers(const storage::snapshot& snapshot, const wire_kind& kind);
  bool is_put_off(const std::string& key, const storage::inbound_row& row);
  void run_transfer(const std::string& row, const storage::inbound_row& what);
  void transfer_ended(const std::string& row, const domain::dispatch_id& dispatch, const done& result);
  void fetch_cards(std::uint64_t newest);
  void ask_for_cards(std::uint64_t after);
  void take_cards(const shared_bytes& body, std::uint64_t after);

  void recall_kinds(const storage::snapshot& snapshot);
  void hear_kinds(const wire::hello& hello);
  void name_what_is_missing() const;
  [[nodiscard]] bool understands(const std::string& kind) const;
  void take_back(std::uint64_t sequence, const storage::outbox_row& row);
  void send_set_aside();
  void give_up_set_aside();
  void give_up(const std::string& key, const storage::outbox_row& row);
  void drop_set_aside(const std::string& key, const std::string& kind);
  void gave_up(const std::string& key, const std::string& kind, bool is_gone);

  // Whether the peer is told.
  bool put_rejected(storage::change_set& changes, const std::string& key, const storage::inbound_row& what,
                    const std::string& reason);
  void drop_inbound(const std::string& row, const storage::inbound_row& what, const std::string& reason);
  void hear_rejection(const std::string& row, const storage::inbound_row& what);
  [[nodiscard]] std::optional<storage::outbox_row> row_meant(const wire::rejection& said) const;
  bool refuse_for_nobody(const std::string& row);
  void end_inbound(const std::string& row);
  void leave_inbound(const std::string& row, storage::change_set changes, std::function<void(bool)> ended);

  template <class Record>
  [[nodiscard]] storage::change_set without_damaged(const storage::table<Record>& where, const std::string& key) const;
  void recall(const storage::snapshot& snapshot);
  void pass_over_damaged(std::uint64_t sequence);
  void receive_again(const std::string& key);
  [[nodiscard]] std::uint64_t proven_before(std::uint64_t sequence) const;
  void ask_again_from(const storage::peer_row& before);
  void drop_damaged_aside(const std::string& key);

  struct places_taken {
    std::map<std::string, std::size_t> of_kind;
    std::map<caf::actor_id, std::size_t> of_asker;
  };
  void enqueue(request what);
  void send_requests();
  void give_up_requests();
  void take_back_overdue();
  [[nodiscard]] places_taken count_under_way() const;
  [[nodiscard]] std::deque<std::string>::iterator next_in_queue(const places_taken& taken);
  void answer_request(const shared_envelope& arrived);
  void fail_requests(domain::error_code code, const std::string& why);
  void serve(const request_kind& kind, const transport::envelope& envelope);
};

link_actor::behavior_type link(link_actor::stateful_pointer<link_state> self, shared_context with, std::string peer);

}  // namespace elsec::actors
