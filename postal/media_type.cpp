#include "postal/media_type.hpp"

#include "domain/document.hpp"
#include "domain/folding.hpp"

#include <algorithm>
#include <array>
#include <magic.h>

namespace elsec::postal {

namespace {

using domain::unknown_type;
// libmagic's own bound; more would not be looked at.
constexpr std::size_t looked_at_bytes_max = std::size_t{7} << 20U;

using list = std::span<const std::string_view>;

bool contains(list types, std::string_view type) { return std::find(types.begin(), types.end(), type) != types.end(); }

constexpr std::array<std::string_view, 35> executable_types{"application/x-dosexec",
                                                            "application/vnd.microsoft.portable-executable",
                                                            "application/x-executable",
                                                            "application/x-pie-executable",
                                                            "application/x-sharedlib",
                                                            "application/x-object",
                                                            "application/x-mach-binary",
                                                            "application/java-archive",
                                                            "application/x-java-applet",
                                                            "application/x-msi",
                                                            "application/x-ms-shortcut",
                                                            "application/x-chrome-extension",
                                                            "application/vnd.android.package-archive",
                                                            "application/x-debian-package",
                                                            "application/vnd.debian.binary-package",
                                                            "application/x-rpm",
                                                            "application/javascript",
                                                            "application/x-bat",
                                                            "application/x-powershell",
                                                            "application/hta",
                                                            "application/xhtml+xml",
                                                            "text/html",
                                                            "text/javascript",
                                                            "text/x-shellscript",
                                                            "text/x-msdos-batch",
                                                            "text/x-python",
                                                            "text/x-script.python",
                                                            "text/x-perl",
                                                            "text/x-ruby",
                                                            "text/x-php",
                                                            "text/x-lua",
                                                            "text/x-tcl",
                                                            "text/x-awk",
                                                            "application/x-ms-dos-executable",
                                                            "application/x-elc"};

constexpr std::array<std::string_view, 37> executable_extensions{
    "exe", "com", "scr", "pif", "bat", "cmd", "ps1", "psm1", "vbs",  "vbe",  "js",  "jse", "wsf",
    "wsh", "hta", "msi", "msp", "msc", "jar", "cpl", "dll",  "lnk",  "reg",  "app", "dmg", "pkg",
    "deb", "rpm", "sh",  "apk", "iso", "img", "vhd", "docm", "xlsm", "pptm", "dotm"};

// Text that is not text/…
constexpr std::array<std::string_view, 9> textual_types{
    "application/json", "application/xml",     "application/x-ndjson", "application/csv",      "application/rtf",
    "message/rfc822",   "application/edifact", "application/edi-x12",  "application/fhir+json"};

// What libmagic recognises without fail: when one of these is claimed, it must be found.
constexpr std::array<std::string_view, 7> certain_types{"application/pdf", "image/png",  "image/jpeg",     "image/gif",
                                                        "image/tiff",      "image/webp", "application/zip"};

bool is_text(std::string_view type) {
  return type.starts_with("text/") || type.ends_with("+xml") || type.ends_with("+json") ||
         contains(textual_types, type);
}

bool is_zip_based(std::string_view type) {
  return type == "application/zip" || type.starts_with("application/vnd.openxmlformats-") ||
         type.starts_with("application/vnd.oasis.opendocument.") || type == "application/epub+zip" ||
         type.ends_with("+zip") || type.ends_with(".macroenabled.12");
}

bool is_ole_based(std::string_view type) {
  return type == "application/x-ole-storage" || type == "application/cdfv2" || type == "application/msword" ||
         type.starts_with("application/vnd.ms-");
}

}  // namespace

domain::result<type_detector> type_detector::open() {
  const magic_t cookie = magic_open(MAGIC_MIME_TYPE | MAGIC_ERROR);
  if (cookie == nullptr) return domain::fail(domain::error_code::internal, "libmagic cannot be started.");
  std::shared_ptr<void> owner(cookie, [](void* p) { magic_close(static_cast<magic_t>(p)); });
  if (magic_load(cookie, nullptr) != 0)
    return domain::fail(domain::error_code::internal, "The database of libmagic cannot be loaded.");
  return type_detector(std::move(owner));
}

std::string type_detector::detect(std::span<const std::uint8_t> content) const {
  if (content.empty()) return "application/x-empty";
  const char* type =
      magic_buffer(static_cast<magic_t>(cookie_.get()), content.data(), std::min(content.size(), looked_at_bytes_max));
  return type == nullptr ? std::string(unknown_type) : domain::plain_type_of(type);
}

bool agrees(std::string_view claimed_type, std::string_view detected_type) {
  const std::string claimed = domain::plain_type_of(claimed_type);
  const std::string detected = domain::plain_type_of(detected_type);
  if (claimed.empty() || claimed == unknown_type || claimed == detected) return true;
  if (is_executable_type(detected)) return false;
  if (is_text(claimed)) return is_text(detected) || detected == "application/x-empty";
  if (is_zip_based(claimed) && is_zip_based(detected)) return true;
  if (is_ole_based(claimed) && is_ole_based(detected)) return true;
  // Word and Excel files of both generations are claimed with either name.
  if (is_ole_based(claimed) && is_zip_based(detected)) return detected != "application/zip";
  // Special formats (images of devices, vendors' archives) that libmagic does not know.
  const bool checkable = contains(certain_types, claimed) || is_zip_based(claimed) || is_ole_based(claimed);
  return detected == unknown_type && !checkable;
}

bool is_executable_type(std::string_view detected) { return contains(executable_types, detected); }

bool is_executable_name(std::string_view file_name) {
  const auto name = domain::opened_name(file_name);
  const std::size_t dot = name.rfind('.');
  return dot != std::string::npos && contains(executable_extensions, std::string_view(name).substr(dot + 1));
}

}  // namespace elsec::postal
