#include "postal/pdf_file.hpp"

#include <qpdf/Pipeline.hh>
#include <qpdf/QPDFExc.hh>

#include <algorithm>
#include <stdexcept>

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

}  // namespace

std::expected<opened_pdf, finding_code> open_pdf(std::span<const std::uint8_t> file) {
  try {
    opened_pdf opened{.pdf = QPDF::create()};
    opened.pdf->setSuppressWarnings(true);
    opened.pdf->processMemoryFile("letter", reinterpret_cast<const char*>(file.data()), file.size());
    opened.encrypted = opened.pdf->isEncrypted();
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
