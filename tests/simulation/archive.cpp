#include "tests/simulation/archive.hpp"

#include <array>

namespace elsec::simulation {
namespace {

namespace fs = std::filesystem;

// The spool is a folder that others take letters from: it is part of no copy.
constexpr std::array copied{"state", "content", "slots"};

}  // namespace

std::size_t archive::take(node& of) {
  const auto which = copies_.size();
  in_.world.tell("copy " + std::to_string(which) + " is taken of " + of.name());
  copy made{.of = &of,
            .folder = of.folder().parent_path() / ("copy-" + std::to_string(which)),
            .uploads = in_.promised.uploads.size(),
            .answered = {}};
  fs::create_directories(made.folder);
  for (const char* part : copied) fs::copy(of.folder() / part, made.folder / part, fs::copy_options::recursive);
  for (const auto& promise : in_.promised.dispatches)
    if (promise->id) made.answered.insert(promise->client_ref);
  copies_.push_back(std::move(made));
  return which;
}

void archive::put_back(std::size_t which) {
  const auto& from = copies_[which];
  if (from.of->runs()) from.of->die();
  in_.world.tell("copy " + std::to_string(which) + " of " + from.of->name() + " is put back");
  for (const char* part : copied) {
    fs::remove_all(from.of->folder() / part);
    fs::copy(from.folder / part, from.of->folder() / part, fs::copy_options::recursive);
  }
  ++restores;
  ++in_.promised.put_backs[from.of->name()];
  forget_what_is_not_in(from);
  for (auto& one : in_.offices)
    if (one->who().node == from.of->name()) one->start_over();
}

void archive::forget_what_is_not_in(const copy& put_back) {
  auto& promised = in_.promised;
  for (auto i = put_back.uploads; i < promised.uploads.size(); ++i)
    if (promised.uploads[i]->owner->node == put_back.of->name()) promised.uploads[i]->forgotten = true;
  for (auto& promise : promised.dispatches)
    if (promise->sender->node == put_back.of->name() && !put_back.answered.contains(promise->client_ref))
      promise->forgotten = true;
}

}  // namespace elsec::simulation
