#include "domain/document.hpp"

#include "domain/folding.hpp"

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace elsec::domain {
namespace {

constexpr std::string_view refused_types[] = {"text/html",
                                              "application/xhtml+xml",
                                              "image/svg+xml",
                                              "text/javascript",
                                              "application/javascript",
                                              "application/x-javascript",
                                              "application/ecmascript",
                                              "application/x-msdownload",
                                              "application/x-msdos-program",
                                              "application/vnd.microsoft.portable-executable",
                                              "application/x-executable",
                                              "application/x-elf",
                                              "application/x-sharedlib",
                                              "application/x-mach-binary",
                                              "application/x-sh",
                                              "application/x-shellscript",
                                              "text/x-shellscript",
                                              "application/x-bat",
                                              "application/x-msi",
                                              "application/java-archive",
                                              "application/vnd.android.package-archive",
                                              "application/x-python-code",
                                              "text/x-python",
                                              "application/x-perl",
                                              "application/x-php",
                                              "text/vbscript",
                                              "application/hta"};

// Whatever the look into PDFs takes for a program (postal/media_type.cpp), but for images of discs: X-ray pictures
// travel as such.
constexpr std::string_view refused_extensions[] = {
    ".exe",  ".dll",  ".com",  ".scr",  ".pif",  ".cpl",  ".msi",  ".msp", ".msc", ".bat", ".cmd",
    ".ps1",  ".psm1", ".vbs",  ".vbe",  ".js",   ".jse",  ".wsf",  ".wsh", ".hta", ".reg", ".jar",
    ".html", ".htm",  ".svg",  ".sh",   ".lnk",  ".app",  ".dmg",  ".pkg", ".deb", ".rpm", ".apk",
    ".docm", ".dotm", ".xlsm", ".xltm", ".xlam", ".pptm", ".potm", ".ppsm"};

constexpr std::string_view macro_marker = ".macroenabled";

bool starts_as_program(std::string_view data) {
  using namespace std::string_view_literals;
  constexpr std::string_view magics[] = {"MZ"sv,
                                         "\x7f"
                                         "ELF"sv,
                                         "\xfe\xed\xfa\xce"sv,
                                         "\xfe\xed\xfa\xcf"sv,
                                         "\xce\xfa\xed\xfe"sv,
                                         "\xcf\xfa\xed\xfe"sv,
                                         "\xca\xfe\xba\xbe"sv,
                                         "#!"sv};
  return std::ranges::any_of(magics, [&](std::string_view magic) { return data.starts_with(magic); });
}

bool starts_as_web_page(std::string_view data) {
  if (data.starts_with("\xEF\xBB\xBF")) data.remove_prefix(3);
  const auto first = data.find_first_not_of(" \t\r\n\f");
  if (first == std::string_view::npos) return false;
  const auto start = lower_ascii(data.substr(first, 64));
  constexpr std::string_view tags[] = {"<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<svg"};
  return std::ranges::any_of(tags, [&](std::string_view tag) { return start.starts_with(tag); });
}

}  // namespace

std::string opened_name(std::string_view filename) {
  auto name = fold_case(filename);
  name.erase(name.find_last_not_of(". ") + 1);
  return name;
}

bool opens_as_pdf(std::string_view first_bytes) {
  return first_bytes.substr(0, pdf_header_within_bytes).contains("%PDF-");
}

std::string essence_of(std::string_view type) {
  auto essence = type.substr(0, type.find(';'));
  while (essence.ends_with(' ')) essence.remove_suffix(1);
  return lower_ascii(essence);
}

std::string plain_type_of(std::string_view type) {
  constexpr std::pair<std::string_view, std::string_view> other_names[] = {
      {"application/x-pdf", "application/pdf"},
      {"application/acrobat", "application/pdf"},
      {"applications/vnd.pdf", "application/pdf"},
      {"text/pdf", "application/pdf"},
      {"text/x-pdf", "application/pdf"},
      {"image/jpg", "image/jpeg"},
      {"image/pjpeg", "image/jpeg"},
      {"image/x-png", "image/png"},
      {"text/xml", "application/xml"},
      {"text/rtf", "application/rtf"},
      {"application/x-zip-compressed", "application/zip"},
      {"application/x-zip", "application/zip"},
      {"binary/octet-stream", unknown_type},
      {"application/binary", unknown_type},
      {"application/download", unknown_type},
      {"application/x-download", unknown_type},
      {"application/force-download", unknown_type},
      {"application/x-force-download", unknown_type},
      {"application/save", unknown_type},
      {"application/unknown", unknown_type},
      {"unknown/unknown", unknown_type},
  };
  auto name = essence_of(type);
  for (const auto& [other, real] : other_names)
    if (name == other) return std::string(real);
  return name;
}

std::string type_of(const document& what) {
  auto plain = plain_type_of(what.media_type);
  if (plain == unknown_type) return what.detected_type.value_or(plain);
  return plain == essence_of(what.media_type) ? what.media_type : plain;
}

std::optional<std::string> refused_as_executable(std::string_view claimed_type, std::string_view filename,
                                                 std::string_view first_bytes) {
  const auto type = essence_of(claimed_type);
  const auto name = opened_name(filename);
  if (std::ranges::find(refused_types, type) != std::end(refused_types) || type.contains(macro_marker))
    return "this media type can carry programs; send a PDF instead";
  if (std::ranges::any_of(refused_extensions, [&](std::string_view ending) { return name.ends_with(ending); }))
    return "files with this ending can carry programs; send a PDF instead";
  if (starts_as_program(first_bytes)) return "the content is a program or script; send a PDF instead";
  if (starts_as_web_page(first_bytes)) return "the content is a web page; send a PDF instead";
  return std::nullopt;
}

namespace {

template <class Record>
using members_of = boost::describe::describe_members<Record, boost::describe::mod_public>;

template <class Member>
struct has_name_of {
  template <class Other>
  using fn = std::bool_constant<std::string_view(Member::name) == std::string_view(Other::name)>;
};

template <class To, class From>
void show(To& to, const From& from) {
  if constexpr (std::is_assignable_v<To&, const From&>)
    to = from;
  else if constexpr (requires { from.has_value(); })
    from ? show(to, *from) : to.reset();
  else
    to = from.str();
}

}  // namespace

void document::take(const letterhead& travelled) {
  boost::mp11::mp_for_each<members_of<letterhead>>([&](auto member) {
    using named_so = boost::mp11::mp_copy_if_q<members_of<document>, has_name_of<decltype(member)>>;
    static_assert(boost::mp11::mp_size<named_so>::value == 1, "a document shows every member of the letterhead");
    show(this->*boost::mp11::mp_front<named_so>::pointer, travelled.*decltype(member)::pointer);
  });
}

void become_dispatched(document_row& document, time_point closes_at) {
  if (document.state == document_state::closed) return;
  if (document.from)
    document.passed_on = true;
  else if (document.state != document_state::quarantined)
    document.state = document_state::dispatched;
  const bool sent_before = document.closes_because == close_reason::retention;
  document.closes_at = sent_before ? std::max(document.closes_at, closes_at) : closes_at;
  document.closes_because = close_reason::retention;
}

}  // namespace elsec::domain
