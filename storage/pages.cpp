#include "storage/pages.hpp"

#include "storage/page_format.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace elsec::storage {
namespace {

using namespace page_format;
using domain::error_code;
using domain::fail;

using checked = domain::result<void>;

constexpr std::size_t list_piece_bytes = 65'536;

std::unexpected<domain::error> unfit(page_number page, std::string_view why) {
  return fail(error_code::integrity, "page " + std::to_string(page) + " " + std::string(why));
}

class page_file {
 public:
  explicit page_file(int descriptor) : descriptor_(descriptor) {}
  ~page_file() { ::close(descriptor_); }
  page_file(const page_file&) = delete;
  page_file& operator=(const page_file&) = delete;

  [[nodiscard]] std::uint64_t size() const {
    struct stat info{};
    return ::fstat(descriptor_, &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
  }
  // Fills all of `into`.
  [[nodiscard]] checked read(std::uint64_t offset, std::span<std::uint8_t> into) const {
    for (std::size_t done = 0; done < into.size();) {
      const auto got = ::pread(descriptor_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(error_code::io, std::string("it cannot be read: ") + std::strerror(errno));
      if (got == 0) return fail(error_code::integrity, "it ends within a page");
      done += static_cast<std::size_t>(got);
    }
    return {};
  }

 private:
  int descriptor_;
};

struct node {
  node_head head;
  std::string_view key;
  page_bytes value;  // of a large value: the number of its first page

  [[nodiscard]] page_number below() const noexcept {
    return head.low | page_number{head.high} << 16 | page_number{head.flags} << 32;
  }
  [[nodiscard]] std::size_t value_bytes() const noexcept { return head.low | std::size_t{head.high} << 16; }
  [[nodiscard]] bool is(std::uint16_t kind) const noexcept { return (head.flags & kind) != 0; }
};

// Keys below this node are not smaller than `first`, and smaller than `end`.
struct key_range {
  std::string_view first;
  std::optional<std::string_view> end;
};

// Keys of the tree of free pages are numbers, all others are compared as bytes.
enum class key_order : std::uint8_t { bytes, numbers };

bool comes_before(std::string_view left, std::string_view right, key_order order) {
  if (order == key_order::bytes || left.size() != sizeof(std::uint64_t) || right.size() != sizeof(std::uint64_t))
    return left < right;
  return part_at<std::uint64_t>({reinterpret_cast<const std::uint8_t*>(left.data()), left.size()}, 0) <
         part_at<std::uint64_t>({reinterpret_cast<const std::uint8_t*>(right.data()), right.size()}, 0);
}

class page_walk {
 public:
  page_walk(const page_file& file, const meta& newest, std::size_t page_size, large_values how)
      : file_(file),
        newest_(newest),
        page_size_(page_size),
        how_(how),
        used_(std::min(file.size() / page_size, newest.last_page + 1)) {}

  checked run() {
    used_[0] = used_[1] = true;
    auto walked = walk(newest_.tables, key_order::bytes, [this](const node& row) { return table(row); });
    if (walked)
      walked = walk(newest_.free_pages, key_order::numbers, [this](const node& row) { return collect_free(row); });
    return walked;
  }

 private:
  using row_visitor = std::function<checked(const node&)>;

  struct tree_walk {
    const row_visitor& visit;
    key_order order;
    tree counted{};
  };

  checked walk(const tree& of, key_order order, const row_visitor& visit) {
    tree_walk on{visit, order};
    if (of.depth > depth_max) return fail(error_code::integrity, "a table is deeper than any can be");
    if (of.root != no_page)
      if (auto walked = visit_page(on, of.root, of.depth, {}); !walked) return walked;
    const auto& counted = on.counted;
    const bool all_known = how_ == large_values::looked_at || counted.overflow_pages == 0;
    if (counted.branch_pages != of.branch_pages || counted.leaf_pages != of.leaf_pages ||
        counted.entries != of.entries || (all_known && counted.overflow_pages != of.overflow_pages))
      return fail(error_code::integrity, "a table has more or fewer pages or rows than it says");
    return {};
  }

  // A row of the tree of tables.
  checked table(const node& row) {
    if (!row.is(node_kind::table) || row.value.size() != sizeof(tree))
      return fail(error_code::integrity, "something among the tables is none");
    return walk(part_at<tree>(row.value, 0), key_order::bytes, [](const node& inner) -> checked {
      if (inner.is(node_kind::table)) return fail(error_code::integrity, "a table lies within another");
      return {};
    });
  }

  // The page and what is below it. `depth`: how many pages there are from here to the rows, this one included.
  checked visit_page(tree_walk& on, page_number number, std::uint16_t depth, const key_range& within) {
    if (depth == 0) return unfit(number, "lies deeper than its table says");
    if (auto taken = take(number, 1); !taken) return taken;
    std::vector<std::uint8_t> page(page_size_);
    if (auto got = file_.read(number * page_size_, page); !got) return got;
    const auto kind = depth > 1 ? page_kind::branch : page_kind::leaf;
    const auto nodes = nodes_of(page, number, kind);
    if (!nodes) return std::unexpected(nodes.error());
    if (auto sorted = in_order(*nodes, number, kind, within, on.order); !sorted) return sorted;
    if (kind == page_kind::leaf) return visit_leaf(on, *nodes);
    ++on.counted.branch_pages;
    for (std::size_t i = 0; i < nodes->size(); ++i) {
      const key_range below{i == 0 ? within.first : (*nodes)[i].key,
                            i + 1 < nodes->size() ? std::optional((*nodes)[i + 1].key) : within.end};
      if (auto visited = visit_page(on, (*nodes)[i].below(), static_cast<std::uint16_t>(depth - 1), below); !visited)
        return visited;
    }
    return {};
  }

  checked visit_leaf(tree_walk& on, const std::vector<node>& nodes) {
    ++on.counted.leaf_pages;
    on.counted.entries += nodes.size();
    for (const auto& row : nodes) {
      if (row.is(node_kind::large_value))
        if (auto taken = take_large(on, row); !taken) return taken;
      if (auto visited = on.visit(row); !visited) return visited;
    }
    return {};
  }

  // In the order of the page; each lies within it.
  domain::result<std::vector<node>> nodes_of(page_bytes page, page_number number, std::uint16_t kind) const {
    const auto head = part_at<page_head>(page, 0);
    if (head.number != number) return unfit(number, "is another");
    if ((head.flags & page_kind::all_on_disk) != kind) return unfit(number, "is of another kind");
    if (head.lower <= sizeof(page_head) || head.lower > head.upper || head.upper > page.size() || head.lower % 2 != 0)
      return unfit(number, "is not filled as a page is");
    std::vector<node> nodes;
    for (std::size_t at = sizeof(page_head); at < head.lower; at += sizeof(std::uint16_t)) {
      const auto found = node_at(page, part_at<std::uint16_t>(page, at), head.upper, kind);
      if (!found) return unfit(number, "holds a row that does not lie within it");
      nodes.push_back(*found);
    }
    return nodes;
  }

  static std::optional<node> node_at(page_bytes page, std::size_t offset, std::size_t least, std::uint16_t kind) {
    if (offset < least || offset + sizeof(node_head) > page.size()) return std::nullopt;
    node found{part_at<node_head>(page, offset), {}, {}};
    const auto key_begin = offset + sizeof(node_head);
    const auto key_end = key_begin + found.head.key_bytes;
    const auto value_bytes = kind == page_kind::branch          ? 0
                             : found.is(node_kind::large_value) ? sizeof(page_number)
                                                                : found.value_bytes();
    if (key_end + value_bytes > page.size()) return std::nullopt;
    found.key = {reinterpret_cast<const char*>(page.data()) + key_begin, found.head.key_bytes};
    found.value = page.subspan(key_end, value_bytes);
    return found;
  }

  // The first key of a branch is not said: what is below it begins where the branch does.
  static checked in_order(const std::vector<node>& nodes, page_number number, std::uint16_t kind,
                          const key_range& within, key_order order) {
    const std::size_t first = kind == page_kind::branch ? 1 : 0;
    if (nodes.size() <= first) return {};
    for (std::size_t i = first + 1; i < nodes.size(); ++i)
      if (!comes_before(nodes[i - 1].key, nodes[i].key, order)) return unfit(number, "has its keys in disorder");
    if (comes_before(nodes[first].key, within.first, order) ||
        (within.end && !comes_before(nodes.back().key, *within.end, order)))
      return unfit(number, "holds keys that belong elsewhere");
    return {};
  }

  checked take_large(tree_walk& on, const node& row) {
    const auto number = part_at<page_number>(row.value, 0);
    std::uint64_t pages = pages_of(row.value_bytes(), page_size_);
    if (how_ == large_values::looked_at) {
      std::array<std::uint8_t, sizeof(page_head)> bytes{};
      if (number >= used_.size()) return unfit(number, "is not in the file");
      if (auto got = file_.read(number * page_size_, bytes); !got) return got;
      const auto head = part_at<page_head>(bytes, 0);
      const auto said = head.lower | std::uint64_t{head.upper} << 16;
      // A value written twice in one transaction may have left more than it needs.
      if (head.number != number || (head.flags & page_kind::all_on_disk) != page_kind::overflow || said < pages)
        return unfit(number, "does not begin the large value that should be there");
      pages = said;
    }
    on.counted.overflow_pages += pages;
    return take(number, pages);
  }

  checked take(page_number first, std::uint64_t pages) {
    if (first < meta_pages || first >= used_.size() || pages > used_.size() - first)
      return unfit(first, "is not in the file");
    for (auto number = first; number < first + pages; ++number) {
      if (used_[number]) return unfit(number, "is used twice");
      used_[number] = true;
    }
    return {};
  }

  // A row of the tree of free pages: how many, then their numbers. LMDB may keep more room than it needs.
  checked collect_free(const node& row) {
    std::optional<std::uint64_t> left;
    if (!row.is(node_kind::large_value)) return take_free(row.value, row.value.size(), left);
    const auto begin = part_at<page_number>(row.value, 0) * page_size_ + sizeof(page_head);
    std::vector<std::uint8_t> piece(list_piece_bytes);
    for (std::size_t offset = 0; offset < row.value_bytes() && left != 0; offset += piece.size()) {
      piece.resize(std::min(list_piece_bytes, row.value_bytes() - offset));
      if (auto got = file_.read(begin + offset, piece); !got) return got;
      if (auto taken = take_free(piece, row.value_bytes(), left); !taken) return taken;
    }
    return {};
  }

  // A piece of a list of so many bytes. `left`: how many numbers are still to come; nothing before the first piece.
  checked take_free(page_bytes piece, std::size_t list_bytes, std::optional<std::uint64_t>& left) {
    std::size_t at = 0;
    if (!left) {
      if (list_bytes < sizeof(page_number) || part_at<page_number>(piece, 0) >= list_bytes / sizeof(page_number))
        return fail(error_code::integrity, "the list of free pages is none");
      left = part_at<page_number>(piece, 0);
      at = sizeof(page_number);
    }
    for (; *left > 0 && at + sizeof(page_number) <= piece.size(); at += sizeof(page_number), --*left)
      if (auto taken = take_free(part_at<page_number>(piece, at)); !taken) return taken;
    return {};
  }

  // LMDB does not write what was taken and given back in one transaction: the last ones may lie beyond the file.
  checked take_free(page_number number) {
    if (number < meta_pages || number > newest_.last_page) return unfit(number, "is listed as free and does not exist");
    const bool is_known = number < used_.size() ? used_[number] : !free_beyond_file_.insert(number).second;
    if (is_known) return unfit(number, "is listed as free, and is in use or listed twice");
    if (number < used_.size()) used_[number] = true;
    return {};
  }

  const page_file& file_;
  const meta& newest_;
  std::size_t page_size_;
  large_values how_;
  std::vector<bool> used_;
  std::set<page_number> free_beyond_file_;
};

domain::result<meta> meta_at(const page_file& file, page_number number, std::size_t page_size) {
  std::array<std::uint8_t, sizeof(page_head) + sizeof(meta)> bytes{};
  if (auto got = file.read(number * page_size, bytes); !got) return std::unexpected(got.error());
  const auto head = part_at<page_head>(bytes, 0);
  const auto found = part_at<meta>(bytes, sizeof(page_head));
  if (head.number != number || (head.flags & page_kind::all_on_disk) != page_kind::meta || found.magic != magic)
    return unfit(number, "does not begin a database");
  if (found.version != data_version) return fail(error_code::integrity, "it is of a version that is not known here");
  return found;
}

// The later of the two, which LMDB takes: transactions take turns with them. So they are of two in a row, or of none
// yet. One that has come back from exactly two transactions ago cannot be told from a head that the power has kept
// back.
domain::result<std::pair<meta, std::size_t>> newest_meta(const page_file& file) {
  const auto first = meta_at(file, 0, 0);
  if (!first) return std::unexpected(first.error());
  const std::size_t page_size = first->free_pages.padding;
  if (page_size < page_size_least || page_size > page_size_max || !std::has_single_bit(page_size))
    return unfit(0, "does not begin a database");
  const auto second = meta_at(file, 1, page_size);
  if (!second) return std::unexpected(second.error());
  const bool is_new = first->transaction == 0 && second->transaction == 0;
  const auto& newer = first->transaction < second->transaction ? *second : *first;
  const auto& older = first->transaction < second->transaction ? *first : *second;
  const bool take_turns = first->transaction % 2 == 0 && newer.transaction - older.transaction == 1;
  if (second->free_pages.padding != page_size || (!is_new && !take_turns))
    return fail(error_code::integrity, "its two heads do not belong together");
  if (newer.last_page < meta_pages - 1 || newer.last_page == no_page)
    return fail(error_code::integrity, "it ends within its heads");
  return std::pair(newer, page_size);
}

}  // namespace

checked check_pages(const std::string& file, large_values how) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return {};
  if (descriptor < 0) return fail(error_code::io, std::string("it cannot be read: ") + std::strerror(errno));
  const page_file opened(descriptor);
  if (opened.size() == 0) return {};
  const auto newest = newest_meta(opened);
  if (!newest) return std::unexpected(newest.error());
  if (opened.size() < meta_pages * newest->second) return fail(error_code::integrity, "it ends within its heads");
  return page_walk(opened, newest->first, newest->second, how).run();
}

bool may_be_given_up(std::string_view value, std::size_t page_bytes) noexcept {
  const auto* const begin = reinterpret_cast<const std::uint8_t*>(value.data()) - sizeof(page_head);
  if (reinterpret_cast<std::uintptr_t>(begin) % page_bytes != 0) return true;
  const auto head = part_at<page_head>({begin, sizeof(page_head)}, 0);
  return (head.flags & page_kind::all_on_disk) == page_kind::overflow &&
         (head.lower | std::uint64_t{head.upper} << 16) == pages_of(value.size(), page_bytes);
}

}  // namespace elsec::storage
