#include "tests/system/files.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <vector>

namespace elsec::system_test {
namespace {

std::string stream_object(std::string_view data) {
  return fmt::format("<< /Length {} >>\nstream\n{}\nendstream", data.size(), data);
}

// Object 1 is the catalogue.
std::string write_pdf(const std::vector<std::string>& objects) {
  std::string text = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";
  std::string table = fmt::format("xref\n0 {}\n0000000000 65535 f \n", objects.size() + 1);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    table += fmt::format("{:010} 00000 n \n", text.size());
    text += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  return fmt::format("{}{}trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", text, table, objects.size() + 1,
                     text.size());
}

std::string write_pages(std::string_view text, unsigned pages, std::string_view catalogue_more, std::string padding) {
  constexpr unsigned first_page = 5;
  std::vector<std::string> objects{fmt::format("<< /Type /Catalog /Pages 2 0 R {} >>", catalogue_more), "",
                                   "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", stream_object(padding)};
  std::string kids;
  for (unsigned i = 0; i < pages; ++i) {
    const auto number = first_page + 2 * i;
    kids += fmt::format("{} 0 R ", number);
    objects.push_back(
        fmt::format("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.276 841.89] /Contents {} 0 R "
                    "/Resources << /Font << /F1 3 0 R >> >> >>",
                    number + 1));
    objects.push_back(stream_object(fmt::format("BT /F1 12 Tf 72 700 Td ({}, page {}) Tj ET", text, i + 1)));
  }
  objects[1] = fmt::format("<< /Type /Pages /Count {} /Kids [{}] >>", pages, kids);
  return write_pdf(objects);
}

std::array<unsigned char, 32> sha256(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  BOOST_REQUIRE(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
  return digest;
}

}  // namespace

std::string pdf(std::string_view text, unsigned pages, std::size_t padding_bytes) {
  return write_pages(text, pages, "", noise(padding_bytes));
}

std::string pdf_with_javascript() {
  return write_pages("script", 1, "/OpenAction << /Type /Action /S /JavaScript /JS (app.alert\\(1\\)) >>", {});
}

std::string damaged_pdf() {
  auto text = pdf("damaged");
  const auto at = text.rfind("startxref\n") + 10;
  return text.replace(at, text.find('\n', at) - at, "7");
}

std::string truncated_pdf() {
  const auto whole = pdf("truncated");
  return whole.substr(0, whole.find("/Type /Font"));
}

std::string noise(std::size_t size_bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(size_bytes, '\0');
  for (auto& each : bytes) each = static_cast<char>(random() & 0xFFU);
  return bytes;
}

std::string windows_program() {
  constexpr std::size_t header_at = 0x80;
  std::string bytes(1'024, '\0');
  bytes.replace(0, 2, "MZ");
  bytes[0x3C] = static_cast<char>(header_at);
  bytes.replace(header_at, 4, std::string_view("PE\0\0", 4));
  return bytes;
}

std::string sha256_hex(std::string_view bytes) {
  std::string hex;
  for (const auto each : sha256(bytes)) hex += fmt::format("{:02x}", each);
  return hex;
}

std::string sha256_base64(std::string_view bytes) {
  const auto digest = sha256(bytes);
  std::array<unsigned char, 45> text{};
  const auto size = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)};
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  BOOST_REQUIRE_MESSAGE(file, path + " cannot be read");
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

}  // namespace elsec::system_test
