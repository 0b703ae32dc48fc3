#pragma once
// One organisation's software: uploads documents and dispatches them, repeats what was not answered under the same
// client_ref, reads what arrives, and now and then changes how it wants to receive.

#include "tests/simulation/promises.hpp"

#include <deque>

namespace elsec::simulation {

class office {
 public:
  office(world& in, ledger& promised, const party& who, node& home)
      : world_(in), promised_(promised), who_(who), home_(home) {}

  // So many dispatches to recipients by chance; it also reads what arrives, and changes its mind.
  void open(unsigned jobs);
  // One more dispatch, to this one.
  void send_to(const party& recipient);
  [[nodiscard]] bool done() const { return jobs_left_ == 0; }
  [[nodiscard]] const party& who() const { return who_; }
  // An older copy of its node was put back: begins again with its next job.
  void start_over();

 private:
  struct job {
    std::vector<std::string> files;
    std::vector<domain::document_id> ids;  // as far as they are uploaded
    dispatch_promise* promise = nullptr;
  };
  using settled = std::function<void(bool answered)>;
  using question = std::function<void(settled)>;

  void next_job();
  void begin_job(const party* recipient, std::size_t files);
  void go_on();
  void insist(question ask);
  void upload(const std::string& bytes, const settled& then);
  void send_block(const actors::upload_actor& to, const std::string& bytes, std::size_t from, const settled& then);
  void finish(const actors::upload_actor& to, const std::string& bytes, const settled& then);
  void dispatch(const settled& then);
  void read_something();
  void change_delivery();

  world& world_;
  ledger& promised_;
  const party& who_;
  node& home_;
  unsigned jobs_left_ = 0;
  bool is_open_ = false;
  std::deque<const party*> errands_;
  unsigned jobs_begun_ = 0;
  unsigned start_ = 0;  // what was begun before it is of no interest any more
  std::shared_ptr<job> job_;
};

}  // namespace elsec::simulation
