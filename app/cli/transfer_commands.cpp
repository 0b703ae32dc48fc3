#include "app/cli/commands.hpp"
#include "app/cli/files.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/text.hpp"
#include "crypto/seal.hpp"
#include "domain/fields.hpp"
#include "domain/ids.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace elsec::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

outcome<std::vector<local_file>> inspect_all(const send_command& what) {
  std::vector<local_file> files;
  for (const auto& path : what.files) {
    auto file = inspect(path);
    if (!file) return std::unexpected(std::move(file.error()));
    files.push_back(std::move(*file));
  }
  if (what.media_type.empty()) return files;
  if (!domain::media_type::parse(what.media_type))
    return fail(exit_code::usage, "--media-type must look like application/pdf.");
  files.front().media_type = what.media_type;
  return files;
}

request upload_request(const local_file& file, progress_bar& progress) {
  request upload;
  upload.method = "POST";
  upload.target = target_of("/documents");
  upload.headers = {{"Accept", "application/json"},
                    {"Content-Type", file.media_type},
                    {"Elsec-Filename", percent_encode(file.name)},
                    {"Content-Digest", "sha-256=:" + crypto::to_base64(file.sha256) + ":"},
                    {"Idempotency-Key", new_idempotency_key()}};
  upload.stream_size_bytes = file.size_bytes;
  upload.open_stream = [&file, &progress] {
    progress.set(0);
    return open_reader(file.path, [&progress](std::size_t count) { progress.add(count); });
  };
  return upload;
}

// The new document's id.
outcome<std::string> upload(const task& with, const client& node, const local_file& file) {
  progress_bar progress(with.with.err, with.shows_progress(), file.name, file.size_bytes);
  const auto answer = node.send(upload_request(file, progress), repeat::always);
  if (!answer) return std::unexpected(answer.error());
  const auto document = parse_answer(answer->body);
  if (!document) return std::unexpected(document.error());
  const auto id = domain::document_id::parse(text_of(*document, "id"));
  if (!id) return fail(exit_code::node_failed, "The node's answer names no document.");
  if (text_of(*document, "sha256") != crypto::to_hex(file.sha256))
    return fail(exit_code::verification_failed, file.path.string() + " arrived with another SHA-256.",
                "It was not sent on. Its draft is " + id->str() + ".");
  return id->str();
}

outcome<void> show_dispatches(const task& with, const std::string& document, const json::value& answer) {
  if (with.what.json) return with.print(answer);
  std::vector<std::vector<std::string>> rows;
  for (const auto& dispatch : array_of(answer, "dispatches")) {
    for (const auto& finding : array_of(dispatch, "findings"))
      with.say("Look at " + printable(text_of(dispatch, "id")) + " again: " + printable(text_of(finding, "detail")));
    const auto* recipient = member_of(dispatch, "recipient");
    rows.push_back({text_of(dispatch, "id"), text_of(dispatch, "route"), text_of(dispatch, "state"),
                    recipient ? place_text(*recipient) : ""});
  }
  with.with.out << "document " << document << '\n' << table({"DISPATCH", "ROUTE", "STATE", "RECIPIENT"}, rows);
  return {};
}

// One download, over as many connections as it takes.
class download {
 public:
  download(const client& node, std::string id, std::uint64_t size_bytes, std::string sha256, part_file& part,
           progress_bar& progress)
      : node_(node),
        id_(std::move(id)),
        size_bytes_(size_bytes),
        sha256_(std::move(sha256)),
        part_(part),
        progress_(progress) {}

  outcome<void> run() {
    while (true) {
      const auto before = done_bytes_;
      const auto answer = node_.send(next_request(), repeat::always);
      const bool whole = done_bytes_ == size_bytes_ && size_bytes_ > 0;
      if (answer || (whole && answer.error().connection_lost)) return verify();
      // A connection without progress was repeated by send() already.
      if (done_bytes_ == before || !node_.pause_before_retry(1, repeat::always, answer.error()))
        return std::unexpected(answer.error());
    }
  }

 private:
  request next_request() {
    request next;
    next.target = target_of("/documents/" + id_ + "/content");
    if (done_bytes_ > 0)
      next.headers = {{"Range", fmt::format("bytes={}-", done_bytes_)}, {"If-Range", '"' + sha256_ + '"'}};
    next.body_size_max_bytes = size_bytes_;
    next.on_success = [this](const response_head& head) { return begin(head); };
    return next;
  }

