#pragma once
// POST /documents/{id}/dispatches: resolving recipients, routing, and the change set that accepts them all or none.

#include "capabilities/command_of_caller.hpp"
#include "capabilities/dispatches/examples.hpp"
#include "capabilities/groups.hpp"
#include "domain/dispatch.hpp"

#include <vector>

namespace elsec::capabilities {

class dispatch_document : public command_of_caller {
 public:
  dispatch_document(const request& from, domain::document_id which, domain::dispatch_request wanted);

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
  [[nodiscard]] static route described();

 private:
  // The document and its attachments, as they are now.
  struct files;

  [[nodiscard]] std::string fingerprint(const services& with) const;
  [[nodiscard]] domain::result<std::optional<answered>> earlier_answer(const facts& given) const;
  void keep_for_client_ref(storage::change_set& changes, const services& with, const answered& answer) const;
  [[nodiscard]] domain::result<files> load_files(const storage::snapshot& read) const;
  [[nodiscard]] domain::result<void> check_reply(const storage::snapshot& read) const;
  [[nodiscard]] domain::result<std::vector<domain::routed>> route_all(const storage::snapshot& read) const;
  [[nodiscard]] domain::dispatch_row new_row(const facts& given, const files& found,
                                             const domain::routed& routed) const;

  domain::document_id document_;
  domain::dispatch_request what_;
  maybe_idempotent repeat_;
};

}  // namespace elsec::capabilities
