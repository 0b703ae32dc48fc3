#include "tests/postal/support.hpp"

#include <qpdf/Pl_Buffer.hh>
#include <qpdf/Pl_Flate.hh>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <sstream>
#include <unistd.h>

namespace elsec::postal {

std::ostream& operator<<(std::ostream& out, finding_code code) {
  return out << boost::describe::enum_to_string(code, "?");
}

}  // namespace elsec::postal

namespace elsec::postal::testing {

temp_folder::temp_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "elsec-postal-XXXXXX").string();
  BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

temp_folder::~temp_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::string& path, std::span<const std::uint8_t> data) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(data.data()), static_cast<std::streamsize>(data.size()));
}

domain::bytes read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return domain::bytes(std::istreambuf_iterator<char>(file), {});
}

domain::bytes to_bytes(std::string_view text) { return {text.begin(), text.end()}; }

bool holds(std::span<const std::uint8_t> data, std::string_view text) {
  const std::string_view all(reinterpret_cast<const char*>(data.data()), data.size());
  return all.find(text) != std::string_view::npos;
}

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  BOOST_REQUIRE(pipe != nullptr);
  std::string text;
  std::array<char, 4096> part{};
  while (const std::size_t got = std::fread(part.data(), 1, part.size(), pipe)) text.append(part.data(), got);
  BOOST_REQUIRE_MESSAGE(::pclose(pipe) == 0, command);
  return text;
}

int raw_pdf::add(const std::string& body) {
  bodies_.push_back(body);
  return static_cast<int>(bodies_.size());
}

int raw_pdf::add_stream(const std::string& entries, const std::string& data) {
  return add("<< " + entries + " /Length " + std::to_string(data.size()) + " >>\nstream\n" + data + "\nendstream");
}

void raw_pdf::set(int number, const std::string& body) { bodies_.at(static_cast<std::size_t>(number - 1)) = body; }

domain::bytes raw_pdf::finish(int root, const std::string& trailer) const {
  std::string out = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";
  std::string table = "0000000000 65535 f \n";
  for (std::size_t i = 0; i < bodies_.size(); ++i) {
    std::array<char, 32> line{};
    std::snprintf(line.data(), line.size(), "%010zu 00000 n \n", out.size());
    table += line.data();
    out += std::to_string(i + 1) + " 0 obj\n" + bodies_[i] + "\nendobj\n";
  }
  const std::size_t start = out.size();
  const std::string size = std::to_string(bodies_.size() + 1);
  out += "xref\n0 " + size + "\n" + table + "trailer\n<< /Size " + size + " /Root " + std::to_string(root) + " 0 R " +
         trailer + " >>\nstartxref\n" + std::to_string(start) + "\n%%EOF\n";
  return to_bytes(out);
}

domain::bytes make_pdf(const std::vector<page_plan>& pages, const std::string& catalog,
                       const std::vector<std::string>& objects) {
  raw_pdf pdf;
  const int root = pdf.add("<< /Type /Catalog /Pages 2 0 R " + catalog + " >>");
  const int tree = pdf.add("");
  for (const std::string& object : objects) pdf.add(object);
  std::string kids;
  for (const page_plan& plan : pages) {
    const int contents = pdf.add_stream("", plan.content);
    const std::string box = plan.media_box.empty()
                                ? "[0 0 " + std::to_string(plan.width_pt) + " " + std::to_string(plan.height_pt) + "]"
                                : plan.media_box;
    kids += std::to_string(pdf.add("<< /Type /Page /Parent 2 0 R /MediaBox " + box + " /Resources " + plan.resources +
                                   " /Contents " + std::to_string(contents) + " 0 R " + plan.entries + " >>")) +
            " 0 R ";
  }
  pdf.set(tree, "<< /Type /Pages /Count " + std::to_string(pages.size()) + " /Kids [" + kids + "] >>");
  return pdf.finish(root);
}

page_plan page_with_bar(double width_pt, double height_pt, const std::string& entries) {
  page_plan plan{.width_pt = width_pt, .height_pt = height_pt};
  plan.content = "0 g 0 " + std::to_string(height_pt * 0.95) + " " + std::to_string(width_pt) + " " +
                 std::to_string(height_pt * 0.05) + " re f";
  plan.entries = entries;
  return plan;
}

domain::bytes simple_pdf(std::size_t pages) {
  return make_pdf(std::vector<page_plan>(pages, page_plan{.content = "0 g 100 400 200 100 re f"}));
}

