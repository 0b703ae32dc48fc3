#pragma once
// Whether the pages of an LMDB file are what LMDB takes them for. LMDB trusts them: a page that a disk has not written,
// or that has come back from an older copy, may name pages as free that are in use, or lead to the same page twice, and
// what is written afterwards destroys other rows. So the file is looked through before LMDB opens it.
//
// What is checked: both meta pages are of two transactions in a row; every page is reached once, says its own number
// and kind, and holds keys in order, within what the page above it promises; counts are what was counted; no page in
// use is listed as free. Values are not looked at: those are sealed.

#include "domain/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace elsec::storage {

// The first page of each large value tells how many pages it has. Looking at it costs one read for each.
enum class large_values : std::uint8_t { looked_at, passed_over };

// `file` need not exist. `integrity` says what is wrong, for an operator; `io` when it cannot be read. Nobody may write
// to it meanwhile. Reads every page but those of large values once; memory: one bit for each page, and a page for each
// level of a table.
[[nodiscard]] domain::result<void> check_pages(const std::string& file, large_values how);

// Whether the first page of a large value tells what it should: how many pages LMDB frees with it. True for a value
// that lies among others in its page. `value` as a transaction gave it, `page_bytes` the size of the file's pages.
[[nodiscard]] bool may_be_given_up(std::string_view value, std::size_t page_bytes) noexcept;

}  // namespace elsec::storage
