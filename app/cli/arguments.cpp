#include "app/cli/arguments.hpp"

#include "app/cli/recipients.hpp"
#include "domain/dispatch.hpp"
#include "domain/ids.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <sstream>

namespace elsec::cli {
namespace {

constexpr std::int64_t employees_max = 1'000'000;
constexpr std::int64_t wait_default_s = 600;
constexpr std::int64_t wait_max_s = 30 * 24 * 3600;

// Options write here while CLI11 parses; the command is made when its subcommand was chosen and everything is read.
struct parsing {
  invocation result;
};

// Texts for members of a JSON object; those that were not given stay away.
class member_options {
 public:
  CLI::Option* add(CLI::App* app, const std::string& flag, const std::string& member, const std::string& help) {
    auto& slot = *slots_.emplace_back(std::make_unique<std::pair<std::string, std::string>>(member, std::string()));
    return app->add_option(flag, slot.second, help);
  }
  [[nodiscard]] boost::json::object object() const {
    boost::json::object given;
    for (const auto& slot : slots_)
      if (!slot->second.empty()) given[slot->first] = slot->second;
    return given;
  }
  [[nodiscard]] given_texts texts() const {
    given_texts given;
    for (const auto& slot : slots_)
      if (!slot->second.empty()) given.push_back(*slot);
    return given;
  }

 private:
  std::vector<std::unique_ptr<std::pair<std::string, std::string>>> slots_;  // stable addresses for CLI11
};

template <class Id>
CLI::Validator id_rule() {
  return CLI::Validator(
      [](const std::string& text) {
        const auto id = Id::parse(text);
        return id ? std::string() : id.error();
      },
      std::string(Id::prefix) + "…");
}

CLI::Validator dispatch_or_document_rule() {
  return CLI::Validator(
      [](const std::string& text) {
        const bool fits = domain::dispatch_id::parse(text) || domain::document_id::parse(text);
        return fits ? std::string() : std::string("must be an identifier like dsp_… or doc_… with 26 characters");
      },
      "dsp_…|doc_…");
}

std::string help_footer() {
  std::string text =
      "Environment:\n"
      "  ELSEC_NODE      the node, like --node\n"
      "  ELSEC_CA_FILE   certificate authorities, like --ca\n"
      "  ELSEC_SESSION   session file, like --session\n"
      "  ELSEC_TOKEN     session or API token, instead of logging in\n"
      "  ELSEC_PASSWORD  password for login and register\n"
      "  HTTPS_PROXY     the proxy, like --proxy; may hold USER:PASSWORD@; ALL_PROXY where it is not set\n"
      "  NO_PROXY        nodes to reach without it, like localhost,.intern.example,10.0.0.0/8\n\n"
      "Exit codes:\n";
  for (const auto& [code, sentence] : exit_code_meanings)
    text += fmt::format("  {}  {}\n", static_cast<int>(code), sentence);
  return text;
}

void add_limit(CLI::App* app, std::size_t& limit) {
  app->add_option("--limit", limit, "How many at most")->check(CLI::Range(1, 1'000'000))->capture_default_str();
}

void add_password(CLI::App* app, password_source& source) {
  auto* file = app->add_option("--password-file", source.file, "Password: the first line of this file");
  app->add_flag("--password-stdin", source.from_stdin, "Password: the first line of standard input")->excludes(file);
}

// A subcommand whose values live in `Command`; it becomes the result when the subcommand was used.
template <class Command>
std::shared_ptr<Command> value_of(CLI::App* app, parsing& into) {
  auto value = std::make_shared<Command>();
  app->callback([value, &into] { into.result.what = *value; });
  return value;
}

void add_address(CLI::App* app, member_options& address) {
  auto* street = address.add(app, "--street", "street", "Street and house number");
  address.add(app, "--po-box", "po_box", "Number of the post-office box, instead of a street")->excludes(street);
  address.add(app, "--postal-code", "postal_code", "Postal code")->required();
  address.add(app, "--city", "city", "City")->required();
  address.add(app, "--country", "country", "Country, if not Germany");
}

void add_organisation(CLI::App* app, member_options& organisation) {
  organisation.add(app, "--organisation", "name", "Name of the organisation")->required();
  organisation.add(app, "--sector", "sector", "hospital, practice, care_home, pharmacy, insurer, … other")->required();
  organisation.add(app, "--organisation-phone", "phone", "Phone of the organisation");
  organisation.add(app, "--organisation-email", "email", "E-mail of the organisation");
  organisation.add(app, "--ik", "ik", "Institutionskennzeichen");
  organisation.add(app, "--bsnr", "bsnr", "Betriebsstättennummer");
  organisation.add(app, "--vat-id", "vat_id", "VAT id");
}

void add_person(CLI::App* app, member_options& person) {
  person.add(app, "--first-name", "first_name", "Your first name")->required();
  person.add(app, "--last-name", "last_name", "Your last name")->required();
  person.add(app, "--email", "email", "Your e-mail, for logging in")->required();
  person.add(app, "--phone", "phone", "Your phone");
  person.add(app, "--title", "title", "Title, like Dr.");
  person.add(app, "--salutation", "salutation", "Salutation");
}

void add_register(CLI::App& root, parsing& into) {
  auto* app = root.add_subcommand("register", "Register an organisation and its first user");
  auto value = std::make_shared<register_command>();
  auto organisation = std::make_shared<member_options>();
  auto address = std::make_shared<member_options>();
  auto person = std::make_shared<member_options>();
  auto employees = std::make_shared<std::int64_t>(0);
  add_organisation(app, *organisation);
  add_address(app, *address);
  add_person(app, *person);
  app->add_option("--employees", *employees, "Number of employees")
      ->required()
      ->check(CLI::Range(std::int64_t{0}, employees_max));
  app->add_option("--accept", value->accept, "Accept an agreement (repeatable): terms, data_processing, secrecy")
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"terms", "data_processing", "secrecy"}));
  app->add_flag("--consulting", value->consulting_requested, "Ask for individual consulting");
  app->add_flag("--acts-for-business", value->acts_for_business,
                "Declare to act for a business or public body (needed)");
  add_password(app, value->password);
  app->callback([=, &into] {
    auto done = *value;
    done.organisation = organisation->object();
    done.organisation["employees"] = *employees;
    done.organisation["address"] = address->object();
    done.user = person->object();
    into.result.what = std::move(done);
  });
}