  outcome<body_sink> begin(const response_head& head) {
    if (head.status == 206) {
      if (done_bytes_ == 0 || !head.header("Content-Range").starts_with(fmt::format("bytes {}-", done_bytes_)))
        return fail(exit_code::node_failed, "The node sent another part of the document than was asked for.");
    } else if (done_bytes_ > 0) {
      if (auto ok = part_.restart(); !ok) return std::unexpected(std::move(ok.error()));
      hash_ = crypto::sha256_stream();
      done_bytes_ = 0;
    }
    return [this](std::string_view bytes) { return take(bytes); };
  }

  outcome<bool> take(std::string_view bytes) {
    if (bytes.size() > size_bytes_ - done_bytes_)
      return fail(exit_code::verification_failed, "The node sent more bytes than the document has.");
    if (auto ok = part_.write(bytes); !ok) return std::unexpected(std::move(ok.error()));
    hash_.add({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    done_bytes_ += bytes.size();
    progress_.set(done_bytes_);
    return true;
  }

  outcome<void> verify() {
    if (done_bytes_ == size_bytes_ && crypto::to_hex(hash_.finish()) == sha256_) return {};
    return fail(exit_code::verification_failed, "The document's SHA-256 is wrong; nothing was saved.",
                "Try again; if it stays so, the document is damaged at the node.");
  }

  const client& node_;
  std::string id_;
  std::uint64_t size_bytes_;
  std::string sha256_;
  part_file& part_;
  progress_bar& progress_;
  crypto::sha256_stream hash_;
  std::uint64_t done_bytes_ = 0;
};

fs::path target_path(const get_command& what, const json::value& document) {
  const auto name = safe_file_name(text_of(document, "filename"), what.document);
  if (what.output.empty()) return name;
  std::error_code ec;
  return fs::is_directory(what.output, ec) ? fs::path(what.output) / name : fs::path(what.output);
}

}  // namespace

outcome<void> run_command(const task& with, const send_command& what) {
  const auto node = with.open_logged_in();
  if (!node) return std::unexpected(node.error());
  const auto files = inspect_all(what);
  if (!files) return std::unexpected(files.error());
  std::vector<std::string> ids;
  for (const auto& file : *files) {
    auto id = upload(with, *node, file);
    if (!id) return std::unexpected(std::move(id.error()));
    ids.push_back(std::move(*id));
  }
  auto dispatch = what.dispatch;
  if (ids.size() > 1) dispatch["attachments"] = json::array(ids.begin() + 1, ids.end());
  const auto answer = node->post("/documents/" + ids.front() + "/dispatches", std::move(dispatch), repeat::always);
  if (!answer) {
    with.say("The upload is kept as draft " + ids.front() + "; it was not sent.");
    return std::unexpected(answer.error());
  }
  return show_dispatches(with, ids.front(), *answer);
}

outcome<void> run_command(const task& with, const get_command& what) {
  const auto node = with.open_logged_in();
  if (!node) return std::unexpected(node.error());
  const auto document = node->get("/documents/" + what.document);
  if (!document) return std::unexpected(document.error());
  const auto target = target_path(what, *document);
  auto part = part_file::beside(target, what.force ? overwrite::yes : overwrite::no);
  if (!part) return std::unexpected(std::move(part.error()));
  const auto size_bytes = number_of(*document, "size");
  {
    progress_bar progress(with.with.err, with.shows_progress(), target.filename().string(), size_bytes);
    download transfer(*node, what.document, size_bytes, text_of(*document, "sha256"), *part, progress);
    if (auto ok = transfer.run(); !ok) return ok;
  }
  if (auto ok = part->keep(); !ok) return ok;
  if (with.what.json) return with.print(*document);
  with.with.out << fmt::format("{}  {}, SHA-256 verified\n", printable(target.string()), size_text(size_bytes));
  for (const auto& attachment : array_of(*document, "attachments"))
    with.say(fmt::format("attachment {}  {}", printable(text_of(attachment, "id")),
                         printable(text_of(attachment, "filename"))));
  return {};
}

}  // namespace elsec::cli
