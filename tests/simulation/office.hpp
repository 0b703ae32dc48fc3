#pragma once
// One organisation's software: uploads documents and dispatches them, repeats what was not answered under the same
// client_ref, reads what arrives, and now and then changes how it wants to receive.

#include "tests/simulation/promises.hpp"

namespace elsec::simulation {

class office {
 public:
  office(world& in, ledger& promised, const party& who, node& home, unsigned jobs)
      : world_(in), promised_(promised), who_(who), home_(home), jobs_left_(jobs) {}

  void open();
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
  unsigned jobs_left_;
  unsigned jobs_begun_ = 0;
  unsigned start_ = 0;  // what was begun before it is of no interest any more
  std::shared_ptr<job> job_;
};

}  // namespace elsec::simulation