void add_access(CLI::App& root, parsing& into) {
  auto* login = root.add_subcommand("login", "Log in and remember the session");
  auto login_value = value_of<login_command>(login, into);
  login->add_option("--email", login_value->email, "Your e-mail")->required();
  login->add_option("--totp", login_value->totp, "Code of the second factor; asked for when needed");
  add_password(login, login_value->password);

  auto* logout = root.add_subcommand("logout", "End the session and forget it");
  auto logout_value = value_of<logout_command>(logout, into);
  logout->add_flag("--local", logout_value->local_only, "Only forget it here; the node lets it expire");

  value_of<whoami_command>(root.add_subcommand("whoami", "Show who is logged in"), into);
}

void add_tokens(CLI::App& root, parsing& into) {
  auto* tokens = root.add_subcommand("token", "API tokens")->require_subcommand(1);
  auto* create = tokens->add_subcommand("create", "Make a token; it is shown only once");
  auto value = std::make_shared<token_create_command>();
  auto texts = std::make_shared<member_options>();
  auto scopes = std::make_shared<std::vector<std::string>>();
  texts->add(create, "--name", "name", "What it is for")->required();
  texts->add(create, "--expires-at", "expires_at", "RFC 3339 time");
  create->add_option("--scope", *scopes, "documents:read, documents:write, letters:send, … (repeatable)")
      ->required()
      ->allow_extra_args(false);
  create->callback([=, &into] {
    auto done = *value;
    done.token = texts->object();
    done.token["scopes"] = boost::json::array(scopes->begin(), scopes->end());
    into.result.what = std::move(done);
  });
  value_of<token_list_command>(tokens->add_subcommand("list", "Show the tokens"), into);
  auto* remove = tokens->add_subcommand("delete", "Delete a token");
  auto remove_value = value_of<token_delete_command>(remove, into);
  remove->add_option("ID", remove_value->id, "The token's id")->required()->check(id_rule<domain::token_id>());
}

