#pragma once
// The commands of organisations and documents. Those about people, profile and tokens are decided by the organisation,
// the others by the document.

#include "actors/command.hpp"
#include "domain/access.hpp"
#include "domain/dispatch.hpp"
#include "domain/letter.hpp"
#include "postal/worker.hpp"

#include <optional>
#include <string>

namespace elsec::actors {

// A creating request that may be repeated: where its answer is kept and what makes two requests the same.
struct idempotency {
  std::string key;          // key of the answer row
  std::string fingerprint;  // empty for uploads: made from the digest when all bytes are here
};
using maybe_idempotent = std::optional<idempotency>;

// --- of an organisation ----------------------------------------------------------------------------------------------

struct grant_capabilities : command {
  grant_capabilities(domain::organisation_id to, domain::capability_grant granted)
      : organisation(std::move(to)), what(std::move(granted)) {}

  domain::organisation_id organisation;
  domain::capability_grant what;

  [[nodiscard]] subject whom() const override { return {organisation}; }
  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

// What a signed-in person or a token asks of its own organisation.
struct command_of_organisation : command {
  explicit command_of_organisation(domain::principal caller) : who(std::move(caller)) {}

  domain::principal who;

  [[nodiscard]] subject whom() const override { return {who.organisation_id}; }
};

struct end_session : command_of_organisation {
  end_session(domain::principal caller, std::optional<domain::session_id> which)
      : command_of_organisation(std::move(caller)), session(std::move(which)) {}

  std::optional<domain::session_id> session;  // none: the current one

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

struct change_organisation : command_of_organisation {
  change_organisation(domain::principal caller, domain::organisation_changes changes,
                      std::optional<std::string> version)
      : command_of_organisation(std::move(caller)), what(std::move(changes)), if_match(std::move(version)) {}

  domain::organisation_changes what;
  std::optional<std::string> if_match;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

struct create_api_token : command_of_organisation {
  create_api_token(domain::principal caller, domain::new_api_token wanted)
      : command_of_organisation(std::move(caller)), what(std::move(wanted)) {}

  domain::new_api_token what;
  maybe_idempotent repeat{};

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

struct delete_api_token : command_of_organisation {
  delete_api_token(domain::principal caller, domain::token_id which)
      : command_of_organisation(std::move(caller)), token(std::move(which)) {}

  domain::token_id token;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

// --- of a document ---------------------------------------------------------------------------------------------------

// What a caller asks of one of its documents.
struct command_of_document : command {
  command_of_document(domain::principal caller, domain::document_id which)
      : who(std::move(caller)), document(std::move(which)) {}

  domain::principal who;
  domain::document_id document;

  [[nodiscard]] subject whom() const override { return {who.organisation_id, document.str()}; }
};

struct change_document : command_of_document {
  change_document(domain::principal caller, domain::document_id which, domain::document_changes changes,
                  std::optional<std::string> version)
      : command_of_document(std::move(caller), std::move(which)),
        what(std::move(changes)),
        if_match(std::move(version)) {}

  domain::document_changes what;
  std::optional<std::string> if_match;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

struct dispatch_document : command_of_document {
  dispatch_document(domain::principal caller, domain::document_id which, domain::dispatch_request wanted,
                    std::string made_of)
      : command_of_document(std::move(caller), std::move(which)),
        what(std::move(wanted)),
        fingerprint(std::move(made_of)) {}

  domain::dispatch_request what;
  std::string fingerprint;  // of the request, for client_ref
  maybe_idempotent repeat{};

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

// Before the first content byte of a recipient's copy goes out.
struct collect_document : command_of_document {
  using command_of_document::command_of_document;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

// What happened to a document, told by another part of the node.
struct news_of_document : command {
  news_of_document(domain::organisation_id of, domain::document_id which)
      : organisation(std::move(of)), document(std::move(which)) {}

  domain::organisation_id organisation;
  domain::document_id document;

  [[nodiscard]] subject whom() const override { return {organisation, document.str()}; }
};

// A peer's signed statement about a dispatch of ours, found under `row` in tables::statements.
struct peer_statement : news_of_document {
  using news_of_document::news_of_document;

  std::string peer;
  std::string row;
  std::string kind;
  domain::bytes body;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

// Our envelope about this dispatch reached the peer's disk.
struct envelope_arrived : news_of_document {
  envelope_arrived(domain::organisation_id of, domain::document_id which, domain::dispatch_id about)
      : news_of_document(std::move(of), std::move(which)), dispatch(std::move(about)) {}

  domain::dispatch_id dispatch;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

// A letter's happening, told to the document that sent it. The letter row and the dispatch change in one commit.
struct letter_news : news_of_document {
  using news_of_document::news_of_document;

  domain::dispatch_id dispatch;
  domain::letter_id letter;
  domain::letter_state state{};
  std::uint32_t pages = 0;
  std::uint32_t sheets = 0;
  std::string reason;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

// What the look at a document's file gave.
struct file_screened : news_of_document {
  file_screened(domain::organisation_id of, domain::document_id which, postal::inspection seen)
      : news_of_document(std::move(of), std::move(which)), result(std::move(seen)) {}

  postal::inspection result;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

// The look at a file is on disk: documents whose dispatches waited for it, as theirs or as an attachment, go on. Told
// after the commit, so that it finds those accepted meanwhile, too.
struct screening_ended : news_of_document {
  using news_of_document::news_of_document;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

// Dispatches of this document that waited for files: sent on, or failed, when all of them have been screened.
struct go_on_after_screening : news_of_document {
  using news_of_document::news_of_document;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};

// A command as it travels.
template <class Command, class... Parts>
[[nodiscard]] shared_command make_command(Parts&&... parts) {
  return std::make_shared<const Command>(std::forward<Parts>(parts)...);
}
template <class Command>
[[nodiscard]] shared_command as_command(Command what) {
  return std::make_shared<const Command>(std::move(what));
}

}  // namespace elsec::actors
