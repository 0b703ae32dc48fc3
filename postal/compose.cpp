#include "postal/compose.hpp"

#include "postal/layers.hpp"
#include "postal/page.hpp"
#include "postal/page_fit.hpp"
#include "postal/pdf_file.hpp"

#include <qpdf/QPDFAcroFormDocumentHelper.hh>
#include <qpdf/QPDFAnnotationObjectHelper.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFWriter.hh>

#include <exception>

namespace elsec::postal {

namespace {

using pages = std::vector<QPDFPageObjectHelper>;

// A field that shows its value on the screen belongs on paper, too; many programs forget to say so.
void let_fields_print(const pages& all) {
  for (QPDFPageObjectHelper page : all)
    for (QPDFAnnotationObjectHelper field : page.getAnnotations("/Widget"))
      if ((field.getFlags() & (an_invisible | an_hidden | an_no_view)) == 0)
        field.getObjectHandle().replaceKey("/F", QPDFObjectHandle::newInteger(field.getFlags() | an_print));
}

QPDFObjectHandle empty_appearance(QPDF& pdf, const QPDFObjectHandle::Rectangle& field) {
  QPDFObjectHandle look = pdf.newStream("/Tx BMC EMC");
  const QPDFObjectHandle::Rectangle box(0, 0, field.urx - field.llx, field.ury - field.lly);
  look.getDict().replaceKey("/Type", QPDFObjectHandle::newName("/XObject"));
  look.getDict().replaceKey("/Subtype", QPDFObjectHandle::newName("/Form"));
  look.getDict().replaceKey("/BBox", QPDFObjectHandle::newArray(box));
  return look;
}

// Draws the values of fields whose program left that to the viewer. qpdf draws only where there is a place for it, and
// does so on the fly whenever the stream is read, which copying into another file does not do.
void draw_values(QPDF& pdf, const pages& all) {
  QPDFAcroFormDocumentHelper form(pdf);
  if (!form.getNeedAppearances()) return;
  std::vector<QPDFObjectHandle> looks;
  for (QPDFPageObjectHelper page : all)
    for (QPDFAnnotationObjectHelper field : page.getAnnotations("/Widget")) {
      const std::string kind = form.getFieldForAnnotation(field).getFieldType();
      if (kind != "/Tx" && kind != "/Ch") continue;
      QPDFObjectHandle look = field.getAppearanceStream("/N");
      if (!look.isStream()) {
        look = empty_appearance(pdf, field.getRect());
        QPDFObjectHandle normal = QPDFObjectHandle::newDictionary();
        normal.replaceKey("/N", look);
        field.getObjectHandle().replaceKey("/AP", normal);
      }
      if (!look.getDict().getKey("/Resources").isDictionary())
        look.getDict().replaceKey("/Resources", QPDFObjectHandle::newDictionary());
      looks.push_back(look);
    }
  form.generateAppearancesIfNeeded();
  for (QPDFObjectHandle& look : looks)
    look.replaceStreamData(look.getStreamData(), QPDFObjectHandle::newNull(), QPDFObjectHandle::newNull());
}

// Filled forms, stamps and marks become part of the pages.
void flatten(QPDF& pdf, const pages& all) {
  draw_values(pdf, all);
  let_fields_print(all);
  QPDFPageDocumentHelper(pdf).flattenAnnotations(an_print, an_invisible | an_hidden);
}

class letter {
 public:
  letter() { joined_.emptyPDF(); }

  // Opens a document and counts its pages, but takes none yet.
  std::expected<void, finding_code> open(std::span<const std::uint8_t> file) {
    auto opened = open_pdf(file);
    if (!opened) return std::unexpected(opened.error());
    if (const auto reasons = reasons_against_paper(*opened); !reasons.empty()) return std::unexpected(reasons.front());
    const std::size_t count = QPDFPageDocumentHelper(*opened->pdf).getAllPages().size();
    if (count > pages_max) return std::unexpected(finding_code::too_many_pages);
    page_count_ += static_cast<std::uint32_t>(count);
    // Streams are copied when the letter is written: the sources must live until then.
    sources_.push_back(opened->pdf);
    return {};
  }

  void append(std::size_t document) {
    QPDF& source = *sources_[document];
    QPDFPageDocumentHelper document_pages(source);
    flatten(source, document_pages.getAllPages());
    layers_.take(joined_, source);
    for (const QPDFPageObjectHelper& page : document_pages.getAllPages())
      joined_.addPage(joined_.makeIndirectObject(fit_page(joined_, source, page)), false);
  }

  void write(Pipeline& out) {
    layers_.put(joined_);
    QPDFWriter writer(joined_);
    writer.setOutputPipeline(&out);
    writer.setMinimumPDFVersion("1.7");
    writer.setObjectStreamMode(qpdf_o_disable);
    writer.setDecodeLevel(qpdf_dl_none);
    // An identifier made from the content, so that a letter composed again is the same letter.
    writer.setDeterministicID(true);
    writer.write();
  }

  [[nodiscard]] std::uint32_t page_count() const { return page_count_; }

 private:
  std::vector<std::shared_ptr<QPDF>> sources_;
  QPDF joined_;
  layers layers_;
  std::uint32_t page_count_ = 0;
};

template <class Step>
std::expected<void, refusal> attempt(std::size_t document, Step step) {
  try {
    const std::expected<void, finding_code> done = step();
    if (!done) return std::unexpected(refusal{done.error(), static_cast<std::uint32_t>(document)});
    return {};
  } catch (const std::exception&) {
    return std::unexpected(refusal{finding_code::unreadable, static_cast<std::uint32_t>(document)});
  }
}

}  // namespace

std::expected<std::uint32_t, refusal> compose_letter(std::span<const std::uint8_t> cover_pdf,
                                                     const std::vector<std::span<const std::uint8_t>>& documents,
                                                     Pipeline& out) {
  letter joined;
  std::vector<std::span<const std::uint8_t>> parts{cover_pdf};
  parts.insert(parts.end(), documents.begin(), documents.end());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (auto ok = attempt(i, [&] { return joined.open(parts[i]); }); !ok) return std::unexpected(ok.error());
    if (joined.page_count() > pages_max) return std::unexpected(refusal{finding_code::too_many_pages, 0});
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto append = [&]() -> std::expected<void, finding_code> {
      joined.append(i);
      return {};
    };
    if (auto ok = attempt(i, append); !ok) return std::unexpected(ok.error());
  }
  joined.write(out);
  return joined.page_count();
}

}  // namespace elsec::postal