void add_directory(CLI::App& root, parsing& into) {
  auto* app = root.add_subcommand("directory", "Search the organisations of the network");
  auto value = std::make_shared<directory_command>();
  auto filters = std::make_shared<member_options>();
  filters->add(app, "QUERY", "query", "Words of the name");
  filters->add(app, "--ik", "ik", "Institutionskennzeichen");
  filters->add(app, "--postal-code", "postal_code", "Postal code");
  filters->add(app, "--sector", "sector", "Sector");
  filters->add(app, "--near", "near", "Around a postal code or LAT,LON");
  filters->add(app, "--radius-km", "radius_km", "Within this distance");
  app->add_flag("--can-receive", value->can_receive, "Only those that receive electronically");
  add_limit(app, value->limit);
  app->callback([=, &into] {
    auto done = *value;
    done.filters = filters->texts();
    into.result.what = std::move(done);
  });
}

void add_boxes(CLI::App& root, parsing& into) {
  auto* inbox = root.add_subcommand("inbox", "List received documents, newest first");
  auto inbox_value = value_of<inbox_command>(inbox, into);
  inbox->add_flag("--unread", inbox_value->unread, "Only unread ones");
  add_limit(inbox, inbox_value->limit);

  auto* outbox = root.add_subcommand("outbox", "List sent documents, newest first");
  auto outbox_value = value_of<outbox_command>(outbox, into);
  auto* dispatches = outbox->add_flag("--dispatches", outbox_value->dispatches, "List the dispatches instead");
  outbox->add_option("--state", outbox_value->state, "Only dispatches in this state")->needs(dispatches);
  outbox->add_option("--client-ref", outbox_value->client_ref, "Only the dispatch of this reference")
      ->needs(dispatches);
  add_limit(outbox, outbox_value->limit);
}

void add_get(CLI::App& root, parsing& into) {
  auto* app = root.add_subcommand("get", "Download a document");
  auto value = value_of<get_command>(app, into);
  app->add_option("ID", value->document, "The document's id")->required()->check(id_rule<domain::document_id>());
  app->add_option("-o,--output", value->output, "File or folder; otherwise the document's name, here");
  app->add_flag("--force", value->force, "Overwrite an existing file");
}

void add_status(CLI::App& root, parsing& into) {
  auto* app = root.add_subcommand("status", "Show how far a dispatch, or all dispatches of a document, got");
  auto value = std::make_shared<status_command>();
  auto timeout = std::make_shared<std::int64_t>(wait_default_s);
  app->add_option("ID", value->id, "The dispatch's or document's id")->required()->check(dispatch_or_document_rule());
  auto* wait =
      app->add_option("--wait", value->wait_state, "Wait until this state was reached (delivered, collected, …)");
  wait->check(CLI::IsMember({"accepted", "in_transit", "delivered", "collected", "declined", "withdrawn", "expired",
                             "posted", "sent", "closed", "failed"}));
  app->add_option("--timeout", *timeout, "Seconds to wait at most")
      ->needs(wait)
      ->check(CLI::Range(std::int64_t{1}, wait_max_s))
      ->capture_default_str();
  app->callback([=, &into] {
    value->timeout = std::chrono::seconds(*timeout);
    into.result.what = *value;
  });
}

void add_receipts(CLI::App& root, parsing& into) {
  auto* app = root.add_subcommand("receipts", "Save a document's receipts, or verify saved ones");
  auto value = std::make_shared<receipts_command>();
  app->add_option("ID", value->document, "The document's id")->check(id_rule<domain::document_id>());
  app->add_option("-o,--output", value->output, "Save the JSON to this file");
  app->add_flag("--force", value->force, "Overwrite an existing file");
  auto* verify = app->add_subcommand("verify", "Verify receipts offline");
  auto verify_value = std::make_shared<verify_command>();
  verify->add_option("FILE", verify_value->file, "What `elsec receipts` saved")->required();
  verify->add_option("--keys", verify_value->keys_file, "What `elsec nodes -o FILE` saved")->required();
  app->callback([=, &into] {
    if (verify->parsed())
      into.result.what = *verify_value;
    else
      into.result.what = *value;
    if (!verify->parsed() && value->document.empty()) throw CLI::RequiredError("ID");
  });
}

