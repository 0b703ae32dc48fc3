#pragma once
// Making PDFs, good and bad, and looking at printed pages.

#include "postal/findings.hpp"
#include "postal/worker.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::postal {

// Found by argument-dependent lookup when a check fails.
std::ostream& operator<<(std::ostream& out, finding_code code);

}  // namespace elsec::postal

namespace elsec::postal::testing {

class temp_folder {
 public:
  temp_folder();
  ~temp_folder();
  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;
  [[nodiscard]] std::string in(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

void write_file(const std::string& path, std::span<const std::uint8_t> data);
[[nodiscard]] domain::bytes read_file(const std::string& path);
[[nodiscard]] domain::bytes to_bytes(std::string_view text);
[[nodiscard]] bool holds(std::span<const std::uint8_t> data, std::string_view text);

// What a command prints; the test fails when the command does.
[[nodiscard]] std::string output_of(const std::string& command);

// ---- making PDFs ----

// A PDF written object by object, so that it can be wrong in any way.
class raw_pdf {
 public:
  int add(const std::string& body);  // the object's number
  int add_stream(const std::string& entries, const std::string& data);
  void set(int number, const std::string& body);
  [[nodiscard]] domain::bytes finish(int root, const std::string& trailer = "") const;

 private:
  std::vector<std::string> bodies_;
};

struct page_plan {
  double width_pt = 595.276;
  double height_pt = 841.89;
  std::string content;    // operators
  std::string entries;    // of the page dictionary, besides MediaBox, Contents and Resources
  std::string media_box;  // instead of the size
  std::string resources = "<< >>";
};

// `objects` are added after the catalog (object 1) and the page tree (object 2): their numbers start at 3.
[[nodiscard]] domain::bytes make_pdf(const std::vector<page_plan>& pages, const std::string& catalog = "",
                                     const std::vector<std::string>& objects = {});

// A page of this size with a black bar, a twentieth of the height, along its upper edge.
[[nodiscard]] page_plan page_with_bar(double width_pt, double height_pt, const std::string& entries = "");
[[nodiscard]] domain::bytes simple_pdf(std::size_t pages = 1);

// The same, encrypted: for who knows this user password (empty: anybody), with an owner password.
[[nodiscard]] domain::bytes locked_pdf(const domain::bytes& plain, const std::string& user_password,
                                       const std::string& options = "");

[[nodiscard]] std::string deflated(const std::string& data);

// ---- looking at pages ----

// A printed page in grey.
struct image {
  int width = 0;
  int height = 0;
  double dpi = 0;
  std::vector<std::uint8_t> pixels;

  // True when a pixel inside (millimetres from the top left) is not white.
  [[nodiscard]] bool ink_in(double left_mm, double top_mm, double right_mm, double bottom_mm) const;
};

struct ink_box {
  double left_mm = 0, top_mm = 0, right_mm = 0, bottom_mm = 0;
};

[[nodiscard]] std::vector<image> print(const domain::bytes& pdf, int dpi);
[[nodiscard]] ink_box ink_of(const image& page);

struct word {
  std::string text;
  double left_mm = 0, top_mm = 0, right_mm = 0, bottom_mm = 0;
};
[[nodiscard]] std::vector<word> words_of(const domain::bytes& pdf);

[[nodiscard]] cover example_cover();

}  // namespace elsec::postal::testing
