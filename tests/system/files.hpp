#pragma once
// Files to send: good ones, and ones that must be refused.

#include <string>
#include <string_view>

namespace elsec::system_test {

// A valid PDF of A4 pages with a line of text each. `padding_bytes` of an unused stream make it larger.
[[nodiscard]] std::string pdf(std::string_view text, unsigned pages = 1, std::size_t padding_bytes = 0);
// A valid PDF that runs JavaScript when it is opened.
[[nodiscard]] std::string pdf_with_javascript();
// A PDF with a wrong table of objects, which viewers repair and printers must not guess at.
[[nodiscard]] std::string damaged_pdf();
// Starts like a PDF and ends in the middle of its first page.
[[nodiscard]] std::string truncated_pdf();
// Bytes without any structure, the same for the same seed.
[[nodiscard]] std::string noise(std::size_t size_bytes, unsigned seed = 1);
// The head of a Windows program.
[[nodiscard]] std::string windows_program();

[[nodiscard]] std::string sha256_hex(std::string_view bytes);
[[nodiscard]] std::string sha256_base64(std::string_view bytes);
[[nodiscard]] std::string read_file(const std::string& path);

}  // namespace elsec::system_test