void add_print_room(CLI::App& root, parsing& into) {
  auto* app = root.add_subcommand("print-room", "For the print room: its key, and the letters sealed to it");
  app->require_subcommand(1);
  auto* keys = app->add_subcommand("keys", "Make a private key and print the public one for spool.print_room_key");
  auto keys_value = value_of<print_room_keys_command>(keys, into);
  keys->add_option("FILE", keys_value->file, "The private key; created, never overwritten")->required();
  auto* open = app->add_subcommand("open", "Open a letter or a ticket from the spool");
  auto open_value = value_of<print_room_open_command>(open, into);
  open->add_option("FILE", open_value->letter, "ltr_….pdf or ltr_….json")->required();
  open->add_option("--key", open_value->key_file, "The private key")->required();
  open->add_option("-o,--output", open_value->output, "Write it here")->required();
  open->add_flag("--force", open_value->force, "Overwrite an existing file");
}

void add_network(CLI::App& root, parsing& into) {
  auto* nodes = root.add_subcommand("nodes", "Show the nodes' keys, or save them for verifying receipts");
  auto nodes_value = value_of<nodes_command>(nodes, into);
  nodes->add_option("-o,--output", nodes_value->output, "Save the JSON to this file");
  nodes->add_flag("--force", nodes_value->force, "Overwrite an existing file");

  auto* events = root.add_subcommand("events", "Follow what happens; ends with Ctrl-C");
  auto events_value = value_of<events_command>(events, into);
  events->add_option("--after", events_value->after, "Start behind this event's id");
}

// --to-org, --to-ik and --to-address, in the order in which they stand: the answer keeps it.
struct recipient_options {
  std::vector<std::string> organisations, iks, addresses;
  CLI::Option *by_organisation = nullptr, *by_ik = nullptr, *by_address = nullptr;

  void add_to(CLI::App* app) {
    by_organisation = app->add_option("--to-org", organisations, "Recipient: organisation id[; fallback address]");
    by_ik = app->add_option("--to-ik", iks, "Recipient: IK[; fallback address]");
    by_address = app->add_option("--to-address", addresses, "Recipient: \"Name; Street 1; 12345 City[; Country]\"");
    for (auto* option : {by_organisation, by_ik, by_address}) option->allow_extra_args(false);
  }

  [[nodiscard]] outcome<boost::json::array> read(const CLI::App* app) const {
    boost::json::array recipients;
    std::size_t organisation = 0, ik = 0, address = 0;
    for (const auto* option : app->parse_order()) {
      outcome<boost::json::object> one;
      if (option == by_organisation)
        one = recipient_by_organisation(organisations.at(organisation++));
      else if (option == by_ik)
        one = recipient_by_ik(iks.at(ik++));
      else if (option == by_address)
        one = recipient_by_address(addresses.at(address++));
      else
        continue;
      if (!one) return std::unexpected(std::move(one.error()));
      recipients.push_back(std::move(*one));
    }
    return recipients;
  }
};

// The recipient given in pieces: --to-name with --street or --po-box (a major recipient has neither), --postal-code,
// --city [--extra --country].
void add_spelled_recipient(CLI::App* app, std::string& name, std::vector<std::string>& extra, member_options& address) {
  auto* to_name = app->add_option("--to-name", name, "Recipient by post: name, with --street, --postal-code, --city");
  auto* street = address.add(app, "--street", "street", "Its street and house number")->needs(to_name);
  address.add(app, "--po-box", "po_box", "Its post-office box")->needs(to_name)->excludes(street);
  app->add_option("--extra", extra, "A line between name and street (z. Hd., ward, c/o); at most twice")
      ->allow_extra_args(false)
      ->needs(to_name);
  auto* code = address.add(app, "--postal-code", "postal_code", "Its postal code")->needs(to_name);
  auto* city = address.add(app, "--city", "city", "Its city")->needs(to_name);
  address.add(app, "--country", "country", "Its country, if not Germany")->needs(to_name);
  to_name->needs(code)->needs(city);
}

