#include "tests/simulation/office.hpp"

#include "codec/json.hpp"

#include <boost/json.hpp>

namespace elsec::simulation {
namespace {

// What a party asks about one of its documents.
capabilities::request request_about(const party& who, const domain::document_id& document, std::string body = {}) {
  return {.who = who.who, .parts = {{"id", document.str()}}, .body = std::move(body)};
}

constexpr std::size_t file_bytes_most = 200'000;
constexpr std::size_t block_bytes = 70'000;
constexpr auto repeat_after = 300ms;
constexpr auto look_after = 250ms;

std::string some_file(chance& dice) {
  const std::size_t most = dice.happens(0.3) ? file_bytes_most : 2'000;
  std::string bytes = "%PDF-1.7\n";
  bytes.resize(bytes.size() + 1 + dice.below(most));
  for (std::size_t i = 9; i < bytes.size(); ++i) bytes[i] = static_cast<char>('a' + dice.below(26));
  return bytes;
}

template <class Field>
Field field(const std::string& text) {
  return Field::parse(text).value();
}

}  // namespace

void office::open(unsigned jobs) {
  jobs_left_ = jobs;
  is_open_ = true;
  world_.after(world_.dice.between(0ms, 500ms), [this] { next_job(); });
}

void office::send_to(const party& recipient) {
  errands_.push_back(&recipient);
  if (jobs_left_++ == 0) next_job();
}

void office::next_job() {
  if (jobs_left_ == 0) return;
  if (!errands_.empty()) {
    const auto* recipient = errands_.front();
    errands_.pop_front();
    return begin_job(recipient, 1);
  }
  const auto count = world_.dice.happens(0.2) ? 1 + world_.dice.below(3) : 1;
  const auto& other = promised_.parties[world_.dice.below(promised_.parties.size())];
  begin_job(world_.dice.happens(0.15) ? nullptr : &other, count);
}

void office::begin_job(const party* recipient, std::size_t files) {
  job_ = std::make_shared<job>();
  for (std::size_t i = 0; i < files; ++i) job_->files.push_back(some_file(world_.dice));
  auto promise = std::make_unique<dispatch_promise>();
  promise->client_ref = who_.name + "-" + std::to_string(++jobs_begun_);
  promise->sender = &who_;
  promise->recipient = recipient;
  promise->files = job_->files;
  job_->promise = promise.get();
  promised_.dispatches.push_back(std::move(promise));
  go_on();
}

void office::go_on() {
  if (job_->ids.size() < job_->files.size())
    return insist([this](const settled& then) { upload(job_->files[job_->ids.size()], then); });
  if (!job_->promise->id) return insist([this](const settled& then) { dispatch(then); });
  --jobs_left_;
  if (!is_open_) return next_job();
  if (world_.dice.happens(0.3)) read_something();
  if (world_.dice.happens(0.1)) change_delivery();
  world_.after(world_.dice.between(0ms, 2'000ms), [this, begun = start_] {
    if (begun == start_) next_job();
  });
}

// Asks until it was answered with a success by a node that lived on.
void office::insist(question ask) {
  const auto begun = start_;
  const auto again = [this, ask, begun] {
    if (begun == start_) insist(ask);
  };
  if (!home_.runs()) return world_.after(repeat_after, again);
  const auto open = std::make_shared<bool>(true);
  ask([this, open, again, begun](bool answered) {
    if (!std::exchange(*open, false) || begun != start_) return;
    answered ? go_on() : world_.after(repeat_after, again);
  });
  // The node may die with the answer.
  const auto look = std::make_shared<std::function<void()>>();
  *look = [this, open, again, look, life = home_.life()] {
    if (!*open) return;
    if (home_.runs() && home_.life() == life) return world_.after(look_after, *look);
    *open = false;
    again();
  };
  world_.after(look_after, *look);
}

void office::upload(const std::string& bytes, const settled& then) {
  actors::begin_upload command{.who = who_.who,
                               .filename = field<domain::file_name>("befund.pdf"),
                               .media_type = field<domain::media_type>("application/pdf"),
                               .size = bytes.size(),
                               .sha256 = {},
                               .repeat = {}};
  home_.ask<actors::upload_started>(home_.front(), std::move(command),
                                    [this, bytes, then](const actors::upload_started& started) {
                                      if (!started) return then(false);
                                      send_block(*started, bytes, 0, then);
                                    });
}

void office::send_block(const actors::upload_actor& to, const std::string& bytes, std::size_t from,
                        const settled& then) {
  if (from >= bytes.size()) return finish(to, bytes, then);
  const auto size = std::min(block_bytes, bytes.size() - from);
  const auto part = bytes.substr(from, size);
  const actors::upload_block block{std::make_shared<const domain::bytes>(part.begin(), part.end())};
  home_.ask<actors::done>(to, block, [this, to, bytes, from, size, then](const actors::done& taken) {
    taken ? send_block(to, bytes, from + size, then) : then(false);
  });
}

void office::finish(const actors::upload_actor& to, const std::string& bytes, const settled& then) {
  home_.ask<actors::outcome>(
      to, actors::finish_upload{}, [this, bytes, then, of = job_](const actors::outcome& result) {
        if (!result) return then(false);
        if (result->status != 201)
          return world_.complain("an upload was answered with " + std::to_string(result->status));
        const auto document = boost::json::parse(result->body).as_object();
        const auto id = domain::document_id::parse(std::string(document.at("id").as_string())).value();
        promised_.uploads.push_back(std::make_unique<upload_promise>(&who_, id, bytes));
        of->ids.push_back(id);
        then(true);
      });
}

void office::dispatch(const settled& then) {
  domain::recipient_wish to;
  if (job_->promise->recipient != nullptr) {
    to.organisation_id = job_->promise->recipient->id;
  } else {
    to.name = field<domain::text<1, 200>>("Praxis Beispiel");
    to.address =
        codec::from_json<domain::address>(R"({"street":"Am Weg 2","postal_code":"12345","city":"Musterstadt"})")
            .value();
  }
  domain::dispatch_request what;
  what.recipients = {to};
  what.subject = field<domain::text<1, 200>>("Befund");
  what.attachments.assign(job_->ids.begin() + 1, job_->ids.end());
  what.client_ref = field<domain::text<1, 64>>(job_->promise->client_ref);
  home_.ask<actors::outcome>(
      home_.front(), home_.make("dispatch_document", request_about(who_, job_->ids.front(), codec::to_json(what))),
      [this, then, promise = job_->promise](const actors::outcome& result) {
        if (!result && (result.error().code == domain::error_code::timed_out ||
                        result.error().code == domain::error_code::overloaded))
          return then(false);
        if (!result) return world_.complain(promise->client_ref + " was refused: " + result.error().detail);
        const auto accepted =
            boost::json::parse(result->body).as_object().at("dispatches").as_array().at(0).as_object();
        promise->id = domain::dispatch_id::parse(std::string(accepted.at("id").as_string())).value();
        promise->put_backs_before = put_backs_between(promised_, *promise);
        world_.tell(promise->client_ref + " is " + promise->id->str());
        then(true);
      });
}

void office::read_something() {
  const auto inbox = home_.show("list_documents", {.who = who_.who, .query = {{"box", "inbox"}}});
  const auto& items = inbox.at("items").as_array();
  if (items.empty()) return;
  const auto& which = items[world_.dice.below(items.size())].at("id").as_string();
  const auto id = domain::document_id::parse(std::string_view(which)).value();
  home_.ask<actors::outcome>(home_.front(), home_.make("download_document", request_about(who_, id)),
                             [](const actors::outcome&) {});
}

void office::change_delivery() {
  const auto wanted = world_.dice.happens(0.5) ? domain::delivery::post : domain::delivery::electronic;
  domain::organisation_changes what;
  what.delivery = wanted;
  const capabilities::request asked{.who = who_.who, .body = codec::to_json(what)};
  home_.ask<actors::outcome>(home_.front(), home_.make("update_organisation", asked), [](const actors::outcome&) {});
}

void office::start_over() {
  ++start_;
  if (job_ && job_->promise && !job_->promise->id) job_->promise->abandoned = true;
  if (jobs_left_ > 0)
    world_.after(repeat_after, [this, begun = start_] {
      if (begun == start_) next_job();
    });
}

}  // namespace elsec::simulation