domain::bytes locked_pdf(const domain::bytes& plain, const std::string& user_password, const std::string& options) {
  const temp_folder folder;
  write_file(folder.in("plain.pdf"), plain);
  (void)output_of("qpdf --encrypt '" + user_password + "' owner 256 " + options + " -- " + folder.in("plain.pdf") +
                  " " + folder.in("locked.pdf"));
  return read_file(folder.in("locked.pdf"));
}

std::string deflated(const std::string& data) {
  Pl_Buffer packed("packed");
  Pl_Flate pack("pack", &packed, Pl_Flate::a_deflate);
  pack.writeString(data);
  pack.finish();
  const auto buffer = packed.getBufferSharedPointer();
  return {reinterpret_cast<const char*>(buffer->getBuffer()), buffer->getSize()};
}

bool image::ink_in(double left_mm, double top_mm, double right_mm, double bottom_mm) const {
  const auto pixel = [&](double mm) { return static_cast<int>(mm / 25.4 * dpi); };
  constexpr std::uint8_t white = 250;  // rounding in the renderer's blending
  for (int y = std::max(0, pixel(top_mm)); y < std::min(height, pixel(bottom_mm)); ++y)
    for (int x = std::max(0, pixel(left_mm)); x < std::min(width, pixel(right_mm)); ++x)
      if (pixels[static_cast<std::size_t>(y * width + x)] < white) return true;
  return false;
}

namespace {

// Binary PGM, as pdftoppm writes it: "P5", width, height, maximum, one white space, pixels.
image read_pgm(const std::string& path, int dpi) {
  std::ifstream file(path, std::ios::binary);
  std::string magic;
  int maximum = 0;
  image page{.dpi = static_cast<double>(dpi)};
  file >> magic >> page.width >> page.height >> maximum;
  BOOST_REQUIRE_EQUAL(magic, "P5");
  file.get();
  page.pixels.resize(static_cast<std::size_t>(page.width * page.height));
  file.read(reinterpret_cast<char*>(page.pixels.data()), static_cast<std::streamsize>(page.pixels.size()));
  return page;
}

}  // namespace

std::vector<image> print(const domain::bytes& pdf, int dpi) {
  const temp_folder folder;
  write_file(folder.in("letter.pdf"), pdf);
  const std::string command =
      "pdftoppm -gray -r " + std::to_string(dpi) + " " + folder.in("letter.pdf") + " " + folder.in("page") + " 2>&1";
  BOOST_REQUIRE_EQUAL(output_of(command), "");
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder.in("")))
    if (entry.path().extension() == ".pgm") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  std::vector<image> pages;
  for (const std::string& file : files) pages.push_back(read_pgm(file, dpi));
  return pages;
}

ink_box ink_of(const image& page) {
  int left = page.width, top = page.height, right = -1, bottom = -1;
  for (int y = 0; y < page.height; ++y)
    for (int x = 0; x < page.width; ++x)
      if (page.pixels[static_cast<std::size_t>(y * page.width + x)] < 128) {
        left = std::min(left, x), right = std::max(right, x + 1);
        top = std::min(top, y), bottom = std::max(bottom, y + 1);
      }
  const auto mm = [&](int pixel) { return pixel * 25.4 / page.dpi; };
  return {mm(left), mm(top), mm(right), mm(bottom)};
}

std::vector<word> words_of(const domain::bytes& pdf) {
  const temp_folder folder;
  write_file(folder.in("letter.pdf"), pdf);
  std::istringstream lines(output_of("pdftotext -bbox " + folder.in("letter.pdf") + " -"));
  std::vector<word> words;
  std::string line;
  while (std::getline(lines, line)) {
    word found;
    const char* format = " <word xMin=\"%lf\" yMin=\"%lf\" xMax=\"%lf\" yMax=\"%lf\">";
    if (std::sscanf(line.c_str(), format, &found.left_mm, &found.top_mm, &found.right_mm, &found.bottom_mm) != 4)
      continue;
    for (double* value : {&found.left_mm, &found.top_mm, &found.right_mm, &found.bottom_mm}) *value *= 25.4 / 72;
    const std::size_t begin = line.find("\">") + 2;
    found.text = line.substr(begin, line.find("</word>") - begin);
    words.push_back(found);
  }
  return words;
}

cover example_cover() {
  return {.sender_line = "Klinik Musterstadt, Am Tor 1, 12345 Musterstadt",
          .recipient_lines = {"Frau Erika Beispiel", "Ringweg 7", "53115 Musterhausen"},
          .subject = "Entlassungsbrief",
          .date = "23.11.2026",
          .reference = "2026-0815",
          .letter_id = "ltr_01J9ZQ6Z7N2M4X8K3V5T1R0B9C",
          .notes = {"Ansprechpartnerin: Dr. Anna Muster, Telefon 0228 123456"}};
}

}  // namespace elsec::postal::testing