boost::json::object spelled_recipient(const std::string& name, const std::vector<std::string>& extra,
                                      boost::json::object address) {
  if (!extra.empty()) address["extra"] = boost::json::array(extra.begin(), extra.end());
  return {{"name", name}, {"address", std::move(address)}};
}

void add_send(CLI::App& root, parsing& into) {
  auto* app = root.add_subcommand("send", "Send a document, electronically or as a letter");
  auto value = std::make_shared<send_command>();
  auto texts = std::make_shared<member_options>();
  auto recipients = std::make_shared<recipient_options>();
  auto name = std::make_shared<std::string>();
  auto extra = std::make_shared<std::vector<std::string>>();
  auto address = std::make_shared<member_options>();
  app->add_option("FILE", value->files, "The document; further files are attachments")->required();
  recipients->add_to(app);
  add_spelled_recipient(app, *name, *extra, *address);
  texts->add(app, "--subject", "subject", "Subject")->required();
  texts->add(app, "--message", "message", "Accompanying words");
  texts->add(app, "--class", "class", "Class of the document");
  texts->add(app, "--case-ref", "case_ref", "Your reference of the case");
  texts->add(app, "--client-ref", "client_ref", "Your reference of this dispatch; sends once, however often repeated");
  texts->add(app, "--route", "route", "auto, electronic_only or post_only")
      ->check(CLI::IsMember({"auto", "electronic_only", "post_only"}));
  app->add_option("--media-type", value->media_type, "Type of the first file, if its name does not tell");
  app->footer("Recipients can be repeated and mixed, 1 to 100 of them. --to-name can be given once.");
  app->callback([=, &into] {
    auto to = recipients->read(app);
    if (!to) throw CLI::ValidationError(to.error().title + (to.error().detail.empty() ? "" : "\n" + to.error().detail));
    if (!name->empty()) to->push_back(spelled_recipient(*name, *extra, address->object()));
    if (to->empty() || to->size() > domain::recipients_max)
      throw CLI::ValidationError("Give 1 to 100 recipients with --to-org, --to-ik, --to-address or --to-name.");
    if (value->files.size() > domain::attachments_max + 1) throw CLI::ValidationError("At most 20 attachments.");
    auto done = *value;
    done.dispatch = texts->object();
    done.dispatch["recipients"] = std::move(*to);
    into.result.what = std::move(done);
  });
}

void add_general(CLI::App& root, invocation& result) {
  root.add_option("--node", result.where.node, "The node, like https://node.example:8443");
  root.add_option("--ca", result.where.ca_file, "Certificate authorities (PEM) instead of the system's");
  root.add_option("--proxy", result.where.proxy, "The proxy to go through, like http://proxy.example:3128");
  root.add_option("--session", result.where.session_file, "Where the log-in is remembered");
  root.add_flag("--json", result.json, "Print the API's JSON");
  root.add_flag("--progress", result.progress, "Show progress even when stderr is no terminal");
  root.set_version_flag("--version", "elsec " ELSEC_VERSION);
}

}  // namespace

std::expected<invocation, early_end> parse_arguments(std::vector<std::string> arguments) {
  CLI::App root("elsec: exchange confidential documents through a node", "elsec");
  parsing into;
  root.require_subcommand(1);
  root.fallthrough();
  add_general(root, into.result);
  for (const auto add : {add_register, add_access, add_directory, add_send, add_boxes, add_get, add_status,
                         add_receipts, add_network, add_tokens, add_print_room})
    add(root, into);
  root.footer(help_footer());
  try {
    std::ranges::reverse(arguments);  // CLI11 takes them from the back
    root.parse(std::move(arguments));
    return std::move(into.result);
  } catch (const CLI::ParseError& end) {
    std::ostringstream out, err;
    const bool fine = root.exit(end, out, err) == 0;
    return std::unexpected(early_end{fine ? exit_code::ok : exit_code::usage, fine ? out.str() : err.str()});
  }
}

}  // namespace elsec::cli
