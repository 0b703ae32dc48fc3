#include "postal/pdf_file.hpp"

#include <qpdf/Pipeline.hh>
#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace elsec::postal {

namespace {

// Takes the first bytes and then stops the decoding, so that a stream that expands without end costs nothing.
class prefix_sink : public Pipeline {
 public:
  explicit prefix_sink(std::size_t bytes_max) : Pipeline("prefix", nullptr), bytes_max_(bytes_max) {}
  void write(unsigned char const* data, std::size_t length) override {
    const std::size_t taken = std::min(length, bytes_max_ - bytes.size());
    bytes.insert(bytes.end(), data, data + taken);
    if (bytes.size() == bytes_max_) throw std::runtime_error("enough");
  }
  void finish() override {}

  domain::bytes bytes;

 private:
  std::size_t bytes_max_;
};

// The packets of an XFA form that may configure it: the one named so, or all of them in one stream.
std::vector<QPDFObjectHandle> form_configuration(QPDFObjectHandle packets) {
  std::vector<QPDFObjectHandle> found;
  if (packets.isStream()) found.push_back(packets);
  if (!packets.isArray()) return found;
  const auto parts = packets.getArrayAsVector();
  for (std::size_t i = 0; i + 1 < parts.size() && found.empty(); i += 2) {
    QPDFObjectHandle name = parts[i];
    QPDFObjectHandle packet = parts[i + 1];
    if (name.isString() && name.getUTF8Value() == "config" && packet.isStream()) found.push_back(packet);
  }
  return found;
}

// A form without pages of its own: they exist only in a viewer that runs it, and what the file holds instead says
// "please wait". It says so in its catalog, or only in the form's configuration (XFA 3.3, dynamicRender).
bool needs_rendering(QPDF& pdf) {
  QPDFObjectHandle flag = pdf.getRoot().getKey("/NeedsRendering");
  if (flag.isBool() && flag.getBoolValue()) return true;
  QPDFObjectHandle form = pdf.getRoot().getKey("/AcroForm");
  if (!form.isDictionary()) return false;
  constexpr std::size_t packet_bytes_max = std::size_t{1} << 20U;
  constexpr std::string_view wanted = "<dynamicRender>required<";
  const auto packets = form_configuration(form.getKey("/XFA"));
  return std::any_of(packets.begin(), packets.end(), [&](const QPDFObjectHandle& packet) {
    const auto xml = read_prefix(packet, packet_bytes_max);
    return std::search(xml.begin(), xml.end(), wanted.begin(), wanted.end()) != xml.end();
  });
}

}  // namespace

findings reasons_against_paper(const opened_pdf& opened) {
  findings reasons;
  if (opened.damaged) add(reasons, finding_code::damaged);
  if (needs_rendering(*opened.pdf)) add(reasons, finding_code::dynamic_form);
  if (QPDFPageDocumentHelper(*opened.pdf).getAllPages().empty()) add(reasons, finding_code::no_pages);
  return reasons;
}

std::expected<opened_pdf, finding_code> open_pdf(std::span<const std::uint8_t> file) {
  try {
    opened_pdf opened{.pdf = QPDF::create()};
    opened.pdf->setSuppressWarnings(true);
    opened.pdf->processMemoryFile("letter", reinterpret_cast<const char*>(file.data()), file.size());
    const auto warnings = opened.pdf->getWarnings();
    opened.damaged = std::any_of(warnings.begin(), warnings.end(),
                                 [](const QPDFExc& warning) { return warning.getErrorCode() == qpdf_e_damaged_pdf; });
    return opened;
  } catch (const QPDFExc& e) {
    const bool locked = e.getErrorCode() == qpdf_e_password;
    return std::unexpected(locked ? finding_code::encrypted : finding_code::unreadable);
  } catch (const std::exception&) {
    return std::unexpected(finding_code::unreadable);
  }
}

domain::bytes read_prefix(QPDFObjectHandle stream, std::size_t bytes_max) {
  prefix_sink sink(bytes_max);
  try {
    stream.pipeStreamData(&sink, 0, qpdf_dl_generalized, true);
  } catch (const std::exception&) {
    // Stopped on purpose, or damaged: what came so far is the answer.
  }
  return std::move(sink.bytes);
}

}  // namespace elsec::postal
